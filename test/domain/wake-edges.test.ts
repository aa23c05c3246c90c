import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { AccountRecord, Intent, TargetRecord } from '../../src/domain/record.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { recoverLookAt, wakeOf } from '../../src/domain/wake.ts';
import { account } from '../builders/account.ts';
import { NOW, OPEN, record, situation, TARGET } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const UNDELIVERED: TargetRecord = { failures: 1, accepted: false, retryAt: NOW + MINUTE_MS };
const RETRY = { at: NOW + MINUTE_MS, why: 'retry' };
const STORE_DOWN: Hold = { kind: 'store-down', subject: 'files', since: NOW, by: 'rekeyd', reason: 'x' };
const INTENT: Intent = { attempt: 1, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };

interface Given extends Partial<Omit<Situation, 'policy' | 'record'>> {
  readonly policy?: Partial<Account>;
  readonly record?: Partial<AccountRecord>;
}

function wake({ policy, record: changes, ...rest }: Given = {}) {
  return wakeOf(
    situation({
      policy: account({ targets: [TARGET], ...policy }),
      record: record(changes),
      dice: 1,
      ...rest,
    }),
  );
}

describe('the next look', () => {
  it('is not a retry that has come: what was tried in vain is tried again after a while', () => {
    expect(wake({ record: { retryAt: NOW } })).toBeUndefined();
    expect(wake({ record: { retryAt: NOW - 1 } })).toBeUndefined();
    expect(wake({ record: { retryAt: NOW + 1 } })).toEqual({ at: NOW + 1, why: 'retry' });
  });

  it('comes for what is not delivered, also where only drift is reported and there is none', () => {
    expect(
      wake({ policy: { onDrift: 'report' }, record: { targets: { [TARGET.id]: UNDELIVERED } } }),
    ).toEqual(RETRY);
  });

  it('comes for what is not proved yet no sooner than that is tried again', () => {
    const targets = { [TARGET.id]: UNDELIVERED };
    const live = { fingerprint: 'live', ownMint: false, proved: false };
    const retryAt = NOW + 5 * MINUTE_MS;
    expect(wake({ record: { live, targets, retryAt } })).toEqual({ at: retryAt, why: 'retry' });
    expect(wake({ record: { live: { ...live, proved: true }, targets, retryAt } })).toEqual(RETRY);
    expect(wake({ record: { live, targets } })).toEqual(RETRY);
  });

  it('does not come for a target of which nothing is known: that is looked at by other ways', () => {
    expect(wake({ policy: { onDrift: 'report' }, record: { targets: {} } })).toBeUndefined();
    expect(wake({ configured: false, record: { targets: {} } })).toBeUndefined();
  });

  it('is called after its reason', () => {
    const schedule = { pattern: '0 * * * *', zone: 'UTC' };
    const missed = { slot: NOW + HOUR_MS, runAt: NOW + 2 * HOUR_MS };
    expect(wake({ policy: { schedule }, record: { missed } })).toEqual({
      at: NOW + 2 * HOUR_MS,
      why: 'missed',
    });
    const ageFrom = { at: NOW, atLeast: false };
    expect(wake({ policy: { maxAgeMs: 5 }, record: { ageFrom } })).toEqual({ at: NOW + 5, why: 'max-age' });
  });

  it('does not plan or recheck for an account that left', () => {
    const gone = { configured: false, record: { held: { closed: { since: NOW, why: 'x' } } } };
    expect(wake(gone)).toBeUndefined();
    expect(wake({ ...gone, configured: true })).toMatchObject({ why: 'recheck' });
  });

  it('is no verifying while nobody knows whether a mint happened', () => {
    const lookedAt = NOW - HOUR_MS;
    const verifying = {
      policy: { verifyMs: HOUR_MS },
      record: { lookedAt, rotation: { ...OPEN, intent: INTENT } },
    };
    expect(wake(verifying)).toMatchObject({ why: 'settle' });
    const soon = { policy: { verifyMs: 12_000 }, record: { lookedAt: NOW } };
    expect(wake(soon)?.why).toBe('verify');
    const seen = { ...INTENT, sightings: 9, sightedAt: NOW, sentAt: NOW - HOUR_MS };
    expect(wake({ ...soon, record: { ...soon.record, rotation: { ...OPEN, intent: seen } } })).toEqual({
      at: NOW + 30_000,
      why: 'settle',
    });
    expect(wake({ ...verifying, now: NOW - 1, record: { ...verifying.record, retryAt: NOW + 5 } })).toEqual({
      at: NOW + 5,
      why: 'settle',
    });
  });

  it('is a retry for an open rotation whose store is down, until it has minted', () => {
    const down = { sharedHolds: [STORE_DOWN] };
    expect(wake({ ...down, record: { rotation: OPEN } })).toEqual({ at: NOW + 5_000, why: 'retry' });
    const minted = { fingerprint: 'live', sentAt: NOW, recovered: false };
    expect(wake({ ...down, record: { rotation: { ...OPEN, minted } } })).toBeUndefined();
  });

  it('is a retry for a manual rotation whose store is down, which no time stops', () => {
    const deny = [{ opens: { pattern: '0 * * * *', zone: 'UTC' }, durationMs: HOUR_MS / 2 }];
    const manual = { rotation: { ...OPEN, trigger: 'manual' as const } };
    expect(wake({ policy: { deny }, record: manual, sharedHolds: [STORE_DOWN] })).toMatchObject({
      why: 'retry',
    });
    expect(wake({ policy: { deny }, record: manual })).toBeUndefined();
    expect(wake({ policy: { deny }, record: { rotation: OPEN } })).toMatchObject({ why: 'hold-ends' });
  });
});

