import { describe, expect, it } from 'vitest';
import { noteTargets } from '../../../src/domain/deciding/comparing.ts';
import { decide } from '../../../src/domain/decide.ts';
import { unmetForMint } from '../../../src/domain/needs.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import type { AccountSeen, Situation, Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { FAILURE } from '../../builders/decision.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';
import { STRANGER, tried } from '../../builders/targets.ts';

const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] });
const HIDDEN: AccountSeen = {
  requestedAt: NOW,
  state: 'open',
  certain: true,
  members: [
    { accountId: 'blue', state: 'open' },
    { accountId: 'green', state: 'open' },
  ],
};
const SHOWN: AccountSeen = {
  ...HIDDEN,
  members: [
    { accountId: 'blue', state: 'open', live: { fingerprint: 'live' } },
    { accountId: 'green', state: 'open', live: { fingerprint: 'green-1' } },
  ],
};

const OWED: TargetRecord = { failures: 0, accepted: false, owed: { fingerprint: 'live', target: TARGET } };
const OF_NEITHER = { fingerprint: 'live', ownMint: true, proved: true, accountId: 'red' };

interface Given {
  readonly account?: AccountSeen;
  readonly tried?: Situation['seen']['tried'];
  readonly known?: Partial<AccountRecord>;
  readonly more?: Partial<Situation>;
}

/** Blue's credential is live, and a target holds one that was replaced while blue was a single account. */
function replaced({ account: seen = HIDDEN, tried: outcomes = {}, known, more }: Given = {}): Situation {
  const drifted = { failures: 0, accepted: false, drifted: { since: NOW, fingerprint: 'x' } };
  return situation({
    policy: PAIR,
    record: record({
      live: { fingerprint: 'live', ownMint: true, proved: true, accountId: 'blue' },
      rotation: OPEN,
      superseded: ['x'],
      targets: { [TARGET.id]: drifted },
      ...known,
    }),
    seen: { ...ALL_SEEN, account: seen, targets: { [TARGET.id]: STRANGER }, tried: outcomes },
    inHand: new Set(['x']),
    ...more,
  });
}

describe('what nobody knows, in a target of a pair that was delivered to', () => {
  const of = (outcome: Tried['outcome'], given: Given = {}) =>
    decide(
      replaced({
        known: { superseded: [], retryAt: NOW + 1, targets: { [TARGET.id]: OWED } },
        tried: { x: tried(outcome) },
        more: { inHand: new Set(['live', 'x']) },
        ...given,
      }),
    );

  it('is not written over while something is waited for, where it is what is live and hidden', () => {
    expect(of({ kind: 'accepted', accountId: 'blue' })).toMatchObject({ do: 'rest' });
  });

  it('is not written over where nobody could tell whose it is', () => {
    expect(of({ kind: 'unknown', failure: FAILURE })).toMatchObject({ facts: [{ kind: 'target-failed' }] });
  });

  it.each<[string, Tried['outcome'], Given]>([
    ['is the standby’s', { kind: 'accepted', accountId: 'green' }, {}],
    ['is refused', { kind: 'refused' }, {}],
    ['is not what the provider shows', { kind: 'unknown', failure: FAILURE }, { account: SHOWN }],
  ])('is written over where it %s', (_name, outcome, given) => {
    expect(of(outcome, given)).toMatchObject({ do: 'deliver', fingerprint: 'live' });
  });
});

describe('what was replaced, in a target of a pair', () => {
  it('is tried where the provider hides what the standby has: it may be that', () => {
    expect(noteTargets(replaced())).toStrictEqual({ do: 'try', fingerprint: 'x' });
  });

  it('is tried there also where nobody knows it: somebody may have put it there', () => {
    expect(noteTargets(replaced({ known: { superseded: [] } }))).toStrictEqual({
      do: 'try',
      fingerprint: 'x',
    });
  });

  it.each<[string, Given]>([
    ['what the standby has is shown', { account: SHOWN }],
    ['nothing shows which account the standby is', { known: { live: OF_NEITHER } }],
    ['it was tried', { tried: { x: tried({ kind: 'refused' }) } }],
    ['nobody has its value', { more: { inHand: new Set() } }],
    ['it is no pair', { more: { policy: account({ targets: [TARGET] }) } }],
  ])('is not tried where %s', (_name, given) => {
    expect(noteTargets(replaced(given))?.do).not.toBe('try');
  });

  it('is not ended by a mint where the standby accepts it, or nobody knows whether it does', () => {
    const needs = (outcome: Parameters<typeof tried>[0]) =>
      unmetForMint(replaced({ tried: { x: tried(outcome) } })).map(({ by }) => by);
    expect(needs({ kind: 'accepted', accountId: 'green' })).toContain('standby');
    expect(needs({ kind: 'unknown', failure: FAILURE })).toContain('standby');
    expect(needs({ kind: 'refused' })).not.toContain('standby');
  });
});
