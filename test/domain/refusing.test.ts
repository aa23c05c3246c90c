import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Hold } from '../../src/domain/hold.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import { refusedTryAt } from '../../src/domain/refusal.ts';
import type { Observation, Situation, Tried } from '../../src/domain/situation.ts';
import { ALL_SEEN, NOW, record, REFUSED, situation } from '../builders/situation.ts';
import {
  ALL_ACCEPTED,
  CERTAIN,
  EXPIRED,
  noted,
  ONCE,
  refused,
  SENT,
  untilDone,
} from '../builders/refused.ts';
import type { Given } from '../builders/refused.ts';

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

describe('a live credential', () => {
  const verified = (changes: Partial<Situation> = {}) =>
    situation({ seen: ALL_SEEN, inHand: new Set(['live']), dueWhy: 'verify', ...changes });

  it('is tried when its account is verified', () => {
    expect(decide(verified())).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is not tried at other looks, nor when the look failed, nor while the account is closed', () => {
    expect(decide(verified({ dueWhy: 'slot' })).do).toBe('rest');
    const failed = { ...ALL_SEEN, accountFailure: { at: NOW, failure: { kind: 'no-answer', message: '' } } };
    expect(decide(verified({ seen: failed as Observation })).do).toBe('rest');
    const closed = { ...ALL_SEEN, account: { requestedAt: NOW, state: 'closed', certain: true } } as const;
    expect(untilDone(verified({ seen: closed })).decision.do).toBe('rest');
  });

  it('leaves no trace when it is accepted, as it always was', () => {
    const tried = { live: { at: SENT, outcome: { kind: 'accepted', accountId: 'a1' } } } as const;
    expect(decide(verified({ seen: { ...ALL_SEEN, tried } })).do).toBe('rest');
  });

  it('that is another account’s is held as mismatched', () => {
    const tried = { live: { at: SENT, outcome: { kind: 'accepted', accountId: 'a2' } } } as const;
    expect(noted(verified({ seen: { ...ALL_SEEN, tried } }))).toMatchObject([{ kind: 'account-mismatched' }]);
  });

  it('that is refused is noted and tried again five minutes later at the earliest', () => {
    const seen = { ...ALL_SEEN, tried: { live: { at: SENT, outcome: EXPIRED } } };
    const [fact] = noted(verified({ seen }));
    expect(fact).toMatchObject({
      kind: 'live-tried',
      outcome: 'refused',
      refusedAs: 'auth-api-expired',
      counts: false,
    });
    expect(fact).toHaveProperty('tryAt', refusedTryAt(NOW, 1));
    expect(refusedTryAt(NOW, 1)).toBeGreaterThanOrEqual(NOW + LIMITS.refusedApartMs);
  });
});

