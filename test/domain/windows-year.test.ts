import { describe, expect, it } from 'vitest';
import type { Window } from '../../src/domain/account.ts';
import { allowedUntil, closedUntil, windowsProblem } from '../../src/domain/windows.ts';
import type { WindowsPolicy } from '../../src/domain/windows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const at = (text: string): number => Date.parse(`${text}Z`);
const window = (pattern: string, hours: number): Window => ({
  opens: { pattern, zone: 'UTC' },
  durationMs: hours * HOUR_MS,
});

/** The next one after that of 2024 is four years away. */
const LEAP_DAY = window('0 0 29 2 *', 24);
const AFTER_LEAP_DAY = at('2024-03-02T00:00');
const MORNING = window('0 6 * * *', 2);
const EVENING = window('0 18 * * *', 2);

describe('several windows', () => {
  it('open with the first of them, whichever is listed first', () => {
    const noon = at('2024-06-05T12:00');
    for (const allow of [
      [MORNING, EVENING],
      [EVENING, MORNING],
    ])
      expect(closedUntil({ allow, deny: [] }, noon)).toBe(at('2024-06-05T18:00'));
  });

  it('of denial end what is allowed with the first of them', () => {
    const noon = at('2024-06-05T12:00');
    for (const deny of [
      [MORNING, EVENING],
      [EVENING, MORNING],
    ])
      expect(allowedUntil({ allow: [], deny }, noon)).toBe(at('2024-06-05T18:00'));
  });
});

describe('windows that are further away than a year', () => {
  it('are not waited for', () => {
    expect(closedUntil({ allow: [LEAP_DAY], deny: [] }, AFTER_LEAP_DAY)).toBeUndefined();
    expect(allowedUntil({ allow: [], deny: [LEAP_DAY] }, AFTER_LEAP_DAY)).toBeUndefined();
  });
});

describe('what cannot be met within a year', () => {
  const problem = (policy: Partial<WindowsPolicy>, from: string) =>
    windowsProblem({ allow: [], deny: [], maxAgeOverridesDeny: false, ...policy }, at(from));
  const utc = (pattern: string) => ({ pattern, zone: 'UTC' });

  it('is no slot that comes after others that no window allows', () => {
    const sunday = window('0 0 * * SUN', 24);
    expect(problem({ schedule: utc('0 12 * * *'), allow: [sunday] }, '2024-06-05T00:00')).toBeUndefined();
  });

  it('is no slot at the very opening of a window', () => {
    const late = window('0 22 * * *', 1);
    expect(problem({ schedule: utc('0 12,22 * * *'), allow: [late] }, '2024-06-05T00:00')).toBeUndefined();
  });

  it('is a slot that comes later than that', () => {
    const policy = { schedule: utc('0 0 29 2 *'), deny: [window('0 1 * * *', 1)] };
    expect(problem(policy, '2024-03-02T00:00')).toMatch(/^no slot of the schedule '0 0 29 2 \*' \(UTC\)/);
    expect(problem(policy, '2024-02-01T00:00')).toBeUndefined();
  });

  it('is a maximal age after the last window of the year', () => {
    expect(problem({ allow: [LEAP_DAY], maxAgeMs: 60 * DAY_MS }, '2024-02-01T00:00')).toMatch(
      /^maxAge 60d cannot be met: the windows allow no rotation from 2024-03-01T00:00:00\.000Z for 366d;/,
    );
  });
});
