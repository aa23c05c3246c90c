import { describe, expect, it } from 'vitest';
import type { AccountRecord } from '../../src/domain/record.ts';
import { refusedMintsAtMost, refusedTryAt } from '../../src/domain/refusal.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { NOW, record, REFUSED } from '../builders/situation.ts';
import { EXPIRED, ONCE, SENT, fold, refused, untilDone } from '../builders/refused.ts';

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

describe('what was seen of a refusal', () => {
  const base = record({ refused: REFUSED });

  it('ends when another credential is live', () => {
    expect(fold(base, 'live-changed', { fingerprint: 'new', was: 'live' }).refused).toBeUndefined();
    expect(fold(base, 'live-found', { fingerprint: 'new' }).refused).toBeUndefined();
  });

  it('ends when the account is closed, and when a person unparks it', () => {
    expect(fold(base, 'account-held', { hold: 'closed', why: '' }).refused).toBeUndefined();
    expect(fold(base, 'account-unparked', {}).refused).toBeUndefined();
  });

  it('is found out anew when the policy changed', () => {
    const after = fold(base, 'policy-changed', { name: 'billing' });
    expect(after.refused).toMatchObject({ since: REFUSED.since, tryAt: NOW });
    expect(after.refused?.countedAt).toBeUndefined();
  });

  it('stays when a try was inconclusive, and does not count from then on', () => {
    const tried = {
      fingerprint: 'live',
      outcome: 'inconclusive',
      triedAt: NOW,
      counts: false,
      tryAt: NOW + 1,
    } as const;
    const after = fold(base, 'live-tried', tried);
    expect(after.refused).toMatchObject({ since: REFUSED.since, times: 2, tryAt: NOW + 1 });
    expect(after.refused?.countedAt).toBeUndefined();
  });

  it('ends when the credential is proved for another reason', () => {
    expect(fold(base, 'credential-proved', { fingerprint: 'live' }).refused).toBeUndefined();
  });

  it('says nothing where the clock was put back since', () => {
    const tried = { live: { at: NOW + 1, outcome: EXPIRED } };
    const { facts, decision } = untilDone(refused({ seen: { tried } }));
    expect(facts).toEqual([]);
    expect(decision).toEqual({ do: 'try', fingerprint: 'live' });
    const ahead = { ...ONCE, since: NOW + HOUR_MS, triedAt: NOW + HOUR_MS };
    const { record: after } = untilDone(refused({ record: { refused: ahead } }));
    expect(after.refused).toMatchObject({ since: SENT, times: 2 });
    expect(after.refused?.countedAt).toBeUndefined();
  });

  it('is nothing where the try was of another credential', () => {
    const tried = { fingerprint: 'old', outcome: 'refused', triedAt: NOW, counts: true } as const;
    expect(fold(record(), 'live-tried', tried).refused).toBeUndefined();
  });
});

describe('the limits', () => {
  it('allow 1 % of a provider’s accounts to be minted for in an hour, and at least one', () => {
    expect([1, 99, 100, 199, 200, 10_000].map(refusedMintsAtMost)).toEqual([1, 1, 1, 1, 2, 100]);
  });

  it('try again ever later, at instants that all accounts share, and at least four times a day', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 60].map(
      (times) => (refusedTryAt(NOW + 1, times) - NOW) / MINUTE_MS,
    );
    expect(waits).toEqual([10, 15, 25, 45, 85, 165, 325, 365, 365]);
    expect(refusedTryAt(NOW + 1, 1) % (5 * MINUTE_MS)).toBe(0);
  });

  it('wake the account for its next try, unless it is closed', () => {
    const wake = (changes: Partial<AccountRecord>) =>
      wakeOf(refused({ record: { refused: { ...ONCE, tryAt: NOW + 7 }, ...changes } }));
    expect(wake({})).toEqual({ at: NOW + 7, why: 'refused' });
    expect(wake({ held: { closed: { since: NOW, why: '' } } })?.why).not.toBe('refused');
  });
});
