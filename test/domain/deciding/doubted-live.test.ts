/** A live credential that a mint whose answer did not fit may have ended: whether it did, its use tells. */
import { describe, expect, it } from 'vitest';
import { judgeTry } from '../../../src/domain/deciding/refusing.ts';
import { tryLive } from '../../../src/domain/deciding/trying-live.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { AccountSeen, Situation, Tried } from '../../../src/domain/situation.ts';
import { noted } from '../../builders/decision.ts';
import { fact, folded } from '../../builders/fact.ts';
import { EXPIRED } from '../../builders/refused.ts';
import { ALL_SEEN, NOW, OPEN, record, situation } from '../../builders/situation.ts';

const MINTED_AT = NOW - 60_000;
const DOUBTED: AccountRecord = record({
  live: { fingerprint: 'live', ownMint: true, proved: true, doubted: true },
  mintedAt: MINTED_AT,
});
const INTENT = { attempt: 1, at: NOW, sentAt: NOW, targets: [], unknown: false, sightings: 0 };
const WAITING = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW };
const HIDDEN: AccountSeen = { requestedAt: NOW, state: 'open', certain: true };

interface Given {
  readonly known?: Partial<AccountRecord>;
  readonly account?: AccountSeen;
  readonly outcome?: Tried['outcome'];
  readonly dueWhy?: Situation['dueWhy'];
}

function looked({ known, account = HIDDEN, outcome, dueWhy = 're-observe' }: Given = {}): Situation {
  return situation({
    record: { ...DOUBTED, ...known },
    seen: { ...ALL_SEEN, account, tried: outcome === undefined ? {} : { live: { at: NOW, outcome } } },
    inHand: new Set(['live']),
    dueWhy,
  });
}

describe('a live credential that may have been ended by a mint whose answer did not fit', () => {
  it('is one that a mint with such an answer would have ended, and no other', () => {
    const mismatched = fact('account-mismatched', { why: 'account b2', mintedAt: NOW });
    const after = (known: Partial<AccountRecord>) => folded(record(known), mismatched).live?.doubted;
    const rotation = { ...OPEN, intent: INTENT };
    expect(after({ rotation })).toBe(true);
    expect(after({ rotation: { ...OPEN, intent: { ...INTENT, provedFirst: true } } })).toBeUndefined();
    expect(after({ rotation: OPEN })).toBeUndefined();
    const { live: _, ...noneLive } = record({ rotation });
    expect(folded(noneLive, mismatched)).not.toHaveProperty('live');
  });

  it('is tried at the next look, whatever that is for', () => {
    expect(tryLive(looked())).toStrictEqual({ do: 'try', fingerprint: 'live' });
    const { live: _, ...known } = DOUBTED;
    expect(
      tryLive(looked({ known: { ...known, live: { fingerprint: 'live', ownMint: true, proved: true } } })),
    ).toBeUndefined();
  });

  it('is lost where it is refused and the provider hides what is live: another one is minted', () => {
    const lost = { kind: 'credential-lost', preImage: 'live', mintedAt: MINTED_AT } as const;
    expect(judgeTry(looked({ outcome: EXPIRED }))).toStrictEqual(noted(lost));
    const { live, superseded } = folded(DOUBTED, fact('credential-lost', lost));
    expect([live, superseded]).toStrictEqual([undefined, ['live']]);
  });

  it('is in doubt no more once it is accepted, also while another one is prepared', () => {
    const outcome = { kind: 'accepted', accountId: 'a1' } as const;
    const proved = { kind: 'credential-proved', fingerprint: 'live' } as const;
    expect(judgeTry(looked({ outcome }))).toStrictEqual(noted(proved));
    expect(judgeTry(looked({ outcome, known: { rotation: OPEN } }))).toStrictEqual(noted(proved));
    expect(folded(DOUBTED, fact('credential-proved', proved)).live).toStrictEqual({
      fingerprint: 'live',
      ownMint: true,
      proved: true,
    });
  });

  it.each<[string, Given]>([
    ['another one is being minted', { known: { rotation: OPEN } }],
    ['another one was asked for', { known: { waiting: WAITING } }],
    ['the account is closed', { account: { ...HIDDEN, state: 'closed' } }],
    ['the account is not seen for certain', { account: { ...HIDDEN, state: 'absent', certain: false } }],
    ['it is refused for another reason', { outcome: { kind: 'refused' } }],
    ['nobody answers', { outcome: { kind: 'unknown', failure: { kind: 'no-answer', message: 'x' } } }],
  ])('is not lost where %s', (_name, given) => {
    expect(judgeTry(looked({ outcome: EXPIRED, ...given }))).toBeUndefined();
  });

  it('is judged like any other where the provider shows it', () => {
    const account: AccountSeen = { ...HIDDEN, live: { fingerprint: 'live' } };
    expect(judgeTry(looked({ outcome: EXPIRED, account }))).toMatchObject({
      facts: [{ kind: 'live-tried', outcome: 'refused', counts: false }],
    });
  });
});
