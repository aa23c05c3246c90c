import { describe, expect, it } from 'vitest';
import type { Account, Window } from '../../src/domain/account.ts';
import type { Hold, HoldKind } from '../../src/domain/hold.ts';
import type { AccountRecord, Intent, TargetRecord } from '../../src/domain/record.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { recoverLookAt, wakeOf } from '../../src/domain/wake.ts';
import { account, target } from '../builders/account.ts';
import { NOW, OPEN, record, situation, TARGET } from '../builders/situation.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const HOURLY = { pattern: '0 * * * *', zone: 'UTC' };
/** Open from 11:00 to 14:00; `NOW` is 12:00. */
const FREEZE: Window = { opens: { pattern: '0 11 * * *', zone: 'UTC' }, durationMs: 3 * HOUR_MS };
const UNDELIVERED: TargetRecord = { failures: 1, accepted: false, retryAt: NOW + MINUTE_MS };
const OWED: TargetRecord = { ...UNDELIVERED, owed: { fingerprint: 'live', target: TARGET } };
/** Older than a maximal age of one hour: due now, by age. */
const OLD = { ageFrom: { at: NOW - HOUR_MS, atLeast: false } };

interface Given extends Partial<Omit<Situation, 'policy' | 'record'>> {
  readonly policy?: Partial<Account>;
  readonly record?: Partial<AccountRecord>;
}

function wake({ policy, record: changes, ...rest }: Given = {}) {
  return wakeOf(
    situation({ policy: account({ targets: [TARGET], ...policy }), record: record(changes), ...rest }),
  );
}

function intent(changes: Partial<Intent> = {}): { rotation: NonNullable<AccountRecord['rotation']> } {
  const sent = { attempt: 1, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0, ...changes };
  return { rotation: { ...OPEN, intent: sent } };
}

function shared(kind: HoldKind, subject: string, since = NOW): Hold {
  return { kind, subject, since, by: 'rekeyd', reason: 'because' };
}

