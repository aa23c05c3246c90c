import { describe, expect, it } from 'vitest';
import { proveMinted } from '../../../src/domain/deciding/proving.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { AccountRecord, Refusal } from '../../../src/domain/record.ts';
import type { MemberSeen, Observation, Tried } from '../../../src/domain/situation.ts';
import { account as policy } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { ALL_ACCEPTED, EXPIRED, ONCE, untilDone } from '../../builders/refused.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

const MINTED = {
  fingerprint: 'new',
  sentAt: NOW - LIMITS.settleMs,
  recovered: false,
  provedFirst: true,
  unproved: { targets: [TARGET] },
} as const;
const PAIR = policy({ strategy: 'pair', accountIds: ['a', 'b'], targets: [TARGET] });
const LOST = { kind: 'no-answer', message: 'silence' } as const;

/** What was minted beside the live credential was given time, and both were tried just now and refused. */
function both(
  refused?: Refusal,
  more: { readonly seen?: Partial<Observation>; readonly live?: Tried['outcome'] } = {},
) {
  const known: Partial<AccountRecord> = {
    rotation: { ...OPEN, minted: MINTED },
    ...(refused && { refused }),
  };
  const tried = {
    new: { at: NOW, outcome: EXPIRED },
    live: { at: NOW, outcome: more.live ?? EXPIRED },
  };
  return situation({
    record: record(known),
    seen: { ...ALL_SEEN, manager: { accountId: 'manager', acceptedAt: NOW }, tried, ...more.seen },
    inHand: new Set(['new', 'live']),
  });
}

/** No failure of the account. */
const FAILED = noted({
  kind: 'rotation-failed',
  failure: 'credential-refused',
  message:
    'the provider refuses the credential new that it minted, and the live one (live) as well: the provider may be at fault; ' +
    'both are tried again, and nothing is minted meanwhile',
  counts: false,
});

describe('what was minted, and is refused as the live one is', () => {
  const listing = (requestedAt: number, reference: string): Partial<Observation> => {
    const credentials = [{ reference, name: '', createdAt: 0 }];
    return { account: { requestedAt, state: 'open', certain: true, credentials } };
  };
  const kinds = (minted: typeof MINTED & { readonly reference?: string }, seen: Partial<Observation>) => {
    const known = { rotation: { ...OPEN, minted }, refused: { ...ONCE, tryAt: NOW + 1 } };
    const decision = proveMinted({ ...both(), record: record(known), seen: { ...both().seen, ...seen } });
    return decision?.do === 'note' ? decision.facts.map(({ kind }) => kind) : [];
  };
  const mine = { ...MINTED, reference: 'mine' };

  it('is given up where its account lists it no more: somebody ended it', () => {
    expect(kinds(mine, listing(NOW, 'another'))).toEqual(['credential-unusable', 'rotation-failed']);
  });

  it('is tried again where it is listed, or may have been made after the look, or nothing tells it apart', () => {
    expect(kinds(mine, listing(NOW, 'mine'))).toEqual(['rotation-failed']);
    expect(kinds(mine, listing(NOW - 1, 'another'))).toEqual(['rotation-failed']);
    expect(kinds(MINTED, listing(NOW, 'another'))).toEqual(['rotation-failed']);
    const credentials = ['another', 'mine'].map((reference) => ({ reference, name: '', createdAt: 0 }));
    const account = { requestedAt: NOW, state: 'open', certain: true, credentials } as const;
    expect(kinds(mine, { account })).toEqual(['rotation-failed']);
  });
});

