import { describe, expect, it } from 'vitest';
import { noteTargets } from '../../../src/domain/deciding/comparing.ts';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import type { AccountSeen, Situation, TargetSeen, Tried } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
import { ALL_SEEN, LIVE_THERE, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

const FAILURE = { kind: 'no-answer', message: 'silence' } as const;
const INTENT = { attempt: 1, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };
const CLEAN: TargetRecord = { failures: 0, accepted: false };
const CONFIRMED = { confirmed: { fingerprint: 'live', version: '1', at: NOW - 9 } };
const FOREIGN = { foreign: { since: NOW - 9 } };
const WRITTEN = { written: { fingerprint: 'live', version: '2', at: NOW - 9 } };
const OTHER = target('vault:billing');
const { live: _live, ...NONE_LIVE } = record();
const HIDDEN: AccountSeen = { requestedAt: NOW, state: 'open', certain: true };
const STRANGER: TargetSeen = { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'x' } };
const UNREADABLE: TargetSeen = { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } };
const NOTHING: TargetSeen = { requestedAt: NOW, holds: { kind: 'nothing' } };
const STRANGE: TargetSeen = { requestedAt: NOW, holds: { kind: 'other' } };

function noted(...facts: readonly object[]) {
  return { do: 'note', facts };
}

function tried(outcome: Tried['outcome']): Situation['seen']['tried'] {
  return { x: { at: NOW, outcome } };
}

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
    seen: { ...ALL_SEEN, account: HIDDEN, targets: { [TARGET.id]: STRANGER }, tried: tried(kind) },
  });

  it('is tried where the targets hold it', () => {
    expect(found({ [TARGET.id]: STRANGER })).toEqual({ do: 'try', fingerprint: 'x' });
  });

  it('is found where it is accepted as this account’s, with what it tells of its life', () => {
    const dated: TargetSeen = {
      requestedAt: NOW,
      holds: { kind: 'credential', fingerprint: 'x', issuedAt: NOW - 5, expiresAt: NOW + 5 },
    };
    const accepted = tried({ kind: 'accepted', accountId: 'a1' });
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

  it('is not found where it is accepted as another’s', () => {
    expect(found({}, outcome({ kind: 'accepted', accountId: 'b2' }))).toBeUndefined();
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
    expect(found({ [TARGET.id]: STRANGER }, {}, { superseded: ['x'] })).toEqual(
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
    seen: { ...ALL_SEEN, account: HIDDEN, targets: { [TARGET.id]: STRANGER }, tried: tried(outcome) },
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

describe('what a target holds', () => {
  interface Given {
    readonly known?: TargetRecord;
    readonly read?: TargetSeen;
    readonly tried?: Situation['seen']['tried'];
    readonly more?: Partial<Situation>;
    readonly record?: Partial<AccountRecord>;
  }
  function note({ known = CLEAN, read = LIVE_THERE, tried: outcomes = {}, more, record: changes }: Given) {
    return noteTargets(
      situation({
        dice: 1,
        inHand: new Set(['x']),
        record: record({ targets: { [TARGET.id]: known }, ...changes }),
        seen: { ...ALL_SEEN, targets: { [TARGET.id]: read }, tried: outcomes },
        ...more,
      }),
    );
  }
  const failing = { target: TARGET.id, attempt: 1, retryAt: NOW + 1_000 };
  const UNKNOWN = tried({ kind: 'unknown', failure: FAILURE });
  const silent = noted({ kind: 'target-failed', failure: 'no-answer', message: 'silence', ...failing });

  it.each<readonly [string, Given, object]>([
    [
      'is confirmed where it is the live credential',
      {},
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '1' }),
    ],
    [
      'is confirmed also where the store has no versions',
      { read: { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'live' } } },
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '' }),
    ],
    [
      'is confirmed anew where it was foreign',
      { known: { ...CLEAN, ...CONFIRMED, ...FOREIGN } },
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '1' }),
    ],
    [
      'is foreign where it is not of the format',
      { read: STRANGE },
      noted({ kind: 'target-foreign', target: TARGET.id }),
    ],
    [
      'is foreign where it was refused, by its fingerprint',
      { read: STRANGER, tried: tried({ kind: 'refused' }) },
      noted({ kind: 'target-foreign', target: TARGET.id, fingerprint: 'x' }),
    ],
    ['is tried where nobody knows whose it is', { read: STRANGER }, { do: 'try', fingerprint: 'x' }],
    ['is a failure where nobody could tell whose it is', { read: STRANGER, tried: UNKNOWN }, silent],
    ['is a failure where it cannot be read', { read: UNREADABLE }, silent],
    [
      'is a failure once more when it is time',
      { known: { ...CLEAN, retryAt: NOW }, read: UNREADABLE },
      silent,
    ],
    [
      'is foreign no more where that is gone',
      { known: { ...CLEAN, ...FOREIGN }, read: NOTHING },
      noted({ kind: 'target-cleared', target: TARGET.id }),
    ],
    [
      'is a failure where it is not what was just written',
      { known: { ...CLEAN, ...WRITTEN }, read: NOTHING },
      noted({
        kind: 'target-failed',
        failure: 'target-refused',
        message: `${TARGET.id} reads back something else than what was just written`,
        ...failing,
        misread: true,
      }),
    ],
    [
      'has drifted where it is not what was confirmed',
      { known: { ...CLEAN, ...CONFIRMED }, read: STRANGER },
      noted({ kind: 'target-drifted', target: TARGET.id, fingerprint: 'x' }),
    ],
    [
      'has drifted where it is gone',
      { known: { ...CLEAN, ...CONFIRMED }, read: NOTHING },
      noted({ kind: 'target-drifted', target: TARGET.id }),
    ],
    [
      'is confirmed where nothing was known of it',
      { record: { targets: {} } },
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '1' }),
    ],
  ])('%s', (_, changes, wantDecision) => {
    expect(note(changes)).toStrictEqual(wantDecision);
  });

  it.each<readonly [string, Given]>([
    ['it is confirmed', { known: { ...CLEAN, ...CONFIRMED } }],
    ['it is known to be foreign', { known: { ...CLEAN, ...FOREIGN }, read: STRANGE }],
    [
      'it cannot be read before the next attempt',
      { known: { ...CLEAN, retryAt: NOW + 1 }, read: UNREADABLE },
    ],
    [
      'nobody could tell whose it is before the next attempt',
      { known: { ...CLEAN, retryAt: NOW + 1 }, read: STRANGER, tried: UNKNOWN },
    ],
    ['nobody has its value to try it', { read: STRANGER, more: { inHand: new Set() } }],
    ['it is empty and never held anything', { read: NOTHING }],
    [
      'it is found wanting already',
      { known: { ...CLEAN, ...WRITTEN, failures: 1, misread: true }, read: NOTHING },
    ],
    [
      'it holds what was confirmed before the last mint',
      { known: { ...CLEAN, confirmed: { fingerprint: 'x', version: '1', at: NOW } }, read: STRANGER },
    ],
    ['it is empty, and nothing was known of it', { record: { targets: {} }, read: NOTHING }],
    ['it was not read', { more: { seen: { ...ALL_SEEN, targets: {} } } }],
    [
      'nobody knows whether a mint happened',
      { record: { targets: {}, rotation: { ...OPEN, intent: INTENT } } },
    ],
  ])('is not noted where %s', (_, changes) => {
    expect(note(changes)).toBeUndefined();
  });

  it('is noted of all targets at once', () => {
    const targets = { [TARGET.id]: LIVE_THERE, [OTHER.id]: STRANGE };
    const policy = account({ targets: [TARGET, OTHER] });
    expect(note({ more: { policy, seen: { ...ALL_SEEN, targets } } })).toMatchObject(
      noted({ kind: 'target-confirmed', target: TARGET.id }, { kind: 'target-foreign', target: OTHER.id }),
    );
    const known = { [TARGET.id]: { ...CLEAN, ...CONFIRMED } };
    expect(note({ record: { targets: known }, more: { policy, seen: { ...ALL_SEEN, targets } } })).toEqual(
      noted({ kind: 'target-foreign', target: OTHER.id }),
    );
  });
});
