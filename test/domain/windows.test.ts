import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Window } from '../../src/domain/account.ts';
import {
  allowedUntil,
  closedUntil,
  isAllowed,
  windowsProblem,
  type WindowsPolicy,
} from '../../src/domain/windows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const at = (text: string): number => Date.parse(text);
const iso = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString().replace('.000Z', 'Z');
const window = (pattern: string, hours: number, zone = 'UTC'): Window => ({
  opens: { pattern, zone },
  durationMs: hours * HOUR_MS,
});

const NIGHT = window('0 22 * * *', 6);
const WEEKEND = window('0 0 * * SAT,SUN', 24);
const FREEZE = window('0 0 20 12 *', 14 * 24);

/** Windows, instant, whether it is allowed, closed until, allowed until. 2024-06-05 is a Wednesday. */
const TABLE: readonly (readonly [
  string,
  { readonly allow: readonly Window[]; readonly deny: readonly Window[] },
  string,
  boolean,
  string | undefined,
  string | undefined,
])[] = [
  ['no windows', { allow: [], deny: [] }, '2024-06-05T12:00:00Z', true, '2024-06-05T12:00:00Z', undefined],
  [
    'before an allow window',
    { allow: [NIGHT], deny: [] },
    '2024-06-05T12:00:00Z',
    false,
    '2024-06-05T22:00:00Z',
    '2024-06-05T12:00:00Z',
  ],
  [
    'as an allow window opens',
    { allow: [NIGHT], deny: [] },
    '2024-06-05T22:00:00Z',
    true,
    '2024-06-05T22:00:00Z',
    '2024-06-06T04:00:00Z',
  ],
  [
    'past midnight in an allow window',
    { allow: [NIGHT], deny: [] },
    '2024-06-06T03:59:59.999Z',
    true,
    '2024-06-06T03:59:59.999Z',
    '2024-06-06T04:00:00Z',
  ],
  [
    'as an allow window ends',
    { allow: [NIGHT], deny: [] },
    '2024-06-06T04:00:00Z',
    false,
    '2024-06-06T22:00:00Z',
    '2024-06-06T04:00:00Z',
  ],
  [
    'in windows that touch',
    { allow: [WEEKEND], deny: [] },
    '2024-06-08T12:00:00Z',
    true,
    '2024-06-08T12:00:00Z',
    '2024-06-10T00:00:00Z',
  ],
  [
    'in a deny window',
    { allow: [], deny: [NIGHT] },
    '2024-06-05T23:00:00Z',
    false,
    '2024-06-06T04:00:00Z',
    '2024-06-05T23:00:00Z',
  ],
  [
    'before a deny window',
    { allow: [], deny: [NIGHT] },
    '2024-06-05T12:00:00Z',
    true,
    '2024-06-05T12:00:00Z',
    '2024-06-05T22:00:00Z',
  ],
  [
    'in a deny window that begins within an allow window',
    { allow: [NIGHT], deny: [window('0 0 * * *', 1)] },
    '2024-06-06T00:30:00Z',
    false,
    '2024-06-06T01:00:00Z',
    '2024-06-06T00:30:00Z',
  ],
  [
    'in an allow window before a deny window begins',
    { allow: [NIGHT], deny: [window('0 0 * * *', 1)] },
    '2024-06-05T23:00:00Z',
    true,
    '2024-06-05T23:00:00Z',
    '2024-06-06T00:00:00Z',
  ],
  [
    'in deny windows that follow one another',
    { allow: [], deny: [window('0 8 * * *', 4), window('0 12 * * *', 3), window('0 10 * * *', 3)] },
    '2024-06-05T09:00:00Z',
    false,
    '2024-06-05T15:00:00Z',
    '2024-06-05T09:00:00Z',
  ],
  [
    'in a long freeze over the only allow windows',
    { allow: [WEEKEND], deny: [FREEZE] },
    '2023-12-23T12:00:00Z',
    false,
    '2024-01-06T00:00:00Z',
    '2023-12-23T12:00:00Z',
  ],
  [
    'in a window of a zone whose clocks change in it',
    { allow: [window('0 0 * * SUN', 6, 'Europe/Berlin')], deny: [] },
    '2024-03-31T00:30:00Z',
    true,
    '2024-03-31T00:30:00Z',
    '2024-03-31T05:00:00Z',
  ],
];

/** Windows open and close at multiples of it. */
const STEP_MS = 300_000;

