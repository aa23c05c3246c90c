import { describe, expect, it } from 'vitest';
import { proveMinted } from '../../../src/domain/deciding/proving.ts';
import type { Decision } from '../../../src/domain/decision.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { AccountRecord, OpenRotation } from '../../../src/domain/record.ts';
import type { Observation, Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { ALL_SEEN, NOW, OPEN, record, REFUSED, situation, TARGET } from '../../builders/situation.ts';

type Minted = NonNullable<OpenRotation['minted']>;

const MINTED: Minted = {
  fingerprint: 'new',
  sentAt: NOW - 1_000,
  recovered: false,
  provedFirst: true,
  unproved: { targets: [TARGET] },
};
const BESIDE: Minted = { ...MINTED, reference: 'c2', clientId: 'client-2' };
const OF_PAIR: Minted = { ...MINTED, accountId: 'b' };
const PAIR = account({ strategy: 'pair', accountIds: ['a', 'b'], targets: [TARGET] });
const INTENT = { attempt: 2, at: NOW, sentAt: NOW, targets: [TARGET], unknown: false, sightings: 0 };

interface Given {
  readonly minted?: Minted;
  readonly tried?: Tried['outcome'];
  /** What a try of the live credential told. */
  readonly live?: Tried['outcome'];
  readonly seen?: Partial<Observation>;
  readonly more?: Partial<AccountRecord>;
  readonly rotation?: Partial<OpenRotation>;
  readonly providerAheadMs?: number;
  readonly timeUnknown?: true;
}

function proved(given: Given = {}): Decision | undefined {
  const { minted = MINTED, tried, live, seen = {}, more = {}, rotation = {}, ...rest } = given;
  const outcomes = Object.entries({ new: tried, live }).flatMap(([fingerprint, outcome]) =>
    outcome === undefined ? [] : [[fingerprint, { at: NOW, outcome }] as const],
  );
  return proveMinted(
    situation({
      policy: minted.accountId === undefined ? account({ targets: [TARGET] }) : PAIR,
      record: record({ rotation: { ...OPEN, minted, ...rotation }, ...more }),
      seen: { ...ALL_SEEN, tried: Object.fromEntries(outcomes), ...seen },
      inHand: new Set(['new', 'live']),
      ...rest,
    }),
  );
}

/** The kinds of what is noted, or what is done instead. */
function kinds(decision: Decision | undefined): readonly string[] {
  if (decision === undefined) return [];
  return decision.do === 'note' ? decision.facts.map(({ kind }) => kind) : [decision.do];
}

describe('what was minted beside the live credential', () => {
  it('is tried', () => {
    expect(proved()).toEqual({ do: 'try', fingerprint: 'new' });
  });

  it.each<[string, Given]>([
    ['it is live already', { minted: { fingerprint: 'new', sentAt: NOW, recovered: false } }],
    ['another mint is under way', { rotation: { intent: INTENT } }],
    ['the account is mismatched', { more: { mismatched: { since: NOW, why: 'another account' } } }],
    ['the next attempt has not come', { more: { retryAt: NOW + 1 } }],
  ])('is left alone where %s', (_when, given) => {
    expect(proved(given)).toBeUndefined();
  });

  it('is left alone where no rotation is open', () => {
    expect(proveMinted(situation({ inHand: new Set(['new']) }))).toBeUndefined();
  });

  it.each<[string, Minted, string]>([
    ['the account', BESIDE, 'a1'],
    ['the account of the pair that it was minted for', OF_PAIR, 'b'],
  ])('is proved where it is accepted as %s', (_whose, minted, accountId) => {
    expect(proved({ minted, tried: { kind: 'accepted', accountId } })).toEqual({
      do: 'note',
      facts: [{ kind: 'credential-proved', fingerprint: 'new' }],
    });
  });

  it.each<[string, Minted, string]>([
    ['another account', BESIDE, 'stranger'],
    ['the other account of the pair', OF_PAIR, 'a'],
  ])('holds the account where it is accepted as %s', (_whose, minted, accountId) => {
    expect(proved({ minted, tried: { kind: 'accepted', accountId } })).toEqual({
      do: 'note',
      facts: [
        {
          kind: 'account-mismatched',
          why: `the credential new that was minted belongs to the account ${accountId}`,
          mintedAt: MINTED.sentAt,
        },
      ],
    });
  });

  it('is tried again later where the try told nothing', () => {
    const failure = { kind: 'no-answer', message: 'silence' } as const;
    expect(proved({ tried: { kind: 'unknown', failure } })).toMatchObject({
      do: 'note',
      facts: [{ kind: 'rotation-failed', failure: 'no-answer', message: 'silence', counts: false }],
    });
  });
});

describe('what was minted and is refused', () => {
  const refusedAfter = (ageMs: number, minted: Minted = BESIDE) =>
    proved({
      minted: { ...minted, sentAt: NOW - ageMs },
      tried: { kind: 'refused' },
      live: { kind: 'accepted', accountId: 'a1' },
    });

  it.each([0, 1_000, LIMITS.settleMs - 1])('is tried again %i ms after its mint', (ageMs) => {
    expect(refusedAfter(ageMs)).toMatchObject({
      facts: [
        {
          kind: 'rotation-failed',
          failure: 'credential-refused',
          message: 'the provider refuses the credential new that it has just minted; it is tried again',
          counts: false,
        },
      ],
    });
  });

  it.each([
    ['when it was given time to be known everywhere', LIMITS.settleMs],
    ['where its mint lies in the future, since the clock was put back', -1],
  ])('is of no use %s, which counts as a failure of the account', (_when, ageMs) => {
    expect(refusedAfter(ageMs)).toMatchObject({
      facts: [
        {
          kind: 'credential-unusable',
          why: 'refused',
          fingerprint: 'new',
          mintedAt: NOW - ageMs,
          reference: 'c2',
          clientId: 'client-2',
        },
        {
          kind: 'rotation-failed',
          failure: 'not-allowed',
          message: 'the provider refuses the credential new that it minted; another one is minted',
          counts: true,
        },
      ],
    });
  });
});

describe('what was minted, was given time and is refused still', () => {
  const ageMs = LIMITS.settleMs;
  const refused = (given: Given = {}) =>
    proved({ minted: { ...BESIDE, sentAt: NOW - ageMs }, tried: { kind: 'refused' }, ...given });

  it('is judged only after the live credential was tried as well', () => {
    expect(refused()).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is tried again where trying the live credential told nothing', () => {
    const failure = { kind: 'no-answer', message: 'silence' } as const;
    expect(refused({ live: { kind: 'unknown', failure } })).toMatchObject({
      facts: [{ kind: 'rotation-failed', failure: 'no-answer', message: 'silence', counts: false }],
    });
  });

  const DEAD = { kind: 'refused', revoked: true } as const;
  const expiring = (expiresAt: number): Minted => ({ ...BESIDE, sentAt: NOW - ageMs, expiresAt });
  it.each<[string, Given]>([
    ['the live credential is known to be refused for certain', { live: DEAD, more: { refused: REFUSED } }],
    ['what was live has leaked and was ended', { live: DEAD, rotation: { compromised: 'now' } }],
    [
      'that has gone on for a day',
      { live: DEAD, minted: { ...BESIDE, sentAt: NOW - LIMITS.refusedMintEveryMs } },
    ],
    ['its mint lies in the future, since the clock was put back', { minted: { ...BESIDE, sentAt: NOW + 1 } }],
    ['it has expired meanwhile', { minted: expiring(NOW) }],
    ['it has by the clock of the provider', { minted: expiring(NOW + 5), providerAheadMs: 5 }],
  ])('is of no use where %s', (_when, given) => {
    expect(kinds(refused(given))).toEqual(['credential-unusable', 'rotation-failed']);
  });

  it.each<[string, Given]>([
    ['is valid still', { minted: expiring(NOW + 1) }],
    ['is so by the clock of the provider', { minted: expiring(NOW), providerAheadMs: -1 }],
    ['may be, as nobody knows what time it is', { minted: expiring(NOW), timeUnknown: true }],
  ])('is tried beside the live one where it %s', (_when, given) => {
    expect(refused(given)).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is of no use where no credential is known to be live', () => {
    const { live: _, ...unknown } = record({
      rotation: { ...OPEN, minted: { ...BESIDE, sentAt: NOW - ageMs } },
    });
    const tried = { new: { at: NOW, outcome: { kind: 'refused' } } } as const;
    const seen = { ...ALL_SEEN, tried };
    expect(kinds(proveMinted(situation({ record: unknown, seen, inHand: new Set(['new']) })))).toEqual([
      'credential-unusable',
      'rotation-failed',
    ]);
  });

  const withoutLive = (seen: Partial<Observation>, before: Observation = ALL_SEEN) =>
    proveMinted(
      situation({
        record: record({ rotation: { ...OPEN, minted: { ...BESIDE, sentAt: NOW - ageMs } } }),
        seen: { ...before, tried: { new: { at: NOW, outcome: { kind: 'refused' } } }, ...seen },
        inHand: new Set(['new']),
      }),
    );

  it('waits for a look at whoever may show the live credential', () => {
    const [account, manager, targets] = [false, false, [TARGET]];
    expect(withoutLive({ targets: {} })).toEqual({ do: 'observe', account, manager, targets });
    const { account: _, ...unseen } = ALL_SEEN;
    expect(withoutLive({}, unseen)).toEqual({ do: 'observe', account: true, manager, targets: [] });
  });

  it('is tried again where the look at whoever may show the live credential failed', () => {
    const failure = { kind: 'not-connected', message: 'no way' } as const;
    expect(withoutLive({ accountFailure: { at: NOW, failure } })).toMatchObject({
      facts: [{ kind: 'rotation-failed', failure: 'not-connected' }],
    });
  });

  it('is of no use where nobody shows the live credential', () => {
    expect(kinds(withoutLive({}))).toEqual(['credential-unusable', 'rotation-failed']);
  });
});