describe('the next look', () => {
  it('is none at a converged account for which nothing is planned', () => {
    expect(wake()).toBeUndefined();
  });

  const reasons: readonly [string, Given, NonNullable<ReturnType<typeof wakeOf>>][] = [
    ['the next slot', { policy: { schedule: HOURLY } }, { at: NOW + HOUR_MS, why: 'slot' }],
    [
      'a missed slot’s time',
      {
        policy: { schedule: HOURLY },
        record: { missed: { slot: NOW, runAt: NOW + 5 * MINUTE_MS } },
      },
      { at: NOW + 5 * MINUTE_MS, why: 'missed' },
    ],
    [
      'expiry',
      {
        record: {
          live: { fingerprint: 'live', ownMint: true, proved: true, expiresAt: NOW + 2 * HOUR_MS },
          lifetimeMs: 3 * HOUR_MS,
        },
      },
      { at: NOW + HOUR_MS, why: 'expiry' },
    ],
    [
      'the maximal age',
      { policy: { maxAgeMs: 2 * HOUR_MS }, record: OLD },
      { at: NOW + HOUR_MS, why: 'max-age' },
    ],
    [
      'the retry of a failed rotation',
      { record: { retryAt: NOW + 3 * MINUTE_MS } },
      { at: NOW + 3 * MINUTE_MS, why: 'retry' },
    ],
    [
      'the retry of a failed delivery',
      { record: { targets: { [TARGET.id]: UNDELIVERED } } },
      { at: NOW + MINUTE_MS, why: 'retry' },
    ],
    [
      'the first of the looks after a mint of unknown outcome',
      { record: { reobserveAt: [NOW + 5 * MINUTE_MS, NOW + 15 * MINUTE_MS] } },
      { at: NOW + 5 * MINUTE_MS, why: 're-observe' },
    ],
    ['the next look for a lost answer', { record: intent() }, { at: NOW + SECOND_MS, why: 'settle' }],
  ];

  it.each(reasons)('is at %s', (_name, given, want) => {
    expect(wake(given)).toEqual(want);
  });

  it('is one instant, the earliest of all that are to come', () => {
    const policy = { schedule: HOURLY, maxAgeMs: HOUR_MS + 20 * MINUTE_MS };
    const all: Partial<AccountRecord> = {
      slot: NOW,
      ...OLD,
      reobserveAt: [NOW + 15 * MINUTE_MS],
      retryAt: NOW + 10 * MINUTE_MS,
      targets: { [TARGET.id]: { ...UNDELIVERED, retryAt: NOW + 5 * MINUTE_MS } },
    };
    const { targets: _t, ...noTarget } = all;
    const { retryAt: _r, ...noRetry } = noTarget;
    const { reobserveAt: _o, ...noLook } = noRetry;
    const { ageFrom: _a, ...noAge } = noLook;
    expect(wake({ policy, record: all })).toEqual({ at: NOW + 5 * MINUTE_MS, why: 'retry' });
    expect(wake({ policy, record: noTarget })).toEqual({ at: NOW + 10 * MINUTE_MS, why: 'retry' });
    expect(wake({ policy, record: noRetry })).toEqual({ at: NOW + 15 * MINUTE_MS, why: 're-observe' });
    expect(wake({ policy, record: noLook })).toEqual({ at: NOW + 20 * MINUTE_MS, why: 'max-age' });
    expect(wake({ policy, record: noAge })).toEqual({ at: NOW + HOUR_MS, why: 'slot' });
  });

  it('is a minute later for what has come already: it was tried in vain', () => {
    const want = { at: NOW + MINUTE_MS };
    expect(wake({ record: { reobserveAt: [NOW] } })).toMatchObject(want);
    expect(wake({ record: { reobserveAt: [NOW - DAY_MS] } })).toMatchObject(want);
    const late = { ...UNDELIVERED, retryAt: NOW - DAY_MS };
    expect(wake({ record: { targets: { [TARGET.id]: late } } })).toMatchObject(want);
    expect(wake({ record: intent({ sentAt: NOW - DAY_MS }) })).toMatchObject(want);
    expect(wake({ record: intent({ sentAt: NOW + DAY_MS }) })).toMatchObject(want);
  });

  it('plans nothing for an account that is not configured, but what is owed goes on', () => {
    const policy = { schedule: HOURLY };
    expect(wake({ configured: false, policy })).toBeUndefined();
    const undelivered = { targets: { [TARGET.id]: UNDELIVERED } };
    expect(wake({ configured: false, policy, record: undelivered })).toBeUndefined();
    const owed = { targets: { [TARGET.id]: OWED } };
    expect(wake({ configured: false, policy, record: owed })).toEqual({ at: NOW + MINUTE_MS, why: 'retry' });
    expect(wake({ configured: false, policy, record: intent() })?.why).toBe('settle');
  });
});

describe('the next look after a failed delivery', () => {
  const retried = (given: Given) =>
    wake({ ...given, record: { targets: { [TARGET.id]: UNDELIVERED }, ...given.record } })?.at ===
    NOW + MINUTE_MS;
  const owed = { targets: { [TARGET.id]: OWED } };
  const paused = { paused: { since: NOW, cause: { actor: 'socket:0' } } };

  it('does not come for what others changed while the account is paused; what is owed goes on', () => {
    expect(retried({ record: paused })).toBe(false);
    expect(retried({ policy: { paused: true } })).toBe(false);
    expect(retried({ record: { ...paused, ...owed } })).toBe(true);
  });

  it('comes while the account is parked', () => {
    expect(retried({ record: { parked: { since: NOW, why: 'because' } } })).toBe(true);
  });

  it('does not come for what is only reported; what is owed goes on', () => {
    const drifted = { ...UNDELIVERED, drifted: { since: NOW } };
    const policy = { onDrift: 'report' } as const;
    expect(retried({ policy, record: { targets: { [TARGET.id]: drifted } } })).toBe(false);
    expect(retried({ policy, record: { targets: { [TARGET.id]: { ...OWED, ...drifted } } } })).toBe(true);
    expect(retried({ record: { targets: { [TARGET.id]: drifted } } })).toBe(true);
  });

  it('comes for a closed account where the value of what is owed is in memory: else looking would have to bring it', () => {
    const held = { closed: { since: NOW, why: 'because' } };
    const inHand = new Set(['live']);
    expect(retried({ inHand, record: { held, ...owed } })).toBe(true);
    expect(retried({ inHand, record: { held } })).toBe(false);
    expect(retried({ record: { held, ...owed } })).toBe(false);
  });

  it('does not come for a mismatched account or a foreign target', () => {
    const because = { since: NOW, why: 'because' };
    const foreign = { ...OWED, foreign: { since: NOW } };
    expect(retried({ record: { mismatched: because, ...owed } })).toBe(false);
    expect(retried({ record: { targets: { [TARGET.id]: foreign } } })).toBe(false);
  });
});

