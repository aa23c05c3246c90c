import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nextSlot,
  previousSlot,
  scheduleProblem,
  shortestGap,
  slotJitter,
  slotsBetween,
} from '../../src/domain/schedule.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const at = (text: string): number => Date.parse(text);
const iso = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString().replace('.000Z', 'Z');

/** Zone, pattern, after, and the slots that follow. */
const SLOTS: readonly (readonly [string, string, string, string, readonly string[]])[] = [
  [
    'a fixed time in the gap runs at its end',
    'Europe/Berlin',
    '30 2 * * *',
    '2024-03-29T12:00:00Z',
    ['2024-03-30T01:30:00Z', '2024-03-31T01:00:00Z', '2024-04-01T00:30:00Z'],
  ],
  [
    'a fixed time that occurs twice runs once, the first time',
    'Europe/Berlin',
    '30 2 * * *',
    '2024-10-26T12:00:00Z',
    ['2024-10-27T00:30:00Z', '2024-10-28T01:30:00Z'],
  ],
  [
    'an interval skips the gap',
    'Europe/Berlin',
    '*/30 * * * *',
    '2024-03-31T00:15:00Z',
    ['2024-03-31T00:30:00Z', '2024-03-31T01:00:00Z', '2024-03-31T01:30:00Z'],
  ],
  [
    'an interval runs in both passes of a repeated hour',
    'Europe/Berlin',
    '0,30 2 * * *',
    '2024-10-26T12:00:00Z',
    ['2024-10-27T00:00:00Z', '2024-10-27T00:30:00Z', '2024-10-27T01:00:00Z', '2024-10-27T01:30:00Z'],
  ],
  [
    'a fixed time in the gap runs at its end',
    'America/New_York',
    '15 2 * * *',
    '2024-03-09T12:00:00Z',
    ['2024-03-10T07:00:00Z', '2024-03-11T06:15:00Z'],
  ],
  [
    'a fixed time that occurs twice runs once',
    'America/New_York',
    '15 1 * * *',
    '2024-11-02T12:00:00Z',
    ['2024-11-03T05:15:00Z', '2024-11-04T06:15:00Z'],
  ],
  [
    'every hour is an hour, whatever the clocks',
    'America/New_York',
    '0 * * * *',
    '2024-11-03T04:30:00Z',
    ['2024-11-03T05:00:00Z', '2024-11-03T06:00:00Z', '2024-11-03T07:00:00Z'],
  ],
  [
    'the gap is half an hour long',
    'Australia/Lord_Howe',
    '15 2 * * *',
    '2023-09-29T20:00:00Z',
    ['2023-09-30T15:30:00Z', '2023-10-01T15:15:00Z'],
  ],
  [
    'the repeated span is half an hour long',
    'Australia/Lord_Howe',
    '45 1 * * *',
    '2024-04-05T20:00:00Z',
    ['2024-04-06T14:45:00Z', '2024-04-07T15:15:00Z'],
  ],
  [
    'the gap is at midnight',
    'America/Sao_Paulo',
    '0 0 * * *',
    '2018-11-03T12:00:00Z',
    ['2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
  ],
  [
    'the repeated hour is before midnight',
    'America/Sao_Paulo',
    '30 23 * * *',
    '2018-02-17T12:00:00Z',
    ['2018-02-18T01:30:00Z', '2018-02-19T02:30:00Z'],
  ],
  [
    'an offset of 5:30 and no change of clocks',
    'Asia/Kolkata',
    '30 2 * * *',
    '2024-03-30T12:00:00Z',
    ['2024-03-30T21:00:00Z', '2024-03-31T21:00:00Z'],
  ],
  [
    'a leap day comes every four years',
    'UTC',
    '0 3 29 2 *',
    '2019-01-01T00:00:00Z',
    ['2020-02-29T03:00:00Z', '2024-02-29T03:00:00Z'],
  ],
  [
    'L is the last day of each month',
    'UTC',
    '0 3 L * *',
    '2024-01-15T00:00:00Z',
    ['2024-01-31T03:00:00Z', '2024-02-29T03:00:00Z', '2024-03-31T03:00:00Z'],
  ],
  [
    'FRI#L is the last Friday',
    'UTC',
    '0 3 * * FRI#L',
    '2024-01-01T00:00:00Z',
    ['2024-01-26T03:00:00Z', '2024-02-23T03:00:00Z', '2024-03-29T03:00:00Z'],
  ],
  [
    'TUE#2 is the second Tuesday',
    'Europe/Berlin',
    '0 3 * * TUE#2',
    '2024-03-01T00:00:00Z',
    ['2024-03-12T02:00:00Z', '2024-04-09T01:00:00Z'],
  ],
  [
    'MON#5 skips months without a fifth Monday',
    'UTC',
    '0 3 * * MON#5',
    '2024-01-01T00:00:00Z',
    ['2024-01-29T03:00:00Z', '2024-04-29T03:00:00Z'],
  ],
  [
    '15W is the weekday nearest to the 15th',
    'UTC',
    '0 3 15W * *',
    '2024-06-01T00:00:00Z',
    ['2024-06-14T03:00:00Z', '2024-07-15T03:00:00Z', '2024-08-15T03:00:00Z', '2024-09-16T03:00:00Z'],
  ],
  ['1W does not leave its month', 'UTC', '0 3 1W * *', '2024-05-31T12:00:00Z', ['2024-06-03T03:00:00Z']],
  [
    'LW is the last weekday of the month',
    'UTC',
    '0 3 LW * *',
    '2024-03-01T00:00:00Z',
    ['2024-03-29T03:00:00Z', '2024-04-30T03:00:00Z'],
  ],
  [
    'a day and a weekday mean either',
    'UTC',
    '0 3 1 * MON',
    '2024-02-26T12:00:00Z',
    ['2024-03-01T03:00:00Z', '2024-03-04T03:00:00Z'],
  ],
  [
    'a + before the weekday means both',
    'UTC',
    '0 3 1 * +MON',
    '2024-02-26T12:00:00Z',
    ['2024-04-01T03:00:00Z', '2024-07-01T03:00:00Z'],
  ],
  [
    'six fields begin with seconds',
    'UTC',
    '*/20 59 23 * * *',
    '2024-12-31T23:59:10Z',
    ['2024-12-31T23:59:20Z', '2024-12-31T23:59:40Z', '2025-01-01T23:59:00Z'],
  ],
  [
    '@weekly is midnight at the beginning of Sunday',
    'Europe/Berlin',
    '@weekly',
    '2024-01-01T00:00:00Z',
    ['2024-01-06T23:00:00Z', '2024-01-13T23:00:00Z'],
  ],
  [
    'the second after 32 bits run out is a second like any other',
    'UTC',
    '*/1 * * * * *',
    '2038-01-19T03:14:06Z',
    ['2038-01-19T03:14:07Z', '2038-01-19T03:14:08Z', '2038-01-19T03:14:09Z'],
  ],
];

describe('nextSlot', () => {
  it.each(SLOTS)('%s (%s, %s)', (_, zone, pattern, after, wantSlots) => {
    const got: (string | undefined)[] = [];
    let instant: number | undefined = at(after);
    for (const _slot of wantSlots) {
      instant = nextSlot({ pattern, zone }, instant ?? Number.NaN);
      got.push(iso(instant));
    }
    expect(got).toEqual(wantSlots);
  });

  it('is strictly after the instant that is asked about, to the millisecond', () => {
    const schedule = { pattern: '0 3 * * *', zone: 'UTC' };
    const slot = at('2024-01-01T03:00:00Z');
    expect(nextSlot(schedule, slot - 1)).toBe(slot);
    expect(nextSlot(schedule, slot)).toBe(slot + DAY_MS);
    expect(nextSlot(schedule, slot + 1)).toBe(slot + DAY_MS);
    expect(nextSlot(schedule, slot + 999)).toBe(slot + DAY_MS);
  });

  it('has none where the calendar ends', () => {
    expect(nextSlot({ pattern: '0 3 * * *', zone: 'UTC' }, at('9999-12-31T12:00:00Z'))).toBeUndefined();
  });

  it('gives the same answers when many schedules are asked about in turn', () => {
    const schedules = Array.from({ length: 300 }, (_, index) => ({
      pattern: `${index % 60} ${Math.floor(index / 60)} * * *`,
      zone: 'UTC',
    }));
    const from = at('2024-05-05T00:00:00Z');
    for (let round = 0; round < 2; round += 1) {
      const got = schedules.map((schedule) => (nextSlot(schedule, from - 1) ?? 0) - from);
      expect(got).toEqual(schedules.map((_, index) => index * 60_000));
    }
  });
});

describe('a clock that jumps', () => {
  const schedule = { pattern: '0 * * * *', zone: 'Europe/Berlin' };

  it('back by an hour does not bring a slot that was run again', () => {
    const run = at('2024-05-05T10:00:00Z');
    const now = run + 60_000 - HOUR_MS;
    const wantNext = run + HOUR_MS;
    expect(nextSlot(schedule, Math.max(run, now))).toBe(wantNext);
    expect(previousSlot(schedule, now)).toBeLessThan(run);
  });

  it('forward by an hour loses no slot after the one that was run', () => {
    const run = at('2024-05-05T10:00:00Z');
    const now = run + 60_000 + HOUR_MS;
    expect(nextSlot(schedule, run)).toBe(run + HOUR_MS);
    expect(previousSlot(schedule, now)).toBe(run + HOUR_MS);
    expect(slotsBetween(schedule, run, now, 10)).toEqual([run + HOUR_MS]);
  });

  it('over a change of clocks keeps the identity of slots', () => {
    const [first, second] = slotsBetween(schedule, at('2024-10-27T00:30:00Z'), at('2024-10-27T02:30:00Z'), 2);
    expect([iso(first), iso(second)]).toEqual(['2024-10-27T01:00:00Z', '2024-10-27T02:00:00Z']);
    expect(nextSlot(schedule, (first ?? 0) - 1)).toBe(first);
    expect(previousSlot(schedule, (second ?? 0) - 1)).toBe(first);
  });
});

describe('slotsBetween', () => {
  const schedule = { pattern: '0 0 * * *', zone: 'UTC' };
  const from = at('2024-01-01T00:00:00Z');

  it('leaves out the slot at its start and takes in the one at its end', () => {
    expect(slotsBetween(schedule, from, from + 2 * DAY_MS, 10)).toEqual([from + DAY_MS, from + 2 * DAY_MS]);
  });

  it('stops at its limit', () => {
    expect(slotsBetween(schedule, from, from + 100 * DAY_MS, 3)).toHaveLength(3);
  });
});

describe('slots of any schedule', () => {
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Pacific/Chatham',
    'Africa/Casablanca',
  );
  const minutes = fc.constantFrom('0', '30', '*/7', '0,50', '15-45/15', '*');
  const hours = fc.constantFrom('2', '*', '0', '1-3', '*/6', '23,0');
  const days = fc.constantFrom('* * *', 'L * *', '* * SUN', '15W * *', '29 2 *', '* 3,10 *', '* * MON#1');
  const schedules = fc
    .tuple(fc.constantFrom('', '*/20 ', '59 '), minutes, hours, days, zones)
    .map(([seconds, minute, hour, day, zone]) => ({ pattern: `${seconds}${minute} ${hour} ${day}`, zone }));
  const instants = fc.integer({ min: at('2010-01-01T00:00:00Z'), max: at('2024-01-01T00:00:00Z') });

  it('agree whether one looks forward or back', () => {
    fc.assert(
      fc.property(schedules, instants, (schedule, instant) => {
        const next = nextSlot(schedule, instant) ?? Number.NaN;
        const previous = previousSlot(schedule, instant) ?? Number.NaN;
        expect(previous).toBeLessThanOrEqual(instant);
        expect(next).toBeGreaterThan(instant);
        expect(previousSlot(schedule, next)).toBe(next);
        expect(previousSlot(schedule, next - 1)).toBe(previous);
        expect(nextSlot(schedule, previous)).toBe(next);
        expect(nextSlot(schedule, previous - 1)).toBe(previous);
      }),
      { numRuns: 200 },
    );
  });

  it('go up strictly and lie on whole seconds', () => {
    fc.assert(
      fc.property(schedules, instants, (schedule, instant) => {
        const slots = slotsBetween(schedule, instant, Number.MAX_SAFE_INTEGER, 6);
        expect(slots).toEqual([...new Set(slots)].toSorted((a, b) => a - b));
        expect(slots.every((slot) => slot % 1_000 === 0)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('shortestGap', () => {
  it.each([
    ['0 3 * * *', 'UTC', DAY_MS],
    ['0 3 * * *', 'Europe/Berlin', 23 * HOUR_MS],
    ['0 3 * * *', 'Australia/Lord_Howe', 23.5 * HOUR_MS],
    ['0,50 2 * * *', 'Europe/Berlin', 10 * 60_000],
    ['*/10 * * * * *', 'UTC', 10_000],
    ['0 3 1 * MON', 'UTC', DAY_MS],
    ['0 3 29 2 *', 'UTC', 1461 * DAY_MS],
    ['0 3 29 2 +MON', 'UTC', Number.POSITIVE_INFINITY],
  ])('of %s in %s is %d ms', (pattern, zone, wantGapMs) => {
    expect(shortestGap({ pattern, zone })).toBe(wantGapMs);
  });
});

describe('slotJitter', () => {
  const slot = at('2024-01-01T00:00:00Z');

  it('is the same for the same account and slot', () => {
    const options = { account: 'billing', slot, jitterMs: HOUR_MS, gapMs: DAY_MS };
    expect(slotJitter(options)).toBe(slotJitter(options));
  });

  it('differs between slots and between accounts', () => {
    const options = { account: 'billing', slot, jitterMs: HOUR_MS, gapMs: DAY_MS };
    expect(slotJitter({ ...options, slot: slot + DAY_MS })).not.toBe(slotJitter(options));
    expect(slotJitter({ ...options, account: 'search' })).not.toBe(slotJitter(options));
  });

  it('stays below the jitter and the gap, in whole ms', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(10_000), fc.nat(10_000), (account, past, jitterMs, gapMs) => {
        const jitter = slotJitter({ account, slot: slot - past, jitterMs, gapMs });
        expect(Number.isInteger(jitter)).toBe(true);
        expect(jitter).toBeGreaterThanOrEqual(0);
        expect(jitter).toBeLessThan(Math.max(1, Math.min(jitterMs, gapMs)));
      }),
    );
  });

  it('spreads accounts evenly', () => {
    const quarters = [0, 0, 0, 0];
    for (let index = 0; index < 4_000; index += 1) {
      const jitter = slotJitter({ account: `account-${index}`, slot, jitterMs: 4_000, gapMs: DAY_MS });
      const quarter = Math.floor(jitter / 1_000);
      quarters[quarter] = (quarters[quarter] ?? 0) + 1;
    }
    for (const count of quarters) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('is nothing where no jitter is asked for', () => {
    expect(slotJitter({ account: 'billing', slot, jitterMs: 0, gapMs: DAY_MS })).toBe(0);
  });

  it('needs no gap for a schedule whose slots are far apart', () => {
    const jitter = slotJitter({ account: 'billing', slot, jitterMs: 5, gapMs: Number.POSITIVE_INFINITY });
    expect(jitter).toBeLessThan(5);
  });
});

describe('scheduleProblem', () => {
  it.each([
    ['0 3 * * *', 'Europe/Berlin'],
    ['30 0 3 * * *', 'UTC'],
    ['@daily', 'UTC'],
    ['@Hourly', 'UTC'],
    ['0 3 * JAN-MAR MON-FRI', 'UTC'],
    [' 0 3 L * * ', 'UTC'],
    ['0 3 ? * 7', 'UTC'],
    ['0 3 29 2 *', 'UTC'],
  ])('finds none in %j in %s', (pattern, zone) => {
    expect(scheduleProblem(pattern, zone)).toBeUndefined();
  });

  it.each([
    ['0 3 * * * * *', 'UTC', /has 7 fields; allowed are five fields .* six with seconds first/],
    ['* * *', 'UTC', /has 3 fields/],
    ['', 'UTC', /is empty; allowed are five fields/],
    ['2030-01-01T00:00:00Z', 'UTC', /is a date, which would fire once/],
    ['2030-01-01', 'UTC', /is a date/],
    ['0:3 * * * *', 'UTC', /contains a colon/],
    ['@reboot', 'UTC', /'@reboot' is not supported; allowed are .*@daily/],
    ['0 3 30 2 *', 'UTC', /never fires: no date fits/],
    ['0 3 31 4,6 *', 'UTC', /never fires/],
    ['61 * * * *', 'UTC', /minute 61 is out of range \(allowed: 0-59\)/],
    ['0 3 32 * *', 'UTC', /day 32 is out of range \(allowed: 1-31\)/],
    ['0 3 0 * *', 'UTC', /day 0 is out of range/],
    ['0 3 * 13 *', 'UTC', /month 13 is out of range \(allowed: 1-12 or JAN-DEC\)/],
    ['0 3 * * 8', 'UTC', /weekday 8 is out of range/],
    ['0 3 * * L', 'UTC', /'L' is no weekday/],
    ['0 3 * * MONDAY', 'UTC', /three letters/],
    ['0 3 * * FRI-MON', 'UTC', /runs backwards/],
    ['0 3 * * FRI#6', 'UTC', /the 6 after # is out of range/],
    ['0 3 L-3 * *', 'UTC', /'L-3' is not supported; L stands alone/],
    ['H 3 * * *', 'UTC', /'H' has characters that mean nothing as minute/],
    ['*/0 * * * *', 'UTC', /'0' is no step/],
    ['5/15 * * * *', 'UTC', /'5\/15' is no step; write \*\/15/],
    ['1,,2 * * * *', 'UTC', /the minute field has an empty part/],
    ['0 3 * * *', '', /time zone is empty; give an IANA name/],
    ['0 3 * * *', 'Mars/Phobos', /unknown time zone "Mars\/Phobos"/],
    ['0 3 * * *', 'local', /unknown time zone/],
  ])('refuses %j in %j', (pattern, zone, wantProblem) => {
    expect(scheduleProblem(pattern, zone)).toMatch(wantProblem);
  });

  it('says the same when it is asked again', () => {
    expect(scheduleProblem('0 3 30 2 *', 'UTC')).toBe(scheduleProblem('0 3 30 2 *', 'UTC'));
  });
});
