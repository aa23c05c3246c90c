import { describe, expect, it } from 'vitest';
import { resolveMint } from '../../../src/domain/deciding/recovering.ts';
import type { Situation, TargetSeen, Tried } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
import { FAILURE, noted } from '../../builders/decision.ts';
import { resolved, SENT, SETTLED, UNKNOWN } from '../../builders/recovering.ts';
import { ALL_SEEN, LIVE_THERE, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

interface HeldGiven {
  readonly inHand?: readonly string[];
  readonly targets?: Situation['seen']['targets'];
}

describe('a provider that hides what is live', () => {
  const inHand = { more: { inHand: new Set(['live']) } };
  const tried = (outcome: Tried['outcome']) => ({ tried: { live: { at: NOW, outcome } } });

  it('is asked by trying the old credential', () => {
    expect(resolved(inHand)).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('did not mint where that is accepted', () => {
    const seen = tried({ kind: 'accepted', accountId: 'a1' });
    expect(resolved({ ...inHand, seen })).toEqual(noted({ kind: 'pre-image-seen', requestedAt: SETTLED }));
  });

  const refused = (requestedAt: number, revoked = {}) =>
    resolved({ ...inHand, account: { requestedAt }, seen: tried({ kind: 'refused', ...revoked }) });
  const LOST = noted({ kind: 'credential-lost', mintedAt: NOW, preImage: 'live' });

  it('minted where that is certain to be dead, and the value is lost', () => {
    expect(refused(SETTLED, { revoked: true })).toEqual(LOST);
    expect(refused(SENT, { revoked: true })).toEqual(LOST);
  });

  it('may be at fault itself where it refuses that for another reason: then time tells', () => {
    const early = SETTLED - 1;
    expect(refused(early)).toEqual(noted({ kind: 'pre-image-seen', requestedAt: early }));
    expect(refused(SETTLED)).toEqual(LOST);
  });

  it('has told nothing where nobody knows what came of that', () => {
    expect(resolved({ ...inHand, seen: tried({ kind: 'unknown', failure: FAILURE }) })).toMatchObject(
      noted({ kind: 'rotation-failed', failure: 'no-answer' }),
    );
  });

  it('tells nothing where the old credential is not to be had: the targets are read for it', () => {
    expect(resolved({ seen: { targets: {} } })).toEqual({
      do: 'observe',
      account: false,
      manager: false,
      targets: [TARGET],
    });
  });

  it('counts as having minted once all has settled and no target has the old one', () => {
    const seen = { targets: { [TARGET.id]: LIVE_THERE } };
    expect(resolved({ seen })).toEqual(noted({ kind: 'credential-lost', mintedAt: NOW, preImage: 'live' }));
    expect(resolved({ seen, account: { requestedAt: SETTLED - 1 } })).toEqual(
      noted({ kind: 'pre-image-seen', requestedAt: SETTLED - 1 }),
    );
  });

  describe('and a target that holds another one', () => {
    const issuedAt = SENT + 1;
    const holds = { kind: 'credential', fingerprint: 'new', issuedAt } as const;
    const other = target('files:other/token');
    const newer: TargetSeen = { requestedAt: NOW, holds, version: '2' };
    const there = { [TARGET.id]: LIVE_THERE, [other.id]: newer };
    const accepted = { kind: 'accepted', accountId: 'a1' } as const;
    const dead = { kind: 'refused', revoked: true } as const;
    const held = (
      { live = dead, fresh }: { readonly live?: Tried['outcome']; readonly fresh?: Tried['outcome'] },
      { inHand: hand = ['live', 'new'], targets = there }: HeldGiven = {},
    ) =>
      resolved({
        more: { policy: account({ targets: [TARGET, other] }), inHand: new Set(hand) },
        seen: {
          targets,
          tried: { live: { at: NOW, outcome: live }, ...(fresh && { new: { at: NOW, outcome: fresh } }) },
        },
      });
    const MINTED = noted({
      kind: 'credential-minted',
      fingerprint: 'new',
      sentAt: SENT - 10,
      recovered: true,
      targets: [TARGET],
      preImage: 'live',
      issuedAt,
    });

    it('minted that one, where it is accepted and the old one is not', () => {
      expect(held({})).toEqual({ do: 'try', fingerprint: 'new' });
      expect(held({ fresh: accepted })).toEqual(MINTED);
    });

    it('minted that one at once also where no target has the old one any more', () => {
      const hand = { inHand: ['new'], targets: { ...there, [TARGET.id]: newer } };
      expect(held({}, hand)).toEqual({ do: 'try', fingerprint: 'new' });
      expect(held({ fresh: accepted }, hand)).toEqual(MINTED);
    });

    it('is asked for that one only when all targets were read', () => {
      const targets = { [TARGET.id]: LIVE_THERE };
      expect(held({}, { targets })).toMatchObject({ do: 'observe', targets: [other] });
    });

    it('did not mint it where the old one is accepted', () => {
      expect(held({ live: accepted })).toEqual(noted({ kind: 'pre-image-seen', requestedAt: SETTLED }));
    });

    it.each<[string, Tried['outcome']]>([
      ['is refused', dead],
      ['is another account’s', { kind: 'accepted', accountId: 'another' }],
    ])('minted one whose value is lost where that one %s', (_name, fresh) => {
      expect(held({ fresh })).toEqual(LOST);
    });

    it('has told nothing where nobody knows what came of trying that one', () => {
      expect(held({ fresh: { kind: 'unknown', failure: FAILURE } })).toMatchObject(
        noted({ kind: 'rotation-failed', failure: 'no-answer' }),
      );
    });
  });

  it('counts as having minted what replaced nothing', () => {
    const { preImage: _, ...intent } = UNKNOWN;
    const account = { requestedAt: SETTLED, state: 'open', certain: true } as const;
    const got = resolveMint(
      situation({ record: record({ rotation: { ...OPEN, intent } }), seen: { ...ALL_SEEN, account } }),
    );
    expect(got).toStrictEqual(noted({ kind: 'credential-lost', mintedAt: NOW }));
  });
});
