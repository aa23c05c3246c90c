import { describe, expect, it } from 'vitest';
import {
  becomesContested,
  contestedUntil,
  contestReason,
  isContested,
  mayEndContest,
  overwrittenWith,
} from '../../src/domain/contest.ts';
import type { TargetRecord } from '../../src/domain/record.ts';
import { NOW } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function known(changes: Partial<TargetRecord> = {}): TargetRecord {
  return { failures: 0, accepted: false, ...changes };
}

describe('overwritten deliveries', () => {
  it('are counted by their instants, the newest three', () => {
    expect(overwrittenWith(known(), NOW)).toEqual([NOW]);
    const three = [NOW - 9 * MINUTE_MS, NOW - 5 * MINUTE_MS, NOW - MINUTE_MS];
    expect(overwrittenWith(known({ overwritten: three }), NOW)).toEqual([...three.slice(1), NOW]);
  });

  it('are one where they come within a minute', () => {
    const once = known({ overwritten: [NOW] });
    expect(overwrittenWith(once, NOW)).toEqual([NOW]);
    expect(overwrittenWith(once, NOW + MINUTE_MS - 1)).toEqual([NOW]);
    expect(overwrittenWith(once, NOW + MINUTE_MS)).toEqual([NOW, NOW + MINUTE_MS]);
  });

  it('are two where the clock was put back between them', () => {
    expect(overwrittenWith(known({ overwritten: [NOW] }), NOW - 1)).toEqual([NOW, NOW - 1]);
  });
});

describe('a target', () => {
  const thrice = [NOW - DAY_MS, NOW - 1, NOW];

  it('becomes contested by three overwritten deliveries within a day', () => {
    expect(becomesContested(known({ overwritten: thrice }))).toBe(true);
    expect(becomesContested(known({ overwritten: [NOW - DAY_MS - 1, NOW - 1, NOW] }))).toBe(false);
    expect(becomesContested(known({ overwritten: thrice.slice(1) }))).toBe(false);
  });

  it('does not become so twice, nor by nothing', () => {
    expect(becomesContested(known({ overwritten: thrice, contested: { since: NOW } }))).toBe(false);
    expect(becomesContested(known())).toBe(false);
    expect(becomesContested(undefined)).toBe(false);
  });

  it('that is contested is left alone for a day after it was last written, by whomever', () => {
    const contested = { since: NOW - 5 };
    const written = { fingerprint: 'live', version: '1', at: NOW + 7 };
    expect(contestedUntil(known({ contested }))).toBe(NOW - 5 + DAY_MS);
    expect(contestedUntil(known({ contested, overwritten: [NOW - 9, NOW] }))).toBe(NOW + DAY_MS);
    expect(contestedUntil(known({ contested, overwritten: [NOW], written }))).toBe(NOW + 7 + DAY_MS);
    expect(contestedUntil(known({ overwritten: [NOW], written }))).toBeUndefined();
    expect(contestedUntil(undefined)).toBeUndefined();
  });

  it('is contested until that time, and may be found to be so no more from then on', () => {
    const contested = known({ contested: { since: NOW - DAY_MS } });
    expect([isContested(contested, NOW - 1), mayEndContest(contested, NOW - 1)]).toEqual([true, false]);
    expect([isContested(contested, NOW), mayEndContest(contested, NOW)]).toEqual([false, true]);
    expect([isContested(known(), NOW), mayEndContest(known(), NOW)]).toEqual([false, false]);
  });
});

describe('what is said of a contested target', () => {
  const said = (last: string): string =>
    `somebody else wrote over what was delivered to vault:billing, 3 times within a day${last}; ` +
    'find what else writes it and end that';

  it.each([
    [{}, ''],
    [{ at: NOW }, ', the last time at 2026-01-05T12:00:00.000Z'],
    [{ by: 'terraform' }, ', the last time by terraform'],
    [{ at: NOW, by: 'terraform' }, ', the last time at 2026-01-05T12:00:00.000Z by terraform'],
  ])('tells when and by whom as far as the store shows it: %j', (lastWrite, wantLast) => {
    const drifted = { since: NOW, lastWrite };
    expect(contestReason('vault:billing', known({ drifted }))).toBe(said(wantLast));
  });

  it('tells what to do also where nothing is known of the last write', () => {
    expect(contestReason('vault:billing', known())).toBe(said(''));
  });
});
