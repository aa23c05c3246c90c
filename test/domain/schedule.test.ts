import { describe, expect, it } from 'vitest';
import { nextSlot, previousSlot, slotsBetween } from '../../src/domain/schedule.ts';

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
