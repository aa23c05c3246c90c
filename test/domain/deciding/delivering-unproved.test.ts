import { describe, expect, it } from 'vitest';
import { proveLive } from '../../../src/domain/deciding/delivering.ts';
import type { Account } from '../../../src/domain/account.ts';
import type { OpenRotation } from '../../../src/domain/record.ts';
import type { Situation, Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { ALL_SEEN, INTENT, NOW, OPEN, REFUSED, TARGET, record, situation } from '../../builders/situation.ts';
import { FAILURE } from '../../builders/decision.ts';
import { CONFIRMED, FOUND, LATER, NO_VALUE, OURS, given } from '../../builders/delivering.ts';
import type { Given } from '../../builders/delivering.ts';

function tried(outcome: Tried['outcome']): Partial<Situation['seen']> {
  return { tried: { live: { at: NOW, outcome } } };
}

describe('a live credential that did not come with the answer to our own mint', () => {
  function proved(changes: Given = {}) {
    const { record: more, ...rest } = changes;
    return proveLive(given({ ...rest, record: { targets: { [TARGET.id]: OURS }, live: FOUND, ...more } }));
  }

  it('is tried before it is delivered', () => {
    expect(proved()).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is proved by being accepted as this account', () => {
    expect(proved({ seen: tried({ kind: 'accepted', accountId: 'a1' }) })).toEqual({
      do: 'note',
      facts: [{ kind: 'credential-proved', fingerprint: 'live' }],
    });
  });

  it('holds the account where it is another account’s', () => {
    const why = 'the credential live belongs to the account b2';
    expect(proved({ seen: tried({ kind: 'accepted', accountId: 'b2' }) })).toEqual({
      do: 'note',
      facts: [{ kind: 'account-mismatched', why, mintedAt: NOW }],
    });
  });

  it('is tried again later where it is refused, and what that means is said', () => {
    const message = 'the provider shows the credential live as live and refuses it; nothing is delivered';
    expect(proved({ seen: tried({ kind: 'refused' }) })).toMatchObject({
      facts: [{ kind: 'observe-failed', failure: 'credential-refused', message }],
    });
  });

  it('does not keep a newer slot waiting where our own mint brought it, and it is refused: that rotation ends', () => {
    const schedule = { pattern: '* * * * *', zone: 'UTC' };
    const minted = { fingerprint: 'live', sentAt: NOW - 7_200_000, recovered: true };
    const lastFailure = { failure: 'credential-refused', message: 'x', at: NOW - 1 } as const;
    const slot = NOW - 3_600_000;
    const again = (policy: Account) =>
      proved({ record: { rotation: { ...OPEN, minted }, lastFailure, slot, ...LATER }, more: { policy } });
    expect(again(account({ targets: [TARGET] }))).toBeUndefined();
    expect(again(account({ targets: [TARGET], schedule }))).toMatchObject({
      facts: [{ kind: 'rotation-abandoned' }],
    });
  });

  it('is tried again later also where our own mint brought it, and left to the mint where one is prepared', () => {
    const minted = { fingerprint: 'live', sentAt: NOW - 1_000, recovered: true };
    const refused = (rotation: OpenRotation) =>
      proved({ record: { rotation }, seen: tried({ kind: 'refused' }) });
    expect(refused({ ...OPEN, minted })).toMatchObject({
      facts: [{ kind: 'rotation-failed', failure: 'credential-refused' }],
    });
    expect(refused(OPEN)).toBeUndefined();
  });

  it('ends no rotation that minted another one, which is not proved yet', () => {
    const minted = {
      fingerprint: 'new',
      sentAt: NOW - 1_000,
      recovered: false,
      unproved: { targets: [TARGET] },
    };
    const policy = account({ targets: [TARGET], onRefused: 'rotate' });
    const known = { rotation: { ...OPEN, minted }, refused: REFUSED };
    expect(proved({ record: known, more: { policy } })).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is tried again later where nobody knows what came of it', () => {
    expect(proved({ seen: tried({ kind: 'unknown', failure: FAILURE }) })).toMatchObject({
      facts: [{ kind: 'observe-failed', failure: 'no-answer', message: 'silence' }],
    });
  });

  it('is fetched first where nobody has its value', () => {
    const { account: _, ...seen } = { ...ALL_SEEN, targets: {} };
    const bare = situation({ ...NO_VALUE, record: record({ targets: {}, live: FOUND }), seen });
    expect(proveLive(bare)).toMatchObject({ do: 'observe', account: true });
  });

  it.each<readonly [string, Given]>([
    ['no target needs it', { record: { targets: { [TARGET.id]: CONFIRMED } } }],
    ['it is proved', { record: { live: { ...FOUND, proved: true } } }],
    ['the account is mismatched', { record: { mismatched: { since: NOW, why: 'x' } } }],
    ['nobody knows whether a mint happened', { record: { rotation: { ...OPEN, intent: INTENT } } }],
    ['the next attempt has not come', { record: LATER }],
  ])('is not tried where %s', (_, changes) => {
    expect(proved(changes)).toBeUndefined();
  });

  it('is not tried where there is none', () => {
    const { live: _, ...unknown } = record({ targets: {} });
    expect(proveLive(situation({ record: unknown }))).toBeUndefined();
  });
});
