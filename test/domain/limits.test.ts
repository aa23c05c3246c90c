import { describe, expect, it } from 'vitest';
import { mainSchema } from '../../src/config/schema.ts';
import type { Fact } from '../../src/domain/fact.ts';
import { FAILURES } from '../../src/domain/failure.ts';
import type { FailureKind } from '../../src/domain/failure.ts';
import { backOffMs, FREEZE_LIMIT, freezeReason, LIMITS, mintEndOf } from '../../src/domain/limits.ts';
import type { OpenRotation } from '../../src/domain/record.ts';
import { NOW, OPEN, record } from '../builders/situation.ts';

describe('the back-off', () => {
  it('lies between a half of the wait and the whole of it, by chance', () => {
    expect(backOffMs(1, 5_000, 300_000, 0)).toBe(2_500);
    expect(backOffMs(1, 5_000, 300_000, 0.5)).toBe(3_750);
    expect(backOffMs(1, 5_000, 300_000, 1)).toBe(5_000);
  });

  it('doubles with each try', () => {
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) => backOffMs(attempt, 5_000, 300_000, 1));
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000]);
  });

  it('stops growing at its bound, of which at least the half is waited', () => {
    expect(backOffMs(6, 5_000, 300_000, 1)).toBe(160_000);
    expect(backOffMs(7, 5_000, 300_000, 1)).toBe(300_000);
    expect(backOffMs(1_000_000, 5_000, 300_000, 1)).toBe(300_000);
    expect(backOffMs(1_000_000, 5_000, 300_000, 0)).toBe(150_000);
  });

  it('waits as for the first try where none was counted', () => {
    expect(backOffMs(0, 5_000, 300_000, 1)).toBe(5_000);
    expect(backOffMs(-3, 5_000, 300_000, 1)).toBe(5_000);
  });

  it('never waits longer than its bound, even where the first wait would', () => {
    expect(backOffMs(1, 60_000, 30_000, 1)).toBe(30_000);
  });

  it('is a whole number of ms', () => {
    expect(backOffMs(1, 5_000, 300_000, 1 / 3)).toBe(3_333);
  });
});

describe('the limits', () => {
  it('let a mint of unknown outcome be looked at several times before it has settled', () => {
    expect(LIMITS.recoverMaxMs * 2).toBeLessThanOrEqual(LIMITS.settleMs);
  });

  it('have every back-off begin below its bound', () => {
    expect(LIMITS.retryFirstMs).toBeLessThan(LIMITS.retryMaxMs);
    expect(LIMITS.recoverFirstMs).toBeLessThan(LIMITS.recoverMaxMs);
    expect(LIMITS.recheckMs).toBeLessThan(LIMITS.recheckMaxMs);
  });
});