describe('the look for a mint of unknown outcome', () => {
  function lookAt(changes: Partial<Intent>): number | undefined {
    return recoverLookAt(record({ rotation: { ...OPEN, intent: { ...INTENT, ...changes } } }), NOW + HOUR_MS);
  }

  it('comes a second after the request although all would have settled by then', () => {
    expect(lookAt({})).toBe(NOW + 1_000);
  });

  it('is not put forward by settling where the pre-image was not seen', () => {
    expect(lookAt({ sightedAt: NOW + 119_500 })).toBe(NOW + 120_500);
    expect(lookAt({ sightings: 1, sightedAt: NOW + 119_500 })).toBe(NOW + 120_000);
  });

  it('comes later and later once it has settled', () => {
    expect(lookAt({ sightings: 3, sightedAt: NOW + 120_000 })).toBe(NOW + 124_000);
  });

  it('is a recheck where the newest look showed the account closed, and told nothing of the mint', () => {
    const held = { closed: { since: NOW - HOUR_MS, why: 'because' } };
    const unknown = (changes: Partial<Intent>) => ({
      rotation: { ...OPEN, intent: { ...INTENT, sentAt: NOW - HOUR_MS, sightings: 1, ...changes } },
    });
    const sent = unknown({ sightedAt: NOW - MINUTE_MS });
    const want = { at: NOW + 15 * MINUTE_MS, why: 'recheck' };
    expect(wake({ dice: 0, record: { ...sent, held, lookedAt: NOW } })).toEqual(want);
    expect(wake({ dice: 0, configured: false, record: { ...sent, held, lookedAt: NOW } })).toEqual(want);
    const policy = { reopenClosed: true };
    expect(wake({ dice: 0, policy, record: { ...sent, held, lookedAt: NOW } })).toEqual(want);
    const told = unknown({ sightedAt: NOW });
    expect(wake({ dice: 0, record: { ...told, held, lookedAt: NOW } })?.why).toBe('settle');
    expect(wake({ dice: 0, record: { ...sent, lookedAt: NOW } })?.why).toBe('settle');
  });
});