describe('what was minted for one of a pair, and is refused as the live one is', () => {
  const minted = { ...MINTED, accountId: 'b' };
  function seen(member: Partial<MemberSeen>, more: Partial<Observation> = {}) {
    const members = [{ accountId: 'b', state: 'open' as const, ...member }];
    const account = { requestedAt: NOW, state: member.state ?? 'open', certain: true, members };
    const known = { rotation: { ...OPEN, minted }, refused: { ...ONCE, tryAt: NOW + 1 } };
    const decision = proveMinted({
      ...both(),
      policy: PAIR,
      record: record(known),
      seen: { ...both().seen, account, ...more },
    });
    return decision?.do === 'note' ? decision.facts.map(({ kind }) => kind) : [];
  }

  it('is given up where its account shows another one: somebody ended it', () => {
    expect(seen({ live: { fingerprint: 'another' } })).toEqual(['credential-unusable', 'rotation-failed']);
  });

  const failure = { kind: 'not-connected', message: 'no way' } as const;
  it.each<[string, Parameters<typeof seen>]>([
    ['its account shows it', [{ live: { fingerprint: 'new' } }]],
    ['its account shows none', [{}]],
    ['nothing is seen of its account', [{ accountId: 'a', live: { fingerprint: 'another' } }]],
    ['its account is closed', [{ live: { fingerprint: 'another' }, state: 'closed' }]],
    [
      'the last look failed',
      [{ live: { fingerprint: 'another' } }, { accountFailure: { at: NOW, failure } }],
    ],
  ])('is tried again where %s', (_where, given) => {
    expect(seen(...given)).toEqual(['rotation-failed']);
  });
});

describe('a live credential that is refused beside what was minted', () => {
  it('is noted as refused, as it is wherever it is tried', () => {
    expect(proveMinted(both())).toMatchObject(
      noted({ kind: 'live-tried', fingerprint: 'live', outcome: 'refused', counts: false }),
    );
  });

  it('is judged by a look at its account, which is had first', () => {
    const seen = { ...both().seen };
    delete (seen as { account?: unknown }).account;
    expect(proveMinted({ ...both(), seen })).toEqual({
      do: 'observe',
      account: true,
      manager: false,
      targets: [],
    });
  });

  it('is judged with others when it is time to try it again, and then counts', () => {
    expect(proveMinted(both(ONCE))).toEqual({ do: 'try-others' });
    expect(proveMinted(both({ ...ONCE, tryAt: NOW }))).toEqual({ do: 'try-others' });
    expect(proveMinted(both(ONCE, { seen: { others: ALL_ACCEPTED } }))).toMatchObject(
      noted({ kind: 'live-tried', outcome: 'refused', counts: true }),
    );
  });

  it('is what another mint follows from once that is certain, in the same rotation', () => {
    const { facts } = untilDone(both(ONCE, { seen: { others: ALL_ACCEPTED } }));
    expect(facts.slice(0, 3)).toEqual(['live-tried', 'credential-unusable', 'rotation-failed']);
  });

  it('is no reason for a mint where there are no others to ask, unless the provider lists it no more', () => {
    const others = { ...ALL_ACCEPTED, accepted: 0 };
    const alone = untilDone(both(ONCE, { seen: { others } }));
    expect(alone.facts).toEqual(['live-tried', 'rotation-failed']);
    expect(alone.record.refused?.times).toBe(1);
    expect(alone.record.refused?.why).toContain('no other accounts');
    const account = { requestedAt: NOW, state: 'open', certain: true, credentials: [] } as const;
    const listed = both(ONCE, { seen: { others, account } });
    const live = { fingerprint: 'live', ownMint: true, proved: true, reference: 'r1' };
    const { facts } = untilDone({ ...listed, record: { ...listed.record, live } });
    expect(facts.slice(0, 2)).toEqual(['live-tried', 'credential-unusable']);
  });

  it('is no reason for a mint where others are refused as well', () => {
    const others = { ...ALL_ACCEPTED, accepted: 2, refused: 1 };
    const { facts } = untilDone(both(ONCE, { seen: { others } }));
    expect(facts).toEqual(['live-tried', 'rotation-failed']);
  });

  it.each<[string, Parameters<typeof both>]>([
    ['it is not yet to be tried again', [{ ...ONCE, tryAt: NOW + 1 }]],
    ['the look at its account failed', [ONCE, { seen: { accountFailure: { at: NOW, failure: LOST } } }]],
    ['the service does not say that it is no longer good', [ONCE, { live: { kind: 'refused' } }]],
  ])('tells nothing more where %s: both are tried again', (_when, given) => {
    expect(proveMinted(both(...given))).toMatchObject(FAILED);
  });
});