describe('how a mint ended, towards freezing its provider', () => {
  const intent = { attempt: 2, at: NOW, sentAt: NOW, targets: [], unknown: false, sightings: 0 };
  const before = (changes: Partial<OpenRotation> = {}) =>
    record({ rotation: { ...OPEN, attempts: 2, intent, ...changes } });
  const about = { id: 'f', at: NOW, cause: { actor: 'rekeyd' } };
  const refused = (failure: FailureKind): Fact => ({
    ...about,
    kind: 'mint-refused',
    failure,
    message: 'no',
    retryAt: NOW,
    counts: false,
  });
  const lost = {
    ...about,
    kind: 'mint-unknown',
    failure: 'no-answer',
    message: 'lost',
    sentAt: NOW,
    counts: false,
  } as const satisfies Fact;
  const minted = (recovered: boolean): Fact => ({
    ...about,
    kind: 'credential-minted',
    fingerprint: 'new',
    sentAt: NOW,
    recovered,
    targets: [],
  });
  const mismatched: Fact = { ...about, kind: 'account-mismatched', why: 'another account', mintedAt: NOW };
  const mint = { rotation: 'r1', attempt: 2 };

  it('is failed for a refusal by the provider, and says nothing for what was never made or is a store’s', () => {
    const counting = (Object.keys(FAILURES) as FailureKind[]).filter(
      (failure) => mintEndOf(before(), refused(failure)) !== undefined,
    );
    expect(counting).toEqual(['no-answer', 'answer-invalid', 'not-allowed', 'not-found']);
    expect(mintEndOf(before(), refused('not-allowed'))).toEqual({
      ...mint,
      failure: 'not-allowed',
      message: 'no',
    });
  });

  it('is failed for a lost answer, and good once it is found to have happened', () => {
    expect(mintEndOf(before(), lost)).toEqual({ ...mint, failure: 'no-answer', message: 'lost' });
    expect(mintEndOf(before(), minted(true))).toEqual(mint);
    expect(mintEndOf(before(), minted(false))).toEqual(mint);
  });

  it('stays failed where it is found not to have happened, or where its value is lost', () => {
    expect(mintEndOf(before(), { ...about, kind: 'mint-settled', attempt: 2 })).toBeUndefined();
    expect(mintEndOf(before(), { ...about, kind: 'credential-lost', mintedAt: NOW })).toBeUndefined();
  });

  it('is failed where the answer does not fit', () => {
    const want = { ...mint, failure: 'answer-invalid', message: 'another account' };
    expect(mintEndOf(before(), mismatched)).toEqual(want);
  });

  it('is that of the last attempt where what was intended is known no more', () => {
    const settled = record({ rotation: { ...OPEN, attempts: 3 } });
    expect(mintEndOf(settled, minted(true))).toEqual({ ...mint, attempt: 3 });
  });

  it('says nothing where the credential that does not fit came with no mint', () => {
    expect(mintEndOf(record({ rotation: OPEN }), mismatched)).toBeUndefined();
    expect(mintEndOf(record(), mismatched)).toBeUndefined();
  });

  it('says nothing where this process ended before it knew', () => {
    expect(mintEndOf(before(), { ...lost, interrupted: true })).toBeUndefined();
  });

  it('says nothing where a person asked for it', () => {
    for (const fact of [refused('not-allowed'), lost, minted(false), mismatched])
      expect(mintEndOf(before({ trigger: 'manual' }), fact)).toBeUndefined();
  });
});

describe('why a provider is frozen', () => {
  const good = { account: 'g' };
  const bad = (account: string, failure = 'no-answer') => ({ account, failure });

  it('is that so many of its last mints failed, in any order', () => {
    const limit = { failures: 3, of: 5 };
    expect(freezeReason([bad('a'), good, bad('b'), good], limit, 'm')).toBeUndefined();
    expect(freezeReason([bad('a'), good, bad('b'), good, bad('c')], limit, 'm')).toBeDefined();
    expect(freezeReason([bad('a'), bad('a'), bad('a')], limit, 'm')).toBeDefined();
  });

  it('is not what lies before the last ones', () => {
    const ends = [bad('a'), bad('a'), good, good, good, bad('a')];
    expect(freezeReason(ends, { failures: 3, of: 5 }, 'm')).toBeUndefined();
    expect(freezeReason(ends, { failures: 3, of: 6 }, 'm')).toBeDefined();
  });

  it('says which mints failed, how, and what the last one said', () => {
    const ends = [bad('a'), bad('b', 'not-allowed'), good, bad('a'), { account: 'c', failure: null }];
    expect(freezeReason(ends, { failures: 3, of: 5 }, 'the answer was lost')).toBe(
      '3 of the last 5 mints that nobody asked for ended refused or unknown (2 × no-answer, 1 × not-allowed; a, b). ' +
        'The last one: the answer was lost',
    );
  });

  it('names five accounts at most', () => {
    const ends = 'abcdefg'.split('').map((account) => bad(account));
    expect(freezeReason(ends, { failures: 5, of: 20 }, 'm')).toContain('; a, b, c, d, e and 2 more)');
    expect(freezeReason(ends.slice(0, 5), { failures: 5, of: 20 }, 'm')).toContain('; a, b, c, d, e)');
  });

  it('needs more failures than park an account that fails alone', () => {
    expect(FREEZE_LIMIT.failures).toBeGreaterThan(mainSchema.shape.parkAfter.parse(undefined));
  });
});