describe('windows', () => {
  it.each(TABLE)('%s', (_, windows, instant, wantAllowed, wantClosedUntil, wantAllowedUntil) => {
    const now = at(instant);
    expect(isAllowed(windows, now)).toBe(wantAllowed);
    expect(iso(closedUntil(windows, now))).toBe(wantClosedUntil);
    expect(iso(allowedUntil(windows, now))).toBe(wantAllowedUntil);
  });

  it('that deny always have no end of being closed', () => {
    const windows = { allow: [NIGHT], deny: [window('0 * * * *', 2)] };
    expect(closedUntil(windows, at('2024-06-05T12:00:00Z'))).toBeUndefined();
  });

  it('agree with a look every five minutes', () => {
    const windowOf = fc
      .tuple(
        fc.constantFrom('0 * * * *', '30 2 * * *', '0 22 * * *', '0 0 * * SAT', '15 */5 * * *'),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe'),
        fc.integer({ min: 0, max: 8 }),
      )
      .map(([pattern, zone, halfHours]) => window(pattern, halfHours / 2, zone));
    const instants = fc
      .integer({ min: at('2024-03-29T00:00:00Z'), max: at('2024-04-07T00:00:00Z') })
      .map((instant) => instant - (instant % STEP_MS));
    fc.assert(
      fc.property(
        fc.array(windowOf, { maxLength: 2 }),
        fc.array(windowOf, { maxLength: 2 }),
        instants,
        (allow, deny, start) => {
          const windows = { allow, deny };
          const end = start + 30 * HOUR_MS;
          const expectUntil = (got: number | undefined, allowed: boolean): void => {
            let want = start;
            while (want < end && isAllowed(windows, want) !== allowed) want += STEP_MS;
            if (want < end) expect(got).toBe(want);
            else expect(got ?? end).toBeGreaterThanOrEqual(end);
          };
          expectUntil(closedUntil(windows, start), true);
          expectUntil(allowedUntil(windows, start), false);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('windowsProblem', () => {
  const from = at('2024-01-01T00:00:00Z');
  const policy = (more: Partial<WindowsPolicy>): WindowsPolicy => ({
    allow: [],
    deny: [],
    maxAgeOverridesDeny: false,
    ...more,
  });

  it.each<readonly [string, Partial<WindowsPolicy>]>([
    ['no windows', { maxAgeMs: 1_000 }],
    [
      'nightly windows with a schedule in them',
      { allow: [NIGHT], schedule: { pattern: '0 3 * * *', zone: 'UTC' } },
    ],
    ['a maximal age longer than the time between windows', { allow: [NIGHT], maxAgeMs: DAY_MS }],
    [
      'a schedule of which some slots are allowed',
      { deny: [FREEZE], schedule: { pattern: '@monthly', zone: 'UTC' } },
    ],
    [
      'a freeze that the maximal age overrides',
      { deny: [FREEZE], maxAgeMs: 7 * DAY_MS, maxAgeOverridesDeny: true },
    ],
    ['a freeze shorter than the maximal age', { deny: [FREEZE], maxAgeMs: 14 * DAY_MS }],
  ])('finds none in %s', (_, more) => {
    expect(windowsProblem(policy(more), from)).toBeUndefined();
  });

  it.each<readonly [string, Partial<WindowsPolicy>, RegExp]>([
    [
      'an allow window that a deny window covers',
      { allow: [window('0 3 * * *', 1)], deny: [window('0 2 * * *', 3)] },
      /^the allow and deny windows leave no time within a year/,
    ],
    ['deny windows without a gap', { deny: [window('0 0 * * *', 24)] }, /^the deny windows leave no time/],
    ['an allow window of no length', { allow: [window('0 0 * * *', 0)] }, /^the allow windows leave no time/],
    [
      'a schedule that is never inside the allow windows',
      { allow: [NIGHT], schedule: { pattern: '0 12 * * *', zone: 'UTC' } },
      /^no slot of the schedule '0 12 \* \* \*' \(UTC\) is allowed .*move the schedule/,
    ],
    [
      'a maximal age shorter than the time between allow windows',
      { allow: [window('0 0 * * SUN', 4)], maxAgeMs: 3 * DAY_MS },
      /^maxAge 3d cannot be met: .* no rotation from 2024-01-01T00:00:00.000Z for 6d;/,
    ],
    [
      'a freeze longer than the maximal age',
      { deny: [FREEZE], maxAgeMs: 7 * DAY_MS },
      /^maxAge 7d cannot be met: .* from 2024-12-20T00:00:00.000Z for 14d; .*maxAgeOverridesDeny/,
    ],
    [
      'allow windows too far apart although the maximal age overrides deny windows',
      { allow: [NIGHT], deny: [FREEZE], maxAgeMs: 12 * HOUR_MS, maxAgeOverridesDeny: true },
      /^maxAge 12h cannot be met/,
    ],
  ])('finds %s', (_, more, wantProblem) => {
    expect(windowsProblem(policy(more), from)).toMatch(wantProblem);
  });
});
