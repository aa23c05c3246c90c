/** The process ended before what it minted was delivered to anybody: the provider shows its value again, or nobody has it. */
import { describe, expect, it } from 'vitest';
import { proveMinted } from '../../../src/domain/deciding/proving.ts';
import type { AccountSeen, Observation } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

const MINTED = {
  fingerprint: 'new',
  sentAt: NOW - 1_000,
  recovered: false,
  provedFirst: true,
  unproved: { targets: [TARGET] },
} as const;
const { account: _, ...UNSEEN } = ALL_SEEN;

describe('a credential of several that was minted, and whose value nobody has any more', () => {
  const minted = { ...MINTED, reference: 'c2', clientId: 'client-2' };

  it('is of no use, and is not looked for: the provider shows no value twice', () => {
    const unusable = {
      kind: 'credential-unusable',
      why: 'value-lost',
      fingerprint: 'new',
      mintedAt: MINTED.sentAt,
      reference: 'c2',
      clientId: 'client-2',
    };
    for (const seen of [ALL_SEEN, UNSEEN]) {
      const known = situation({ record: record({ rotation: { ...OPEN, minted } }), seen });
      expect(proveMinted(known)).toEqual({ do: 'note', facts: [unusable] });
    }
  });
});

describe('a credential of a pair that was minted, and whose value nobody has any more', () => {
  const policy = account({ strategy: 'pair', accountIds: ['a', 'b'], targets: [TARGET] });
  const minted = { ...MINTED, accountId: 'b' };
  const decided = (seen: Observation) =>
    proveMinted(situation({ policy, record: record({ rotation: { ...OPEN, minted } }), seen }));
  const member = (changes: object): AccountSeen => ({
    requestedAt: NOW,
    state: 'open',
    certain: true,
    members: [{ accountId: 'b', state: 'open', ...changes }],
  });

  it('is looked for at the provider', () => {
    expect(decided(UNSEEN)).toEqual({ do: 'observe', account: true, manager: false, targets: [] });
  });

  it.each<[string, AccountSeen]>([
    ['its account shows none', member({})],
    ['its account shows another', member({ live: { fingerprint: 'x' } })],
    ['nothing is seen of its account', member({ accountId: 'a' })],
  ])('is of no use where %s', (_where, seen) => {
    expect(decided({ ...ALL_SEEN, account: seen })).toMatchObject(noted({ kind: 'credential-unusable' }));
  });

  it.each(['closed', 'absent'])('waits where its account is %s: a person may open it again', (state) => {
    expect(decided({ ...ALL_SEEN, account: member({ state }) })).toBeUndefined();
  });

  it('waits for another look where one failed', () => {
    const failure = { kind: 'not-connected', message: 'no way' } as const;
    expect(decided({ ...UNSEEN, accountFailure: { at: NOW, failure } })).toMatchObject(
      noted({ kind: 'rotation-failed', failure: 'not-connected' }),
    );
  });
});
