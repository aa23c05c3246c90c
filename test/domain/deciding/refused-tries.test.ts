import { describe, expect, it } from 'vitest';
import { tryLive } from '../../../src/domain/deciding/trying-live.ts';
import { refusedTryAt } from '../../../src/domain/refusal.ts';
import type { AccountRecord, Refusal } from '../../../src/domain/record.ts';
import type { Observation, Situation, TargetSeen } from '../../../src/domain/situation.ts';
import { wakeOf } from '../../../src/domain/wake.ts';
import { target } from '../../builders/account.ts';
import { FAILURE, noted } from '../../builders/decision.ts';
import { shared } from '../../builders/held.ts';
import { EXPIRED, ONCE, refused, SENT } from '../../builders/refused.ts';
import type { Given } from '../../builders/refused.ts';
import { ALL_SEEN, LIVE_THERE, NOW, OPEN, REFUSED, TARGET } from '../../builders/situation.ts';

const LATER = NOW + 60_000;
const OFTEN: Refusal = { ...ONCE, times: 9 };
const NOBODY = { inHand: new Set<string>() };

function tries(given: Given) {
  return tryLive(refused(given));
}

describe('a credential that was refused, whose value is to be had from targets alone', () => {
  const OTHER = target('files:billing/other');
  const targets = [TARGET, OTHER] as const;
  const listing = (read: Observation['targets']): Given => {
    const credentials = [{ reference: 'r1', name: '', createdAt: 0 }];
    const seen = { requestedAt: NOW, state: 'open', certain: true, credentials } as const;
    return { policy: { targets }, seen: { account: seen, targets: read, tried: {} }, more: NOBODY };
  };

  const toldNothing = (why: string) =>
    noted({
      kind: 'live-tried',
      fingerprint: 'live',
      outcome: 'inconclusive',
      triedAt: NOW,
      counts: false,
      why,
      tryAt: refusedTryAt(NOW, 1),
    });

  it('has those read that were not', () => {
    const want = { do: 'observe', account: false, manager: false };
    expect(tries(listing({}))).toStrictEqual({ ...want, targets });
    expect(tries(listing({ [TARGET.id]: LIVE_THERE }))).toStrictEqual({ ...want, targets: [OTHER] });
  });

  it('is tried another time where none of them has it', () => {
    expect(tries(listing({ [TARGET.id]: LIVE_THERE, [OTHER.id]: LIVE_THERE }))).toStrictEqual(
      toldNothing('the provider does not show it'),
    );
  });

  it('is tried again soon, however often it was refused, where one of them could not be read', () => {
    const unreadable: TargetSeen = { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } };
    const often = {
      ...listing({ [TARGET.id]: LIVE_THERE, [OTHER.id]: unreadable }),
      record: { refused: OFTEN },
    };
    expect(tries(often)).toStrictEqual(toldNothing(FAILURE.message));
  });
});

describe('a live credential that its provider lists no more', () => {
  const another = { reference: 'r2', name: '', createdAt: 0 };
  const listed = { ...another, reference: 'r1' };
  const looked = (credentials: readonly (typeof another)[], given: Given = {}): Given => ({
    seen: {
      account: { requestedAt: NOW, state: 'open', certain: true, credentials },
      tried: {},
      ...given.seen,
    },
    record: {
      live: { fingerprint: 'live', ownMint: true, proved: true, reference: 'r1' },
      refused: { ...ONCE, fingerprint: 'before' },
      ...given.record,
    },
    more: { dueWhy: 'grace', ...given.more },
  });

  it('is tried, whatever the look was for', () => {
    expect(tries(looked([another]))).toEqual({ do: 'try', fingerprint: 'live' });
    expect(tries(looked([another, listed]))).toBeUndefined();
  });

  it('has targets read whose value it takes, and is left alone where none has it', () => {
    const unread = { ...looked([another]).seen, targets: {} };
    expect(tries(looked([another], { more: NOBODY, seen: unread }))).toMatchObject({
      do: 'observe',
      targets: [TARGET],
    });
    expect(tries(looked([another], { more: NOBODY }))).toBeUndefined();
  });

  it('is tried again when it is time for that', () => {
    const later = { refused: { ...ONCE, triedAt: SENT, tryAt: LATER } };
    expect(tries(looked([another], { record: later }))).toBeUndefined();
  });
});

