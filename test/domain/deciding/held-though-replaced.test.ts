/** A pair with nothing live, and a target that holds what a mint with a lost answer seemed to have ended. */
import { describe, expect, it } from 'vitest';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { Decision } from '../../../src/domain/decision.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { fact, folded } from '../../builders/fact.ts';
import { record, NOW, situation, TARGET } from '../../builders/situation.ts';

const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] });
const { live: _, ...NOTHING_LIVE } = record({ superseded: ['held', 'older'] });
const KNOWN: AccountRecord = { ...NOTHING_LIVE, standby: { accountId: 'green', since: NOW } };

function decided(
  outcome?: Tried['outcome'],
  { policy = PAIR, inHand = ['held'] }: { readonly policy?: typeof PAIR; readonly inHand?: string[] } = {},
): Decision | undefined {
  const members = policy.accountIds.map((accountId) => ({ accountId, state: 'open' as const }));
  const isPair = policy.strategy === 'pair';
  return noteLive(
    situation({
      policy,
      record: KNOWN,
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

describe('what a target of a pair holds and seemed to have been ended, with nothing live', () => {
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

  it('is not tried in place, where a mint ends what was there', () => {
    const policy = account({ accountIds: ['green'], targets: [TARGET] });
    expect(decided(undefined, { policy })).toStrictEqual(noted({ kind: 'live-missing' }));
  });
});