describe('the next look at an account that is held', () => {
  const policy = { maxAgeMs: HOUR_MS };
  const because = { since: NOW, why: 'because' };

  it('is when the hold ends, where that is known', () => {
    const want = { at: NOW + 9 * MINUTE_MS, why: 'hold-ends' };
    expect(wake({ policy, record: { ...OLD, mintedAt: NOW - MINUTE_MS } })).toEqual(want);
    const denied = { policy: { ...policy, deny: [FREEZE] }, record: OLD };
    expect(wake(denied)).toEqual({ at: NOW + 2 * HOUR_MS, why: 'hold-ends' });
  });

  it('is when the hold ends that keeps an open rotation from minting', () => {
    const given = { policy: { deny: [FREEZE] }, record: { rotation: OPEN } };
    expect(wake(given)).toEqual({ at: NOW + 2 * HOUR_MS, why: 'hold-ends' });
  });

  it('is when the credential’s expiry fires, where it would die before the hold ends', () => {
    const live = { fingerprint: 'live', ownMint: true, proved: true, expiresAt: NOW + HOUR_MS + 1_000 };
    const expiring = { rotation: OPEN, live, lifetimeMs: HOUR_MS };
    const given = { policy: { deny: [FREEZE], rotateBeforeExpiryMs: 1_000 }, record: expiring };
    expect(wake(given)).toEqual({ at: NOW + HOUR_MS, why: 'expiry' });
  });

  it('is never for a hold that a person lifts: parked, paused or frozen', () => {
    const paused = { since: NOW, cause: { actor: 'socket:0' } };
    expect(wake({ policy, record: { ...OLD, parked: because } })).toBeUndefined();
    expect(wake({ policy, record: { ...OLD, paused } })).toBeUndefined();
    expect(wake({ policy: { ...policy, paused: true }, record: OLD })).toBeUndefined();
    expect(wake({ record: { rotation: OPEN, parked: because } })).toBeUndefined();
    expect(wake({ sharedHolds: [shared('frozen', 'kronup')], policy, record: OLD })).toBeUndefined();
  });

  it('is a recheck where somebody else lifts it, whether something is due or not', () => {
    const foreign: TargetRecord = { failures: 0, accepted: false, foreign: { since: NOW } };
    const want = { at: NOW + 10 * MINUTE_MS, why: 'recheck' };
    expect(wake({ dice: 0, record: { held: { closed: because } } })).toEqual(want);
    expect(wake({ dice: 0, record: { held: { 'own-account': because } } })).toEqual(want);
    expect(wake({ dice: 0, record: { targets: { [TARGET.id]: foreign } } })).toEqual(want);
  });

  it('is a recheck where the provider refuses the manager credential, once something is due', () => {
    const sharedHolds = [shared('manager-refused', 'kronup')];
    expect(wake({ sharedHolds, dice: 0 })).toBeUndefined();
    expect(wake({ sharedHolds, dice: 0, policy, record: OLD })).toEqual({
      at: NOW + 10 * MINUTE_MS,
      why: 'recheck',
    });
  });

  it.each([
    ['10 minutes', 'has just begun', 0, 10 * MINUTE_MS],
    ['10 minutes', 'stands for 40 minutes', 40 * MINUTE_MS, 10 * MINUTE_MS],
    ['1 hour', 'stands for 4 hours', 4 * HOUR_MS, HOUR_MS],
    ['6 hours', 'stands for a day', DAY_MS, 6 * HOUR_MS],
    ['6 hours', 'stands for a year', 365 * DAY_MS, 6 * HOUR_MS],
  ])('is a recheck after %s where the hold %s', (_want, _stands, standsMs, wantMs) => {
    const closed = { since: NOW - standsMs, why: 'because' };
    expect(wake({ dice: 0, record: { held: { closed } } })?.at).toBe(NOW + wantMs);
  });

  it('is a recheck that chance puts off by a quarter at most', () => {
    const held = { held: { closed: because } };
    expect(wake({ dice: 0.5, record: held })?.at).toBe(NOW + 11.25 * MINUTE_MS);
    expect(wake({ dice: 1, record: held })?.at).toBe(NOW + 12.5 * MINUTE_MS);
  });

  it('is a retry that backs off where a store is down: preparing shows that it is up', () => {
    const down = { sharedHolds: [shared('store-down', 'files')], policy, dice: 1 };
    expect(wake({ ...down, record: OLD })).toEqual({ at: NOW + 5 * SECOND_MS, why: 'retry' });
    expect(wake({ ...down, record: { ...OLD, retries: 2 } })?.at).toBe(NOW + 20 * SECOND_MS);
    expect(wake({ ...down, record: { ...OLD, retries: 99 } })?.at).toBe(NOW + 5 * MINUTE_MS);
  });

  it('is none for a store that is down while nothing is due, or where no required target is', () => {
    expect(wake({ sharedHolds: [shared('store-down', 'files')] })).toBeUndefined();
    const targets = [target(TARGET.id, { required: false })] as const;
    const optional = { ...policy, targets };
    const given = { sharedHolds: [shared('store-down', 'files')], policy: optional, record: OLD };
    expect(wake(given)).toBeUndefined();
  });
});

