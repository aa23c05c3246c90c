/** Nothing is live, and a target holds what seemed to have been ended by a mint with a lost answer, or what was lost. */
import { describe, expect, it } from 'vitest';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { Decision } from '../../../src/domain/decision.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { fact, folded } from '../../builders/fact.ts';
import { NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] });
const { live: _, ...NOTHING_LIVE } = record({ superseded: ['held', 'older'] });
const KNOWN: AccountRecord = { ...NOTHING_LIVE, standby: { accountId: 'green', since: NOW } };

function decided(
  outcome?: Tried['outcome'],
  {
    policy = PAIR,
    inHand = ['held'],
    known = KNOWN,
  }: { readonly policy?: typeof PAIR; readonly inHand?: string[]; readonly known?: AccountRecord } = {},
): Decision | undefined {
  const members = policy.accountIds.map((accountId) => ({ accountId, state: 'open' as const }));
  const isPair = policy.strategy === 'pair';
  return noteLive(
    situation({
      policy,
      record: known,
      inHand: new Set(inHand),
      seen: {
        account: { requestedAt: NOW, state: 'open', certain: true, ...(isPair && { members }) },
        targets: { [TARGET.id]: { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'held' } } },
        preflights: {},
        tried: outcome === undefined ? {} : { held: { at: NOW, outcome } },
      },
    }),
  );
}

describe('what a target holds and seemed to have been ended, with nothing live', () => {
  it('is tried, and live where it is accepted: the mint that seemed to have ended it did not', () => {
    expect(decided()).toStrictEqual({ do: 'try', fingerprint: 'held' });
    const found = { kind: 'live-found', fingerprint: 'held', accountId: 'green' } as const;
    expect(decided({ kind: 'accepted', accountId: 'green' })).toStrictEqual(noted(found));
    const { superseded, live } = folded(KNOWN, fact('live-found', { ...found }));
    expect(superseded).toStrictEqual(['older']);
    expect(live).toMatchObject({ fingerprint: 'held', accountId: 'green' });
  });

  it('is as dead as it seemed where it is refused, or its value is not to be had', () => {
    const missing = noted({ kind: 'live-missing' });
    expect(decided({ kind: 'refused', revoked: true })).toStrictEqual(missing);
    expect(decided(undefined, { inHand: [] })).toStrictEqual(missing);
  });

  it('is tried in place, too: it may be what is live, of which the value was lost until somebody put it there again', () => {
    const policy = account({ accountIds: ['green'], targets: [TARGET] });
    expect(decided(undefined, { policy })).toStrictEqual({ do: 'try', fingerprint: 'held' });
    const accepted = { kind: 'accepted', accountId: 'green' } as const;
    const found = noted({ kind: 'live-found', fingerprint: 'held' });
    expect(decided(accepted, { policy })).toStrictEqual(found);
    // Nor did a mint bring it that seemed lost: it was there before.
    const lost = { ...KNOWN, rotation: { ...OPEN, lost: true } };
    expect(decided(accepted, { policy, known: lost })).toStrictEqual(found);
    const other = { ...KNOWN, rotation: { ...OPEN, lost: true, mintedLost: 'other' } };
    expect(decided(accepted, { policy, known: other })).toStrictEqual(found);
  });

  it('is what an open rotation in place has minted and lost: it is recovered, and not minted for again', () => {
    const policy = account({ accountIds: ['green'], targets: [TARGET] });
    const known = { ...KNOWN, mintedAt: NOW - 5, rotation: { ...OPEN, lost: true, mintedLost: 'held' } };
    expect(decided({ kind: 'accepted', accountId: 'green' }, { policy, known })).toStrictEqual(
      noted({
        kind: 'credential-minted',
        fingerprint: 'held',
        sentAt: NOW - 5,
        recovered: true,
        targets: [TARGET],
      }),
    );
  });

  it('is not tried with overlap, where it is told apart from what is live', () => {
    const policy = account({ accountIds: ['green'], targets: [TARGET], strategy: 'overlap' });
    expect(decided(undefined, { policy })).toStrictEqual(noted({ kind: 'live-missing' }));
  });
});
