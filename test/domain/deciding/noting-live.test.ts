import { describe, expect, it } from 'vitest';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { AccountSeen, Situation, TargetSeen, Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import {
  ALL_SEEN,
  INTENT,
  LIVE_THERE,
  NOW,
  OPEN,
  TARGET,
  record,
  situation,
} from '../../builders/situation.ts';
import { FAILURE, noted } from '../../builders/decision.ts';
import { NOTHING, OTHER, STRANGE, STRANGER, UNREADABLE, tried } from '../../builders/targets.ts';

const { live: _live, ...NONE_LIVE } = record();

const HIDDEN: AccountSeen = { requestedAt: NOW, state: 'open', certain: true };

describe('what the provider shows to be live', () => {
  function shown(live: AccountSeen['live'], changes: Partial<AccountRecord> = {}) {
    const seen = { ...ALL_SEEN, account: { ...HIDDEN, ...(live && { live }) } };
    return noteLive(situation({ record: record(changes), seen }));
  }

  it('is noted where it is another than was known', () => {
    const live = { fingerprint: 'theirs', issuedAt: NOW - 5, expiresAt: NOW + 5 };
    expect(shown(live)).toStrictEqual(noted({ kind: 'live-changed', ...live, was: 'live' }));
  });

  it('is noted where none was known', () => {
    const seen = { ...ALL_SEEN, account: { ...HIDDEN, live: { fingerprint: 'theirs' } } };
    expect(noteLive(situation({ record: NONE_LIVE, seen }))).toStrictEqual(
      noted({ kind: 'live-changed', fingerprint: 'theirs' }),
    );
  });

  it('is not noted where it is known, or known as replaced', () => {
    expect(shown({ fingerprint: 'live' })).toBeUndefined();
    expect(shown({ fingerprint: 'older' }, { superseded: ['older'] })).toBeUndefined();
  });

  it('is not noted while nobody knows whether a mint happened', () => {
    expect(shown({ fingerprint: 'theirs' }, { rotation: { ...OPEN, intent: INTENT } })).toBeUndefined();
  });

  it('is nothing new where it is hidden and something is known', () => {
    expect(shown(undefined)).toBeUndefined();
  });

  it('is nothing while the account is closed, or was not seen', () => {
    const closed = { ...HIDDEN, state: 'closed', live: { fingerprint: 'theirs' } } as const;
    expect(noteLive(situation({ seen: { ...ALL_SEEN, account: closed } }))).toBeUndefined();
    expect(noteLive(situation({ record: NONE_LIVE }))).toBeUndefined();
  });
});

describe('what is live where the provider hides it', () => {
  function found(
    read: Record<string, TargetSeen>,
    more: Partial<Situation> = {},
    changes: Partial<AccountRecord> = {},
  ) {
    return noteLive(
      situation({
        policy: account({ targets: Object.keys(read).length > 1 ? [TARGET, OTHER] : [TARGET] }),
        record: { ...NONE_LIVE, ...changes },
        inHand: new Set(['x', 'y']),
        ...more,
        seen: { ...ALL_SEEN, account: HIDDEN, targets: read, ...more.seen },
      }),
    );
  }
  const outcome = (kind: Tried['outcome']) => ({
    seen: { ...ALL_SEEN, account: HIDDEN, targets: { [TARGET.id]: STRANGER }, tried: { x: tried(kind) } },
  });

  it('is tried where the targets hold it', () => {
    expect(found({ [TARGET.id]: STRANGER })).toEqual({ do: 'try', fingerprint: 'x' });
  });

  it('is found where it is accepted as this account’s, with what it tells of its life', () => {
    const dated: TargetSeen = {
      requestedAt: NOW,
      holds: { kind: 'credential', fingerprint: 'x', issuedAt: NOW - 5, expiresAt: NOW + 5 },
    };
    const accepted = { x: tried({ kind: 'accepted', accountId: 'a1' }) };
    const seen = {
      ...ALL_SEEN,
      account: HIDDEN,
      targets: { other: LIVE_THERE, [TARGET.id]: dated },
      tried: accepted,
    };
    expect(found({ [TARGET.id]: dated }, { seen })).toStrictEqual(
      noted({ kind: 'live-found', fingerprint: 'x', issuedAt: NOW - 5, expiresAt: NOW + 5 }),
    );
    expect(found({}, outcome({ kind: 'accepted', accountId: 'a1' }))).toStrictEqual(
      noted({ kind: 'live-found', fingerprint: 'x' }),
    );
  });

  it('is tried again later where nobody knows what came of it', () => {
    expect(found({}, outcome({ kind: 'unknown', failure: FAILURE }))).toMatchObject(
      noted({ kind: 'observe-failed', failure: 'no-answer' }),
    );
  });

  it('waits for the next attempt', () => {
    expect(found({ [TARGET.id]: STRANGER }, {}, { retryAt: NOW + 1 })).toBeUndefined();
  });

  it('is missing where every target was read and none holds it', () => {
    expect(found({ [TARGET.id]: NOTHING })).toEqual(noted({ kind: 'live-missing' }));
    expect(found({ [TARGET.id]: STRANGE })).toEqual(noted({ kind: 'live-missing' }));
    expect(found({}, outcome({ kind: 'refused' }))).toEqual(noted({ kind: 'live-missing' }));
    expect(found({}, outcome({ kind: 'accepted', accountId: 'b2' }))).toEqual(
      noted({ kind: 'live-missing' }),
    );
    expect(found({}, outcome({ kind: 'refused' }), { superseded: ['x'] })).toEqual(
      noted({ kind: 'live-missing' }),
    );
  });

  it('is not missing where that was noted, or a target could not be read', () => {
    expect(found({ [TARGET.id]: NOTHING }, {}, { liveMissingSince: NOW - 1 })).toBeUndefined();
    expect(found({})).toBeUndefined();
    expect(found({ [TARGET.id]: UNREADABLE })).toBeUndefined();
    expect(found({ [TARGET.id]: NOTHING, [OTHER.id]: UNREADABLE })).toBeUndefined();
  });
});

describe('a credential that nobody knows, where the provider hides what is live', () => {
  function newer(read: TargetSeen, more: Partial<Situation> = {}, changes: Partial<AccountRecord> = {}) {
    return noteLive(
      situation({
        record: record(changes),
        inHand: new Set(['x', 'live', 'older']),
        ...more,
        seen: { ...ALL_SEEN, account: HIDDEN, targets: { [TARGET.id]: read }, ...more.seen },
      }),
    );
  }
  const triedAs = (outcome: Tried['outcome']) => ({
    seen: { ...ALL_SEEN, account: HIDDEN, targets: { [TARGET.id]: STRANGER }, tried: { x: tried(outcome) } },
  });

  it('is tried: somebody may have minted it', () => {
    expect(newer(STRANGER)).toEqual({ do: 'try', fingerprint: 'x' });
  });

  it('is live where it is accepted as this account’s', () => {
    expect(newer(STRANGER, triedAs({ kind: 'accepted', accountId: 'a1' }))).toStrictEqual(
      noted({ kind: 'live-changed', fingerprint: 'x', was: 'live' }),
    );
  });

  it('is tried again later where nobody knows what came of it', () => {
    expect(newer(STRANGER, triedAs({ kind: 'unknown', failure: FAILURE }))).toMatchObject(
      noted({ kind: 'observe-failed', failure: 'no-answer' }),
    );
  });

  it.each<readonly [string, TargetSeen, Partial<Situation>, Partial<AccountRecord>]>([
    ['it was refused', STRANGER, triedAs({ kind: 'refused' }), {}],
    ['it is another account’s', STRANGER, triedAs({ kind: 'accepted', accountId: 'b2' }), {}],
    ['nobody has its value', STRANGER, { inHand: new Set(['live']) }, {}],
    ['it is the live one', LIVE_THERE, {}, {}],
    ['it was replaced already', STRANGER, {}, { superseded: ['x'] }],
    ['the next attempt has not come', STRANGER, {}, { retryAt: NOW + 1 }],
    ['there is none', NOTHING, {}, {}],
    ['the target was not read', STRANGER, { seen: { ...ALL_SEEN, account: HIDDEN, targets: {} } }, {}],
    [
      'several are accepted at a time',
      STRANGER,
      { policy: account({ targets: [TARGET], strategy: 'overlap' }) },
      {},
    ],
  ])('is nothing where %s', (_, read, more, changes) => {
    expect(newer(read, more, changes)).toBeUndefined();
  });
});