describe('the look for a mint of unknown outcome', () => {
  const lookAt = (changes: Partial<Intent>, now = NOW) => recoverLookAt(record(intent(changes)), now);

  it('is none where no mint’s outcome is unknown', () => {
    expect(recoverLookAt(record(), NOW)).toBeUndefined();
    expect(recoverLookAt(record({ rotation: OPEN }), NOW)).toBeUndefined();
  });

  it('comes a second after the request, and then twice as late each time, up to 30 seconds', () => {
    expect(lookAt({})).toBe(NOW + SECOND_MS);
    const seen = (sightings: number) => lookAt({ sightings, sightedAt: NOW });
    expect([1, 2, 3, 4, 5].map(seen)).toEqual([1, 2, 4, 8, 16].map((seconds) => NOW + seconds * SECOND_MS));
    expect([6, 7, 100].map(seen)).toEqual([30, 30, 30].map((seconds) => NOW + seconds * SECOND_MS));
  });

  it('comes at the very instant at which the mint has settled, two minutes after its request', () => {
    const sentAt = NOW - 110 * SECOND_MS;
    expect(lookAt({ sentAt, sightings: 9, sightedAt: NOW })).toBe(NOW + 10 * SECOND_MS);
    expect(lookAt({ sentAt: NOW - 2 * MINUTE_MS, sightings: 9, sightedAt: NOW })).toBe(NOW + 30 * SECOND_MS);
  });

  it('comes at once where the clock was put back', () => {
    expect(lookAt({ sentAt: NOW + 1 })).toBe(NOW);
    expect(lookAt({ sightings: 1, sightedAt: NOW + 1 })).toBe(NOW);
  });

  it('waits for the retry where looking has failed', () => {
    const failed = { ...intent(), retryAt: NOW + 5 * MINUTE_MS };
    expect(wake({ record: failed })?.at).toBe(NOW + 5 * MINUTE_MS);
  });
});
