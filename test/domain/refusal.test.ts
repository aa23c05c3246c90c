import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../src/domain/record.ts';
import {
  isMintedForLately,
  isRefusalFresh,
  refusalOf,
  refusalText,
  refusedDueAt,
  refusedMintsAtMost,
  refusedTryAt,
} from '../../src/domain/refusal.ts';
import { account } from '../builders/account.ts';
import { NOW, record } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const REFUSED: Refusal = {
  fingerprint: 'live',
  since: NOW - 10 * MINUTE_MS,
  lastAt: NOW - 1_000,
  times: 2,
  triedAt: NOW - 1_000,
  tryAt: NOW,
  countedAt: NOW - 500,
};

describe('a refusal', () => {
  it('is one of the live credential, and of no other', () => {
    expect(refusalOf(record({ refused: REFUSED }))).toEqual(REFUSED);
    expect(refusalOf(record({ refused: { ...REFUSED, fingerprint: 'older' } }))).toBeUndefined();
    expect(refusalOf(record())).toBeUndefined();
    const { live: _, ...unknown } = record();
    expect(refusalOf(unknown)).toBeUndefined();
  });

  it('is a reason to rotate since it counted, where the policy says so', () => {
    const given = record({ refused: REFUSED });
    expect(refusedDueAt(account({ onRefused: 'rotate' }), given)).toBe(NOW - 500);
    expect(refusedDueAt(account({ onRefused: 'park' }), given)).toBeUndefined();
    expect(refusedDueAt(account({ onRefused: 'rotate' }), record())).toBeUndefined();
  });

  it('is fresh for a minute, where it counts', () => {
    expect(isRefusalFresh(REFUSED, NOW)).toBe(true);
    expect(isRefusalFresh(REFUSED, NOW - 1_000 + MINUTE_MS - 1)).toBe(true);
    expect(isRefusalFresh(REFUSED, NOW - 1_000 + MINUTE_MS)).toBe(false);
    const { countedAt: _, ...uncounted } = REFUSED;
    expect(isRefusalFresh(uncounted, NOW)).toBe(false);
  });

  it('is not fresh where it lies in the future: the clock was put back since', () => {
    expect(isRefusalFresh(REFUSED, NOW - 1_000)).toBe(true);
    expect(isRefusalFresh(REFUSED, NOW - 1_001)).toBe(false);
  });

  it('tells who refuses what, by which name, how often and when', () => {
    const text =
      'kronup refuses the live credential live, seen 2 times from 2026-01-05T11:50:00.000Z to 2026-01-05T11:59:59.000Z';
    expect(refusalText('kronup', REFUSED)).toBe(text);
    expect(refusalText('kronup', { ...REFUSED, id: 'auth-api-expired' })).toBe(
      text.replace('live,', 'live (auth-api-expired),'),
    );
  });
});

describe('mints because of refused credentials', () => {
  it('are one a day for an account', () => {
    const given = record({ refusedMintAt: NOW });
    expect(isMintedForLately(given, NOW + DAY_MS - 1)).toBe(true);
    expect(isMintedForLately(given, NOW + DAY_MS)).toBe(false);
    expect(isMintedForLately(record(), NOW)).toBe(false);
  });

  it('are one in a hundred accounts of a provider, and at least one', () => {
    expect([0, 1, 99, 100, 199, 200, 1_000].map(refusedMintsAtMost)).toEqual([1, 1, 1, 1, 1, 2, 10]);
  });
});

describe('the next try of a refused credential', () => {
  it('is ever later, at full multiples of five minutes, up to six hours', () => {
    const waits = [0, 1, 2, 3, 8, 99].map((times) => (refusedTryAt(NOW, times) - NOW) / MINUTE_MS);
    expect(waits).toEqual([5, 5, 10, 20, 360, 360]);
  });

  it('is at an instant that all accounts share', () => {
    expect(refusedTryAt(NOW + 1, 1)).toBe(NOW + 10 * MINUTE_MS);
    expect(refusedTryAt(NOW - 1, 1)).toBe(NOW + 5 * MINUTE_MS);
  });
});
