import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { decide } from '../../src/domain/decide.ts';
import { withLook } from '../../src/domain/deciding/looking.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { isVerifyDue, verifyAt } from '../../src/domain/verify.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { account } from '../builders/account.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../builders/situation.ts';

const HOUR_MS = 3_600_000;
const VERIFY_MS = 6 * HOUR_MS;
const policy = account({ targets: [TARGET], verifyMs: VERIFY_MS });
const LOOKED_LONG_AGO = { lookedAt: NOW - VERIFY_MS };
const REFUSED: Hold = {
  kind: 'manager-refused',
  subject: 'kronup',
  since: NOW - HOUR_MS,
  by: 'rekeyd',
  reason: 'refused',
};

function given(changes: Partial<AccountRecord>, more: Partial<Situation> = {}): Situation {
  return situation({ policy, record: record(changes), ...more });
}

describe('the time at which an account is verified', () => {
  const ids = Array.from({ length: 200 }, (_, index) => `a${index}`);
  const times = ids.map((id) => verifyAt(of({ accountIds: [id] }), record({ lookedAt: NOW }), NOW) ?? 0);

  function of(changes: Partial<Account>): Account {
    return { ...policy, ...changes };
  }

  it('is at the latest that long after the last look, and never much sooner', () => {
    expect(Math.max(...times)).toBeLessThanOrEqual(NOW + VERIFY_MS);
    expect(Math.min(...times)).toBeGreaterThan(NOW + VERIFY_MS / 2);
  });

  it('is spread by account over a few instants that accounts share', () => {
    const apart = new Set(times);
    expect(apart.size).toBeGreaterThan(2);
    expect(apart.size).toBeLessThanOrEqual(5);
    for (const at of apart) expect(at % (VERIFY_MS / 12)).toBe(0);
  });

  it('is the same each time it is asked', () => {
    const late = record({ lookedAt: NOW });
    expect(verifyAt(policy, late, NOW + HOUR_MS)).toBe(verifyAt(policy, late, NOW));
  });

  it('is never where it is off, and before the first sight', () => {
    const { verifyMs: _, ...off } = policy;
    expect(verifyAt(off, record(LOOKED_LONG_AGO), NOW)).toBeUndefined();
    const { adoptedAt: _adoptedAt, ...unseen } = record();
    expect(verifyAt(policy, unseen, NOW)).toBeUndefined();
  });

  it('counts from the first sight where no look is known', () => {
    const want = verifyAt(policy, record({ lookedAt: NOW }), NOW);
    expect(verifyAt(policy, record({ adoptedAt: NOW }), NOW)).toBe(want);
  });

  it('is now where the clock was put back behind the last look', () => {
    expect(verifyAt(policy, record({ lookedAt: NOW + 1 }), NOW)).toBe(NOW);
  });
});

describe('an account that is to be verified', () => {
  const due = given(LOOKED_LONG_AGO);

  it('is looked at, with all of its targets', () => {
    expect(decide(due)).toEqual({ do: 'observe', account: true, manager: true, targets: [TARGET] });
  });

  it('is looked at from the very instant on', () => {
    const at = verifyAt(policy, due.record, NOW) ?? 0;
    expect(isVerifyDue({ ...due, now: at })).toBe(true);
    expect(isVerifyDue({ ...due, now: at - 1 })).toBe(false);
  });

  it("waits while its provider's calls are kept for rotations", () => {
    expect(isVerifyDue({ ...due, callsShortUntil: NOW + HOUR_MS })).toBe(false);
  });

  it('is not looked at again once it was', () => {
    const seen = { ...due, seen: ALL_SEEN };
    const looked = { ...seen, record: withLook(seen) };
    expect(looked.record.lookedAt).toBe(NOW);
    const decision = decide(looked);
    expect(decision).toMatchObject({ do: 'rest', wake: { why: 'verify' } });
    if (decision.do === 'rest') expect(decision.wake?.at).toBeGreaterThan(NOW + VERIFY_MS / 2);
  });

  it('is not looked at before its time, nor once it has left the configuration', () => {
    expect(decide(given({ lookedAt: NOW - HOUR_MS })).do).toBe('rest');
    expect(decide({ ...due, configured: false })).toMatchObject({ do: 'note' });
  });

  it('counts no look that said nothing for certain', () => {
    const seen = { ...ALL_SEEN, account: { requestedAt: NOW, state: 'closed', certain: false } as const };
    expect(withLook({ ...due, seen }).lookedAt).toBe(LOOKED_LONG_AGO.lookedAt);
  });

  it('is tried again later and later where looking fails', () => {
    const failure = { kind: 'not-connected', message: 'no answer' } as const;
    const seen = { ...due.seen, accountFailure: { at: NOW, failure } };
    expect(decide({ ...due, seen, dice: 1 })).toMatchObject({
      facts: [{ kind: 'observe-failed', retryAt: NOW + 60_000 }],
    });
    const later = given({ ...LOOKED_LONG_AGO, retries: 9 }, { seen, dice: 1 });
    expect(decide(later)).toMatchObject({ facts: [{ retryAt: NOW + 1_800_000 }] });
  });

  it('waits while the manager credential is refused, until that is lifted', () => {
    const held = { ...due, sharedHolds: [REFUSED] };
    expect(isVerifyDue(held)).toBe(false);
    expect(decide(held)).toEqual({ do: 'rest', wake: undefined });
  });

  it('does not wait for the hold of another provider', () => {
    expect(isVerifyDue({ ...due, sharedHolds: [{ ...REFUSED, subject: 'other' }] })).toBe(true);
  });

  it('wakes when a hold with an end is over', () => {
    const held = { ...due, sharedHolds: [{ ...REFUSED, until: NOW + HOUR_MS }] };
    expect(wakeOf(held)).toEqual({ at: NOW + HOUR_MS, why: 'verify' });
  });

  it('is left to the looks that recover a mint of unknown outcome', () => {
    const intent = { attempt: 1, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };
    const recovering = given({ ...LOOKED_LONG_AGO, rotation: { ...OPEN, intent } });
    expect(wakeOf(recovering)?.why).toBe('settle');
  });
});
