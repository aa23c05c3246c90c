import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSlot, previousSlot, shortestGap, slotJitter, slotsBetween } from '../../src/domain/schedule.ts';

const HOUR_MS = 3_600_000;

const DAY_MS = 24 * HOUR_MS;

const at = (text: string): number => Date.parse(text);

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