describe('a credential that was refused', () => {
  it('is looked at, then tried, when it is time', () => {
    const atTime = (seen: Observation, inHand: string[]) =>
      refused({ more: { seen, inHand: new Set(inHand) } });
    const nothing = { targets: {}, preflights: {}, tried: {} };
    expect(decide(atTime(nothing, []))).toEqual({
      do: 'observe',
      account: true,
      manager: false,
      targets: [],
    });
    expect(decide(atTime(ALL_SEEN, ['live']))).toEqual({ do: 'try', fingerprint: 'live' });
    const later = refused({ record: { refused: { ...ONCE, tryAt: NOW + 1 } }, more: { seen: ALL_SEEN } });
    expect(decide(later)).toEqual({ do: 'rest', wake: { at: NOW + 1, why: 'refused' } });
  });

  it('has others tried before anything is concluded, then the list and the manager asked once more', () => {
    const { others: _, ...alone } = CERTAIN;
    expect(decide(refused({ more: { seen: alone } }))).toEqual({ do: 'try-others' });
    const before = { ...CERTAIN, account: { ...ALL_SEEN.account, requestedAt: SENT - 1 } };
    const { manager: _manager, ...unasked } = before;
    const look = { do: 'observe', account: true, manager: true, again: true, targets: [] };
    expect(decide(refused({ more: { seen: before } }))).toEqual(look);
    expect(decide(refused({ more: { seen: unasked } }))).toEqual(look);
  });

  it('counts when all that is needed was seen', () => {
    expect(noted(refused())).toMatchObject([{ kind: 'live-tried', outcome: 'refused', counts: true }]);
  });

  it('parks its account, with words for whoever is called', () => {
    const { facts, record: after, decision } = untilDone(refused());
    expect(facts).toEqual(['live-tried', 'account-parked']);
    expect(after.parked?.why).toContain('(auth-api-expired), seen 2 times from 2026-01-05T11:50:00.000Z to');
    expect(after.parked?.why).toContain('rekeyd rotate billing');
    expect(decision.do).toBe('rest');
  });

  it('is not parked where another reason rotates it anyway', () => {
    const due = {
      policy: { maxAgeMs: HOUR_MS },
      record: { refused: ONCE, ageFrom: { at: 0, atLeast: false } },
    };
    expect(untilDone(refused(due)).facts).toEqual(['live-tried', 'rotation-opened']);
  });

  it('is rotated where the policy says so, once that is granted', () => {
    const policy = { onRefused: 'rotate' } as const;
    expect(untilDone(refused({ policy })).decision).toEqual({ do: 'grant' });
    const grant = { granted: true, lastHour: 0, atMost: 1, until: NOW };
    const { facts, record: after } = untilDone(refused({ policy, seen: { grant } }));
    expect(facts).toEqual(['live-tried', 'rotation-opened']);
    expect(after.rotation?.trigger).toBe('refused');
  });

  it('waits where one more mint would be over the limit, and says so', () => {
    const grant = { granted: false, lastHour: 2, atMost: 2, until: NOW + HOUR_MS };
    const over = refused({ policy: { onRefused: 'rotate' }, seen: { grant } });
    const { facts, record: after, decision } = untilDone(over);
    expect(facts).toEqual(['live-tried', 'mint-limited']);
    expect(after.refused?.limited?.why).toContain('2 rotations because of refused credentials');
    expect(decision).toMatchObject({ do: 'rest' });
  });

  it('waits and says so once where a store is down besides', () => {
    const grant = { granted: false, lastHour: 2, atMost: 2, until: NOW + HOUR_MS };
    const over = refused({ policy: { onRefused: 'rotate' }, seen: { grant } });
    const down: Hold = { kind: 'store-down', subject: 'files', since: NOW, by: 'rekeyd', reason: 'a test' };
    const { facts, decision } = untilDone({ ...over, sharedHolds: [down] });
    expect(facts).toEqual(['live-tried', 'mint-limited']);
    expect(decision).toMatchObject({ do: 'rest' });
  });

  it('parks an account that was minted for the same reason less than a day ago', () => {
    const given = (refusedMintAt: number) =>
      refused({ policy: { onRefused: 'rotate' }, record: { refused: ONCE, refusedMintAt } });
    const { facts, record: after } = untilDone(given(NOW - 24 * HOUR_MS + 1));
    expect(facts).toEqual(['live-tried', 'account-parked']);
    expect(after.parked?.why).toContain('One such mint a day is made');
    expect(untilDone(given(NOW - 24 * HOUR_MS)).decision).toEqual({ do: 'grant' });
  });

  it('is forgotten when it is accepted again', () => {
    const tried = { live: { at: SENT, outcome: { kind: 'accepted', accountId: 'a1' } } } as const;
    const { facts, record: after } = untilDone(refused({ seen: { tried } }));
    expect(facts).toEqual(['live-tried']);
    expect(after.refused).toBeUndefined();
  });
});

