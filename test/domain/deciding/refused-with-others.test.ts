/** A pair whose live credential is refused together with those of other accounts, while a target holds what the other one of it has. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/decide.ts';
import type { Decision } from '../../../src/domain/decision.ts';
import type { OldCredential, Refusal } from '../../../src/domain/record.ts';
import type { MemberSeen, TargetSeen, Tried } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { CERTAIN, EXPIRED, ONCE, refused, SENT } from '../../builders/refused.ts';
import { LIVE_THERE, NOW, TARGET } from '../../builders/situation.ts';

const OTHER = target('aws:billing/token');
const POLICY = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET, OTHER] });
const GREEN: MemberSeen = { accountId: 'green', state: 'open', live: { fingerprint: 'live' } };
const BLUE: MemberSeen = { accountId: 'blue', state: 'open', live: { fingerprint: 'blue-1' } };
const HELD: TargetSeen = { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'blue-1' } };
/** Seen twice, and of no weight, because another account is refused as well. */
const DOUBTED: Refusal = { ...ONCE, times: 2, othersRefused: true };
const TRY = { do: 'try', fingerprint: 'blue-1' };

function decided(
  refusal: Refusal,
  {
    members = [BLUE, GREEN],
    blue,
    live = EXPIRED,
    old = [],
  }: {
    readonly members?: readonly MemberSeen[];
    readonly blue?: Tried['outcome'];
    readonly live?: Tried['outcome'];
    readonly old?: readonly OldCredential[];
  } = {},
): Decision {
  const known = {
    failures: 0,
    accepted: true,
    contested: { since: NOW - 1 },
    overwritten: [NOW - 2, NOW - 1],
  };
  const given = refused({
    policy: POLICY,
    record: {
      refused: refusal,
      old,
      live: { fingerprint: 'live', ownMint: true, proved: true, accountId: 'green' },
      targets: { [OTHER.id]: known },
    },
    seen: {
      account: { requestedAt: NOW, state: 'open', certain: true, members },
      others: { at: NOW, accepted: 0, refused: 1, unknown: 0 },
      targets: { [TARGET.id]: LIVE_THERE, [OTHER.id]: HELD },
      tried: {
        ...CERTAIN.tried,
        live: { at: SENT, outcome: live },
        ...(blue && { 'blue-1': { at: SENT, outcome: blue } }),
      },
    },
  });
  return decide({ ...given, inHand: new Set(['live', 'blue-1']) });
}

describe('a pair whose live credential is refused together with others', () => {
  it('has live what a target holds of the other account and is accepted: nothing is minted for that', () => {
    expect(decided(DOUBTED)).toStrictEqual(TRY);
    expect(decided(DOUBTED, { blue: { kind: 'accepted', accountId: 'blue' } })).toStrictEqual(
      noted({ kind: 'live-changed', fingerprint: 'blue-1', was: 'live', accountId: 'blue' }),
    );
  });

  it('keeps what it has where that is refused as well, for another reason, or has only just been', () => {
    expect(decided(DOUBTED, { blue: EXPIRED })).not.toMatchObject({ facts: [{ kind: 'live-changed' }] });
    expect(decided(DOUBTED, { live: { kind: 'refused' } })).not.toStrictEqual(TRY);
    expect(decided(ONCE)).not.toStrictEqual(TRY);
  });

  it('tries what the other account had before, which is not shown any more: that it is dead lets that one be minted for', () => {
    const members = [{ ...BLUE, live: { fingerprint: 'blue-2' } }, GREEN];
    const old = [{ why: 'replaced', since: 1, fingerprint: 'blue-1', accountId: 'blue' }] as const;
    expect(decided(DOUBTED, { members })).not.toStrictEqual(TRY);
    expect(decided(DOUBTED, { members, old })).toStrictEqual(TRY);
    const accepted = { kind: 'accepted', accountId: 'blue' } as const;
    expect(decided(DOUBTED, { members, old, blue: accepted })).not.toMatchObject({
      facts: [{ kind: 'live-changed' }],
    });
  });

  it('has live what its account shows, where that is something else by now', () => {
    const shown = { ...GREEN, live: { fingerprint: 'green-2' } };
    expect(decided(DOUBTED, { members: [BLUE, shown] })).toStrictEqual(
      noted({ kind: 'live-changed', fingerprint: 'green-2', was: 'live', accountId: 'green' }),
    );
  });
});
