import { describe, expect, it } from 'vitest';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { Strategy } from '../../../src/domain/account.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

describe('a credential that a target holds and its account accepts, where nothing is known to be live', () => {
  const { live: _live, ...bare } = record();
  const lost = { ...bare, mintedAt: NOW - 9_000, rotation: { ...OPEN, lost: true } };

  function found(known: AccountRecord, strategy: Strategy = 'in-place') {
    const issuedAt = NOW - 10_000;
    const holds = { kind: 'credential', fingerprint: 'held', issuedAt } as const;
    return noteLive(
      situation({
        policy: account({ strategy, targets: [TARGET] }),
        record: known,
        seen: {
          account: { requestedAt: NOW, state: 'open', certain: true },
          targets: { [TARGET.id]: { requestedAt: NOW, holds } },
          preflights: {},
          tried: { held: { at: NOW, outcome: { kind: 'accepted', accountId: 'a1' } } },
        },
        inHand: new Set(['held']),
      }),
    );
  }

  it('is what the open rotation minted, where that seemed lost: a target could not be read until now', () => {
    const minted = {
      kind: 'credential-minted',
      fingerprint: 'held',
      recovered: true,
      targets: [TARGET],
    } as const;
    const issuedAt = NOW - 10_000;
    expect(found(lost)).toStrictEqual(noted({ ...minted, sentAt: NOW - 9_000, issuedAt }));
    const { mintedAt: _, ...undated } = lost;
    expect(found(undated)).toStrictEqual(noted({ ...minted, sentAt: NOW, issuedAt }));
  });

  it.each<[string, AccountRecord, Strategy]>([
    ['nothing seemed lost', { ...lost, rotation: OPEN }, 'in-place'],
    ['no rotation is open', bare, 'in-place'],
    ['what was minted is beside it', lost, 'overlap'],
  ])('is live, and no more than that, where %s', (_name, known, strategy) => {
    expect(found(known, strategy)).toMatchObject(noted({ kind: 'live-found', fingerprint: 'held' }));
  });

  it('is what the open rotation minted also where the one before has been found again since: that mint had its effect late', () => {
    const live = { fingerprint: 'before', ownMint: false, proved: true } as const;
    expect(found({ ...lost, live })).toMatchObject(
      noted({ kind: 'credential-minted', fingerprint: 'held', recovered: true }),
    );
    const minted = { fingerprint: 'before', sentAt: NOW - 9_000, recovered: false };
    expect(found({ ...lost, live, rotation: { ...lost.rotation, minted } })).toMatchObject(
      noted({ kind: 'live-changed', fingerprint: 'held', was: 'before' }),
    );
  });
});