describe('nothing follows from a refusal', () => {
  it('that cannot be looked into again, however often the account is verified', () => {
    const later = { ...ONCE, tryAt: NOW + MINUTE_MS };
    const given = refused({
      record: { refused: later },
      seen: { tried: {} },
      more: { inHand: new Set(), dueWhy: 'verify' },
    });
    expect(decide(given).do).toBe('rest');
  });

  const { live: _live, ...hidden } = ALL_SEEN.account;
  const apart = (ms: number) => ({ record: { refused: { ...ONCE, since: SENT - ms, lastAt: SENT - ms } } });
  const manager = (acceptedAt: number) => ({ seen: { manager: { accountId: 'manager', acceptedAt } } });
  const tried = (outcome: Tried['outcome']) => ({ seen: { tried: { live: { at: SENT, outcome } } } });
  const seen = (changes: object) => ({ seen: { account: { ...ALL_SEEN.account, ...changes } } });
  const failure = { kind: 'credential-refused', message: 'the manager is refused' } as const;
  const rateLimited = { kind: 'rate-limited', message: 'the account’s own limit' } as const;
  const cases: readonly (readonly [string, Given])[] = [
    ['seen once only', { more: { record: record() } }],
    ['seen twice, four minutes apart', apart(4 * MINUTE_MS)],
    ['with another id', tried({ kind: 'refused', id: 'jwt-issuer' })],
    [
      'seen again before it is time',
      { record: { refused: { ...ONCE, since: SENT - MINUTE_MS, tryAt: NOW + 1 } } },
    ],
    ['when the second try was rate-limited', tried({ kind: 'unknown', failure: rateLimited })],
    ['when the list shows another fingerprint', seen({ live: { fingerprint: 'other' } })],
    ['when the list shows none', { seen: { account: hidden } }],
    ['when the account is closed', seen({ state: 'closed' })],
    ['when the account is absent', seen({ state: 'absent' })],
    ['when it is not certain that the account is closed', seen({ state: 'closed', certain: false })],
    ['when the manager is not accepted', { seen: { managerFailure: { at: NOW, failure } } }],
    ['when the look after it failed', { seen: { accountFailure: { at: NOW, failure } } }],
    ['when the manager was accepted more than a minute later', manager(SENT + MINUTE_MS + 1)],
    ['when it was accepted in between', { record: { refused: undefined as never } }],
    ['when another account is refused as well', { seen: { others: { ...ALL_ACCEPTED, refused: 1 } } }],
    [
      'when no other account could be tried',
      { seen: { others: { at: NOW, accepted: 0, refused: 0, unknown: 3 } } },
    ],
  ];
  for (const onRefused of ['park', 'rotate'] as const) {
    it.each(cases)(`%s (${onRefused})`, (_name, given) => {
      const grant = { granted: true, lastHour: 0, atMost: 9, until: NOW };
      const { facts, decision } = untilDone(
        refused({ ...given, policy: { onRefused }, seen: { ...given.seen, grant } }),
      );
      expect(facts).not.toContain('account-parked');
      expect(facts).not.toContain('rotation-opened');
      expect(['rest', 'observe', 'try']).toContain(decision.do);
    });
  }

  it.each(['park', 'rotate'] as const)('while it is not in the configuration (%s)', (onRefused) => {
    const left = refused({ policy: { onRefused }, more: { configured: false } });
    const { facts } = untilDone(left);
    expect(facts).not.toContain('account-parked');
    expect(facts).not.toContain('rotation-opened');
  });

  it.each([
    ['too soon', { record: { refused: REFUSED, mintedAt: NOW - MINUTE_MS } }],
    ['parked', { record: { refused: REFUSED, parked: { since: NOW, why: '' } } }],
    ['paused', { policy: { paused: true } }],
    [
      'outside its windows',
      { policy: { allow: [{ opens: { pattern: '0 3 * * *', zone: 'UTC' }, durationMs: HOUR_MS }] } },
    ],
    ['while the manager is refused', { more: { sharedHolds: [shared('manager-refused')] } }],
    ['while many are refused', { more: { sharedHolds: [shared('many-refused')] } }],
  ] satisfies [string, Given][])('that is %s', (_name, given: Given) => {
    const policy = { onRefused: 'rotate', ...given.policy } as const;
    const held = refused({ record: { refused: REFUSED }, ...given, policy });
    const { facts, decision } = untilDone(held);
    expect(facts).toEqual([]);
    expect(decision.do).toBe('rest');
  });
});

function shared(kind: Hold['kind']): Hold {
  return { kind, subject: 'kronup', since: NOW - 1, by: 'rekeyd', reason: 'a test' };
}
