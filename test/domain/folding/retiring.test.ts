import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../src/domain/fact.ts';
import type { AccountRecord, OldCredential, OpenRotation } from '../../../src/domain/record.ts';
import { fact, folded, next } from '../../builders/fact.ts';
import { NOW, OPEN, record, TARGET } from '../../builders/situation.ts';

/** Of an account with several credentials, and of a pair. */
const OLD: OldCredential = { reference: 'c1', fingerprint: 'one', why: 'replaced', since: NOW - 900 };
const OLD_OF_A: OldCredential = { accountId: 'a', fingerprint: 'of a', why: 'replaced', since: NOW - 900 };
const OTHER: OldCredential = { reference: 'c9', fingerprint: 'nine', why: 'replaced', since: NOW - 800 };

/** With these old credentials and no mark of any mint. */
function having(...old: readonly OldCredential[]): AccountRecord {
  return record({ old });
}

describe('the retirement of an old credential', () => {
  it.each<[string, Fact, Partial<OldCredential>]>([
    [
      'has its grace from when every target holds the newer one',
      fact('grace-begun', { reference: 'c1', until: NOW + 1, hardLimitAt: NOW + 2 }),
      { graceFrom: NOW },
    ],
    ['is noted before it happens', fact('retire-intended', { reference: 'c1' }), { intendedAt: NOW }],
    [
      'waits, and says why',
      fact('retire-waits', { reference: 'c1', why: 'it is used', tryAt: NOW + 9 }),
      { waits: { times: 1, why: 'it is used', tryAt: NOW + 9 } },
    ],
  ])('%s', (_what, one, want) => {
    const before = having(OTHER, OLD);
    expect(folded(before, one)).toStrictEqual(next(before, { old: [OTHER, { ...OLD, ...want }] }));
  });

  it.each([
    ['no-answer', { intendedAt: NOW }],
    ['rate-limited', {}],
  ] as const)('counts how often it waited, and what a failure (%s) leaves open', (failure, want) => {
    const before = having({ ...OLD, intendedAt: NOW - 5, waits: { times: 2, why: 'used', tryAt: NOW } });
    const body = { reference: 'c1', failure, message: 'silence', tryAt: NOW + 9 };
    expect(folded(before, fact('retire-failed', body))).toStrictEqual(
      next(before, {
        old: [{ ...OLD, ...want, waits: { times: 3, why: 'silence', tryAt: NOW + 9 } }],
        effectEndedAt: NOW,
      }),
    );
  });

  it('was intended now at the latest where the clock was put back since, so that it has time to settle', () => {
    const before = { ...having({ ...OLD, intendedAt: NOW + 900_000 }), notedAt: NOW + 900_000 };
    expect(folded(before, fact('account-resumed', {})).old).toStrictEqual([{ ...OLD, intendedAt: NOW }]);
  });

  it('is looked into again when a target holds the newer one', () => {
    const before = having({ ...OLD, waits: { times: 2, why: 'a target lacks it', tryAt: NOW + 9 } });
    const confirmed = fact('target-confirmed', { target: TARGET.id, fingerprint: 'live', version: '2' });
    expect(folded(before, confirmed).old).toEqual([OLD]);
  });

  it.each([
    ['by its reference', OLD, 'c1', 'one'],
    ['of a pair by its account', OLD_OF_A, 'a', 'of a'],
  ])('takes it away for good, known %s', (_by, old, reference, superseded) => {
    const before = { ...having(OTHER, old), retired: ['c0'], superseded: ['older'] };
    expect(folded(before, fact('credential-retired', { reference }))).toStrictEqual(
      next(before, {
        old: [OTHER],
        retired: ['c0', reference],
        superseded: ['older', superseded],
        effectEndedAt: NOW,
      }),
    );
  });
});

describe('a leaked credential that was ended', () => {
  const leaked = { ...OLD, rotation: 'r1', compromised: true as const };
  const retired = fact('credential-retired', { reference: 'c1' });
  const open: OpenRotation = { ...OPEN, compromised: 'after-delivery' };

  it('is to be tried by the rotation that replaced it', () => {
    const after = folded({ ...having(leaked), rotation: open }, retired);
    expect(after.rotation?.untried).toEqual([{ fingerprint: 'one', endedAt: NOW, replaced: true }]);
  });

  it('is known to have been replaced by another rotation', () => {
    const earlier = { ...leaked, rotation: 'r0' };
    const after = folded({ ...having(earlier), rotation: open }, retired);
    expect(after.rotation?.untried).toMatchObject([{ replaced: false }]);
  });

  it.each<[string, AccountRecord]>([
    ['its rotation is not about a leak', { ...having(leaked), rotation: OPEN }],
    ['no rotation is open', having(leaked)],
    ['it has not leaked', { ...having(OLD), rotation: open }],
  ])('needs no try where %s', (_when, before) => {
    expect(folded(before, retired).rotation).toEqual(before.rotation);
  });

  it('was tried', () => {
    const untried = ['one', 'two'].map((fingerprint) => ({ fingerprint, endedAt: NOW, replaced: true }));
    const before = record({ rotation: { ...open, untried } });
    const tried = fact('old-credential-tried', { fingerprint: 'one', outcome: 'refused' });
    expect(folded(before, tried).rotation).toStrictEqual({
      ...open,
      oldTried: true,
      untried: untried.slice(1),
    });
  });

  it('may be any that works', () => {
    const after = folded(having(OLD), fact('credential-compromised', {}));
    expect(after.live).toMatchObject({ fingerprint: 'live', compromised: true });
    expect(after.old).toEqual([{ ...OLD, compromised: true }]);
  });

  it('may be one that is minted and not proved yet', () => {
    const minted = { fingerprint: 'new', sentAt: NOW, recovered: false };
    const unproved = { ...minted, unproved: { targets: [] } };
    const leaked = fact('credential-compromised', {});
    const after = folded(record({ rotation: { ...OPEN, minted: unproved } }), leaked);
    expect(after.rotation).toStrictEqual({ ...OPEN, minted: { ...unproved, compromised: true } });
    const proof = fact('credential-proved', { fingerprint: 'new' });
    expect(folded(after, proof).live).toMatchObject({ fingerprint: 'new', compromised: true });
    const before = record({ rotation: { ...OPEN, minted } });
    expect(folded(before, leaked).rotation).toStrictEqual(before.rotation);
    expect(folded(record({ rotation: OPEN }), leaked).rotation).toStrictEqual(OPEN);
  });
});