describe('a credential that was refused and is not to be tried yet', () => {
  const later = { refused: { ...ONCE, triedAt: SENT, tryAt: LATER } };
  const verifying = { dueWhy: 'verify' };

  it('is not tried again at the look at which it was tried', () => {
    const seen = { tried: { live: { at: SENT, outcome: EXPIRED } } };
    expect(tries({ record: later, seen, more: verifying })).toBeUndefined();
  });

  it('is tried at a look that verifies, and is no reason for one', () => {
    expect(tries({ record: later, seen: { tried: {} }, more: verifying })).toEqual({
      do: 'try',
      fingerprint: 'live',
    });
    const { account: _, ...unseen } = ALL_SEEN;
    expect(tries({ record: later, more: { ...verifying, seen: unseen } })).toBeUndefined();
  });
});

describe('a credential that counts as refused', () => {
  const stale: Partial<AccountRecord> = {
    refused: { ...REFUSED, triedAt: NOW - 60_000, tryAt: LATER },
  };
  const rotating = (given: Given) =>
    tries({
      record: stale,
      seen: { tried: {} },
      ...given,
      policy: { onRefused: 'rotate', ...given.policy },
    });
  const TRY = { do: 'try', fingerprint: 'live' };

  it('is tried once more before anything is minted because of it', () => {
    expect(rotating({})).toEqual(TRY);
    expect(rotating({ record: { ...stale, rotation: { ...OPEN, trigger: 'refused' } } })).toEqual(TRY);
  });

  it('is tried once more although a store is down, which preparing finds out', () => {
    expect(rotating({ more: { sharedHolds: [shared('store-down', 'files')] } })).toEqual(TRY);
  });

  it.each<[string, Given]>([
    ['the account is paused', { policy: { paused: true } }],
    ['the policy does not rotate for it', { policy: { onRefused: 'park' } }],
    ['the daemon stops', { more: { stopping: true } }],
    ['a rotation is open for another reason', { record: { ...stale, rotation: OPEN } }],
    ['too many are refused', { more: { sharedHolds: [shared('many-refused', 'kronup')] } }],
  ])('waits for its time where %s', (_name, given) => {
    expect(rotating(given)).toBeUndefined();
  });
});

describe('a credential that was refused together with those of others', () => {
  const FIVE_MINUTES_MS = 5 * 60_000;
  const MUCH_LATER = NOW + 60 * 60_000;
  const doubted = (changes: Partial<Refusal> = {}): Partial<AccountRecord> => ({
    refused: { ...ONCE, othersRefused: true, triedAt: NOW - FIVE_MINUTES_MS, tryAt: MUCH_LATER, ...changes },
    retryAt: MUCH_LATER,
  });
  const HELD = [shared('many-refused', 'kronup')];
  const AGAIN = noted({ kind: 'others-accepted', fingerprint: 'live' });
  const calm = { seen: { tried: {} } };

  it('is tried once others are accepted again, sooner than was planned', () => {
    expect(tries({ record: doubted(), ...calm })).toStrictEqual(AGAIN);
    expect(tries({ record: doubted(), ...calm, more: { sharedHolds: HELD } })).toBeUndefined();
    const another = [shared('many-refused', 'keycard')];
    expect(tries({ record: doubted(), ...calm, more: { sharedHolds: another } })).toStrictEqual(AGAIN);
  });

  it.each<[string, Partial<AccountRecord>, Given['more']]>([
    ['within five minutes of the last try', doubted({ triedAt: NOW - FIVE_MINUTES_MS + 1 }), {}],
    ['where it has left the configuration', doubted(), { configured: false }],
    ['while its account is closed', { ...doubted(), held: { closed: { since: 1, why: 'closed' } } }, {}],
    ['while it is mismatched', { ...doubted(), mismatched: { since: 1, why: 'another' } }, {}],
    [
      'while nobody knows whether a mint happened',
      {
        ...doubted(),
        rotation: {
          ...OPEN,
          intent: { attempt: 1, at: 1, sentAt: 1, targets: [], unknown: true, sightings: 0 },
        },
      },
      {},
    ],
  ])('is not tried sooner %s', (_when, known, more) => {
    expect(tries({ record: known, ...calm, ...(more && { more }) })).toBeUndefined();
  });

  it('is looked at then, whatever else was planned', () => {
    const { refused: refusal, ...rest } = doubted();
    const wake = (sharedHolds: Situation['sharedHolds']) =>
      wakeOf(
        refused({
          record: { ...rest, ...(refusal && { refused: { ...refusal, triedAt: NOW - 1 } }) },
          more: { sharedHolds },
        }),
      );
    expect(wake([])).toMatchObject({ at: NOW - 1 + FIVE_MINUTES_MS, why: 'refused' });
    expect(wake(HELD)).toMatchObject({ at: MUCH_LATER });
  });
});
