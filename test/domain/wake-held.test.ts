import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import type { AccountRecord, OldCredential, TargetRecord } from '../../src/domain/record.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { account } from '../builders/account.ts';
import { shared, SINCE } from '../builders/held.ts';
import { INTENT, NOW, OPEN, record, situation, TARGET } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

interface Given {
  readonly policy?: Partial<Account>;
  readonly record?: Partial<AccountRecord>;
  readonly more?: Partial<Situation>;
}

function wake({ policy, record: changes, more }: Given = {}) {
  return wakeOf(
    situation({ policy: account({ targets: [TARGET], ...policy }), record: record(changes), ...more }),
  );
}

describe('an account that is due while the clock is wrong', () => {
  it('is looked at after the longest wait: whoever sees the right time wakes all', () => {
    const due = { policy: { maxAgeMs: 1 }, record: { ageFrom: { at: 0, atLeast: false } } };
    expect(wake({ ...due, more: { sharedHolds: [shared('clock-skew', 'all')] } })).toEqual({
      at: NOW + LIMITS.recheckMaxMs,
      why: 'hold-ends',
    });
  });
});

describe('a contested target that is not delivered to', () => {
  const contested: TargetRecord = {
    failures: 1,
    accepted: false,
    retryAt: NOW + MINUTE_MS,
    contested: { since: SINCE },
  };
  const known = (one: TargetRecord): Given => ({ record: { targets: { [TARGET.id]: one } } });

  it('is not tried again before it is left alone no more', () => {
    expect(wake(known(contested))).toEqual({ at: SINCE + LIMITS.contestedMs, why: 'hold-ends' });
  });

  it('is tried again when it is time where what was minted is owed there', () => {
    const owed = { fingerprint: 'live', target: TARGET };
    expect(wake(known({ ...contested, owed }))).toEqual({ at: NOW + MINUTE_MS, why: 'retry' });
  });
});

describe('an old credential', () => {
  const OLD: OldCredential = {
    why: 'replaced',
    since: NOW - HOUR_MS,
    fingerprint: 'old',
    reference: 'r-old',
    graceFrom: NOW,
  };
  const waiting = (old: OldCredential, changes: Partial<AccountRecord> = {}) =>
    wake({ policy: { strategy: 'overlap', graceMs: HOUR_MS }, record: { old: [old], ...changes } });
  const { graceFrom: _, ...ungraced } = OLD;
  const leaked = { ...OLD, compromised: true } as const;
  const undelivered = { targets: { [TARGET.id]: { failures: 0, accepted: false } } };

  it('is looked into when its grace is over', () => {
    expect(waiting(OLD)).toEqual({ at: NOW + HOUR_MS, why: 'grace' });
  });

  it('is looked into rarely while the clock may be wrong, unless no time matters to it', () => {
    const skewed = (old: OldCredential) =>
      wake({
        policy: { strategy: 'overlap', graceMs: HOUR_MS },
        record: { old: [old] },
        more: { sharedHolds: [shared('clock-skew', 'all')] },
      });
    expect(skewed(OLD)).toEqual({ at: NOW + LIMITS.recheckMaxMs, why: 'grace' });
    expect(skewed({ ...OLD, why: 'unused', since: NOW + 1 })).toEqual({ at: NOW + 1, why: 'grace' });
  });

  it('is not looked into before its grace has begun', () => {
    expect(waiting(ungraced)).toBeUndefined();
  });

  it('is not looked into while the account is mismatched', () => {
    expect(waiting(OLD, { mismatched: { since: NOW, why: 'because' } })).toBeUndefined();
  });

  it('is not looked into while nobody knows whether a mint happened', () => {
    const minting = { rotation: { ...OPEN, intent: { ...INTENT, sightings: 9, sightedAt: NOW } } };
    const due = { ...leaked, since: NOW + 1 };
    expect(waiting(due, minting)).toMatchObject({ why: 'settle' });
  });

  it('that has leaked is looked into at once where what is needed holds the newer one, and not before', () => {
    expect(waiting(leaked)).toEqual({ at: NOW + LIMITS.againMs, why: 'grace' });
    expect(waiting(leaked, undelivered)).toBeUndefined();
  });

  it('that has not leaked is looked into whatever is delivered', () => {
    expect(waiting(OLD, undelivered)).toEqual({ at: NOW + HOUR_MS, why: 'grace' });
  });
});
