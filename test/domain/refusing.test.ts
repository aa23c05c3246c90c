import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact, FactBodies } from '../../src/domain/fact.ts';
import type { Hold } from '../../src/domain/hold.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import type { AccountRecord, Refusal } from '../../src/domain/record.ts';
import { refusedMintsAtMost, refusedTryAt } from '../../src/domain/refusal.ts';
import type { Observation, Situation, Tried } from '../../src/domain/situation.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { ALL_SEEN, NOW, OPEN, ready, record, REFUSED, situation } from '../builders/situation.ts';
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
function fold<Kind extends keyof FactBodies>(of: AccountRecord, kind: Kind, body: FactBodies[Kind]) {
  return evolve(of, { kind, id: 'f', at: NOW, cause: { actor: 'person' }, ...body } as unknown as Fact);
}

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
      id: 'auth-api-expired',
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

describe('a rotation because of a refusal', () => {
  const open = (refusal: Refusal | undefined, changes: Partial<Situation> = {}) => {
    const rotation = { ...OPEN, trigger: 'refused' } as const;
    const base = record({ rotation, ...(refusal && { refused: refusal }) });
    return ready({ record: base, inHand: new Set(['live']), ...changes });
  };

  it('is minted while the refusal is fresh', () => {
    expect(decide(open(REFUSED))).toEqual({ do: 'mint' });
  });

  it('is not minted for what was seen a minute ago: the credential is tried again first', () => {
    const old = { ...REFUSED, triedAt: NOW - MINUTE_MS };
    expect(decide(open(old))).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is not minted once a try did not count', () => {
    const { countedAt: _, ...doubtful } = REFUSED;
    expect(decide(open(doubtful)).do).toBe('rest');
  });

  it('is given up when the credential is accepted again', () => {
    expect(noted(open(undefined))).toMatchObject([{ kind: 'rotation-abandoned' }]);
  });

  it('goes on when a person has asked for it as well', () => {
    const rotation = { ...OPEN, trigger: 'manual' } as const;
    expect(decide(ready({ record: record({ rotation }) }))).toEqual({ do: 'mint' });
  });

  it('is remembered by its mint, and its refusal ends with it', () => {
    const intended = fold(open(REFUSED).record, 'mint-intended', {
      attempt: 1,
      preImage: 'live',
      targets: [],
    });
    expect(intended.refusedMintAt).toBe(NOW);
    const minted = fold(intended, 'credential-minted', {
      fingerprint: 'new',
      preImage: 'live',
      sentAt: NOW,
      recovered: false,
      targets: [],
    });
    expect(minted.refused).toBeUndefined();
  });
});

describe('a credential that was just minted and is refused', () => {
  const made = { fingerprint: 'live', preImage: 'old', sentAt: NOW - 10 * MINUTE_MS, recovered: false };
  const minted = (given: Given = {}) =>
    refused({
      ...given,
      record: {
        refused: ONCE,
        live: { fingerprint: 'live', ownMint: true, proved: false },
        rotation: { ...OPEN, openedAt: NOW - HOUR_MS, minted: made },
        ...given.record,
      },
    });
  const doubtful = { others: { ...ALL_ACCEPTED, refused: 1 } };

  it('is tried again for as long as it is not certain, and parks nobody', () => {
    for (const onRefused of ['park', 'rotate'] as const) {
      const { facts, record: after } = untilDone(minted({ policy: { onRefused }, seen: doubtful }));
      expect(facts).toEqual(['live-tried', 'rotation-failed']);
      expect(after).toMatchObject({ failures: 0, retryAt: after.refused?.tryAt });
    }
  });

  it('is tried again soon at first, when it may not be known everywhere yet', () => {
    const { record: after } = untilDone(minted({ record: { refused: undefined as never } }));
    expect(after.retryAt).toBeLessThanOrEqual(NOW + LIMITS.recoverFirstMs);
  });

  it('is tried again calmly where nobody knows what the refusal says', () => {
    const tried = { live: { at: SENT, outcome: { kind: 'refused', id: 'jwt-issuer' } } } as const;
    const retryAt = (retries: number) =>
      untilDone(minted({ record: { refused: undefined as never, retries }, seen: { tried } })).record.retryAt;
    expect(retryAt(7)).toBeLessThanOrEqual(NOW + LIMITS.recoverMaxMs);
    expect(retryAt(8)).toBeGreaterThan(NOW + LIMITS.recoverMaxMs);
  });

  it('parks its account once it is certain, and does not stand in the way of the next rotation', () => {
    const { facts } = untilDone(minted());
    const want = ['live-tried', 'rotation-failed', 'account-parked', 'rotation-abandoned'];
    expect(facts.slice(0, want.length)).toEqual(want);
  });

  it('is rotated again where the policy says so', () => {
    const grant = { granted: true, lastHour: 0, atMost: 1, until: NOW };
    const { facts } = untilDone(minted({ policy: { onRefused: 'rotate' }, seen: { grant } }));
    expect(facts).toEqual(['live-tried', 'rotation-abandoned', 'rotation-opened']);
  });

  it('is given up at once for a rotation that a person asks for', () => {
    const waiting = { requests: ['q'], cause: { actor: 'person' }, at: NOW };
    const later = { ...ONCE, tryAt: NOW + 1 };
    const asked = minted({ record: { refused: later, waiting, retryAt: NOW + 1 } });
    const { facts } = untilDone({ ...asked, seen: { ...ALL_SEEN, tried: {} } });
    expect(facts.slice(0, 2)).toEqual(['rotation-abandoned', 'rotation-opened']);
  });
});

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

function shared(kind: Hold['kind']): Hold {
  return { kind, subject: 'kronup', since: NOW - 1, by: 'rekeyd', reason: 'a test' };
}
