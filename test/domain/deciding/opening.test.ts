import { describe, expect, it } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import { open, park, prepare } from '../../../src/domain/deciding/rotating.ts';
import { missedRunAt } from '../../../src/domain/due.ts';
import type { Hold } from '../../../src/domain/hold.ts';
import type { AccountRecord, OpenRotation } from '../../../src/domain/record.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
import {
  ALL_SEEN,
  LIVE_THERE,
  NOW,
  OPEN,
  ready,
  record,
  situation,
  TARGET,
} from '../../builders/situation.ts';

const HOUR_MS = 3_600_000;
const FAILURE = { kind: 'no-answer', message: 'silence' } as const;
const SINCE = { since: NOW - 1, why: 'because' };
const INTENT = { attempt: 1, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };
const MINTED = { fingerprint: 'new', sentAt: NOW, recovered: false };
const ASKED = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW - 5 };
const HOURLY: Partial<Account> = { schedule: { pattern: '0 * * * *', zone: 'UTC' }, targets: [TARGET] };
const STORE_DOWN: Hold = { kind: 'store-down', subject: 'files', since: NOW - 1, by: 'rekeyd', reason: 'x' };
const REFUSED: Hold = { ...STORE_DOWN, kind: 'manager-refused', subject: 'kronup' };

function noted(...facts: readonly object[]) {
  return { do: 'note', facts };
}

describe('parking', () => {
  function parked(changes: Partial<AccountRecord>, more: Partial<Situation> = {}) {
    return park(situation({ record: record(changes), ...more }));
  }

  it('comes after as many failures of its own as are allowed, with the last one’s words', () => {
    const lastFailure = { failure: 'not-allowed', message: 'forbidden', at: NOW } as const;
    expect(parked({ failures: 5, lastFailure })).toEqual(
      noted({ kind: 'account-parked', why: '5 failures of its own in a row; the last: forbidden' }),
    );
    expect(parked({ failures: 6 })).toEqual(
      noted({ kind: 'account-parked', why: '6 failures of its own in a row; the last: unknown' }),
    );
    expect(parked({ failures: 4, lastFailure })).toBeUndefined();
  });

  it('is not noted twice', () => {
    expect(parked({ failures: 5, parked: SINCE })).toBeUndefined();
  });

  const minted = (lifetimeMs: number, mintedAt: number | undefined = NOW): Partial<AccountRecord> => ({
    lifetimeMs,
    live: {
      fingerprint: 'live',
      ownMint: true,
      proved: true,
      expiresAt: NOW + lifetimeMs,
      ...(mintedAt !== undefined && { mintedAt }),
    },
  });

  it('comes where a new credential would expire sooner than another may be minted', () => {
    expect(parked(minted(900_000 - 3))).toEqual(
      noted({
        kind: 'account-parked',
        why: 'the new credential would have to be replaced after 10m, sooner than minInterval (10m) allows',
      }),
    );
    expect(parked(minted(300_000))).toMatchObject({
      facts: [
        {
          why: 'the new credential would have to be replaced after 3m20s, sooner than minInterval (10m) allows',
        },
      ],
    });
    expect(parked(minted(900_000))).toBeUndefined();
  });

  it('says nothing of a time below nothing', () => {
    expect(parked(minted(0, NOW + 60_000))).toMatchObject({
      facts: [
        {
          why: 'the new credential would have to be replaced after 0s, sooner than minInterval (10m) allows',
        },
      ],
    });
  });

  it('does not come because of what we did not mint', () => {
    const { live } = minted(300_000);
    const { mintedAt: _, ...theirs } = live ?? { fingerprint: 'x', ownMint: false, proved: false };
    expect(parked({ lifetimeMs: 300_000, live: theirs })).toBeUndefined();
  });
});

describe('a rotation', () => {
  function opened(changes: Partial<AccountRecord> = {}, more: Partial<Situation> = {}) {
    return open(situation({ record: record({ waiting: ASKED, ...changes }), ...more }));
  }
  const MANUAL = { kind: 'rotation-opened', trigger: 'manual', dueAt: NOW - 5 };
  /** A slot that has come this minute, of an account with an hourly schedule. */
  function slotted(changes: Partial<AccountRecord> = {}, more: Partial<Situation> = {}) {
    return open(situation({ policy: account(HOURLY), record: record(changes), ...more }));
  }

  it('is opened where one is due', () => {
    expect(opened()).toStrictEqual(noted(MANUAL));
  });

  it('for a slot names it, and when it was due', () => {
    expect(slotted()).toStrictEqual(
      noted({ kind: 'rotation-opened', trigger: 'schedule', dueAt: NOW, slot: NOW }),
    );
  });

  it('for another reason takes with it the slot that has come', () => {
    const policy = account(HOURLY);
    expect(opened({}, { policy })).toStrictEqual(noted({ ...MANUAL, slot: NOW }));
    expect(opened({ slot: NOW }, { policy })).toStrictEqual(noted(MANUAL));
    expect(opened({ slot: NOW - HOUR_MS }, { policy })).toStrictEqual(noted({ ...MANUAL, slot: NOW }));
    expect(opened({ adoptedAt: NOW }, { policy })).toStrictEqual(noted(MANUAL));
  });

  it('is opened although a store is down: preparing it shows when the store is up', () => {
    expect(opened({}, { sharedHolds: [STORE_DOWN] })).toEqual(noted(MANUAL));
  });

  it.each<readonly [string, Partial<AccountRecord>, Partial<Situation>]>([
    ['one is open', { rotation: OPEN }, {}],
    ['the account left', {}, { configured: false }],
    ['the daemon stops', {}, { stopping: true }],
    ['something holds it', {}, { sharedHolds: [REFUSED] }],
  ])('is not opened where %s', (_, changes, more) => {
    expect(opened(changes, more)).toBeUndefined();
  });

  it('is not opened where nothing is due, or the account is not adopted', () => {
    expect(open(situation())).toBeUndefined();
    const { adoptedAt: _, ...unknown } = record({ waiting: ASKED });
    expect(open(situation({ record: unknown }))).toBeUndefined();
  });

  it('that is held keeps its slot, which is noted once', () => {
    const held = { sharedHolds: [REFUSED] };
    const wantFact = { kind: 'slot-held', slot: NOW, hold: 'manager-refused' };
    expect(slotted({}, held)).toEqual(noted(wantFact));
    expect(slotted({ heldSlot: NOW - HOUR_MS }, held)).toEqual(noted(wantFact));
    expect(slotted({ heldSlot: NOW }, held)).toBeUndefined();
  });

  it('that is not for a slot is held without a note', () => {
    const policy = account({ targets: [TARGET], maxAgeMs: 1 });
    const ageFrom = { at: NOW - 5, atLeast: false };
    const old = { policy, record: record({ ageFrom, heldSlot: NOW - HOUR_MS }), sharedHolds: [REFUSED] };
    expect(open(situation(old))).toBeUndefined();
  });

  it('that is paused notes its slot as such, once, or skips it where that is asked for', () => {
    const paused = { since: NOW - 1, cause: { actor: 'socket:0' } };
    expect(slotted({ paused })).toEqual(noted({ kind: 'slot-held', slot: NOW, hold: 'paused' }));
    expect(slotted({ paused, heldSlot: NOW })).toEqual(
      noted({ kind: 'slot-held', slot: NOW, hold: 'paused' }),
    );
    expect(slotted({ paused, pausedSlot: NOW })).toBeUndefined();
    const skipping = { policy: account({ ...HOURLY, missed: 'skip' }) };
    expect(slotted({ paused }, skipping)).toEqual(noted({ kind: 'slot-skipped', slot: NOW }));
    expect(slotted({}, { ...skipping, sharedHolds: [REFUSED] })).toEqual(
      noted({ kind: 'slot-held', slot: NOW, hold: 'manager-refused' }),
    );
  });

  it('whose slot passed while nobody ran runs at a time of its own, or is skipped where that is asked for', () => {
    const started = { now: NOW + 120_000, runningSince: NOW + 119_000 };
    const policy = account(HOURLY);
    expect(slotted({}, started)).toEqual(
      noted({ kind: 'slot-missed', slot: NOW, runAt: missedRunAt(policy, NOW, NOW + 120_000) }),
    );
    expect(slotted({}, { ...started, policy: account({ ...HOURLY, missed: 'skip' }) })).toEqual(
      noted({ kind: 'slot-skipped', slot: NOW }),
    );
  });
});

describe('an open rotation', () => {
  function prepared(
    rotation: Partial<OpenRotation>,
    changes: Partial<AccountRecord> = {},
    more: Partial<Situation> = {},
  ) {
    return prepare(ready({ record: record({ rotation: { ...OPEN, ...rotation }, ...changes }), ...more }));
  }
  function lacking(seen: Partial<Situation['seen']>, more: Partial<Situation> = {}) {
    return prepare(ready({ seen: { ...ALL_SEEN, ...seen }, ...more }));
  }
  const { account: _account, manager: _manager, ...NO_ACCOUNT } = ALL_SEEN;
  const CHECK = { do: 'preflight', targets: [TARGET] };

  it('mints where nothing is missing', () => {
    expect(prepared({})).toEqual({ do: 'mint' });
  });

  it.each<readonly [string, Partial<OpenRotation>, Partial<AccountRecord>, Partial<Situation>]>([
    ['it has minted', { minted: MINTED }, {}, {}],
    ['nobody knows whether it has minted', { intent: INTENT }, {}, {}],
    ['the account left', {}, {}, { configured: false }],
    ['the daemon stops', {}, {}, { stopping: true }],
    ['the next attempt has not come', {}, { retryAt: NOW + 1 }, {}],
    ['something holds it', {}, {}, { sharedHolds: [REFUSED] }],
    [
      'something holds it, whatever is missing',
      {},
      {},
      { sharedHolds: [REFUSED], seen: { ...ALL_SEEN, preflights: {} } },
    ],
    [
      'a store is down although nothing else is missing',
      {},
      {},
      { sharedHolds: [{ ...STORE_DOWN, since: NOW - 5_000 }] },
    ],
  ])('does nothing where %s', (_, rotation, changes, more) => {
    expect(prepared(rotation, changes, more)).toBeUndefined();
  });

  it('does nothing where none is open', () => {
    expect(prepare(situation())).toBeUndefined();
  });

  it('that was opened because nothing was live is abandoned where something was found', () => {
    const wantDecision = noted({ kind: 'rotation-abandoned', why: 'what is live was found after all' });
    expect(prepared({ trigger: 'adopt' })).toEqual(wantDecision);
    const policy = account({ targets: [TARGET], rotateOnAdopt: true });
    expect(prepared({ trigger: 'adopt' }, {}, { policy })).toEqual({ do: 'mint' });
    const { live: _, ...unknown } = record({ rotation: { ...OPEN, trigger: 'adopt' } });
    expect(prepare(ready({ record: unknown }))).toEqual({ do: 'mint' });
  });

  it('is joined by a newer slot and by what somebody asked for', () => {
    const policy = account(HOURLY);
    expect(prepared({}, {}, { policy })).toStrictEqual(
      noted({ kind: 'rotation-joined', requests: [], slot: NOW }),
    );
    expect(prepared({}, { slot: NOW }, { policy })).toEqual({ do: 'mint' });
    expect(prepared({}, { waiting: ASKED })).toStrictEqual(
      noted({ kind: 'rotation-joined', requests: ['q1'] }),
    );
  });

  it('makes the real write that shows that a store is up', () => {
    const sharedHolds = [{ ...STORE_DOWN, since: NOW - 500 }];
    expect(prepared({}, {}, { sharedHolds })).toEqual(CHECK);
  });

  it('looks at all that is missing at once', () => {
    const seen = { ...NO_ACCOUNT, targets: {}, preflights: {} };
    expect(prepare(ready({ seen }))).toEqual({
      do: 'observe',
      account: true,
      manager: true,
      targets: [TARGET],
    });
  });

  it('checks next whether its targets are writable, each once', () => {
    expect(lacking({ preflights: {} })).toEqual(CHECK);
    const stale = { ...ALL_SEEN.account, requestedAt: NOW - 10_000 };
    expect(lacking({ preflights: {}, account: stale })).toEqual(CHECK);
  });

  it('looks at the account again where that took too long', () => {
    const stale = { ...ALL_SEEN.account, requestedAt: NOW - 10_000 };
    expect(lacking({ account: stale })).toEqual({
      do: 'observe',
      account: true,
      manager: false,
      targets: [],
    });
  });

  it('reads a target that was not read', () => {
    expect(lacking({ targets: {} })).toEqual({
      do: 'observe',
      account: false,
      manager: false,
      targets: [TARGET],
    });
  });

  it('asks whose the manager credential is', () => {
    const { manager: _, ...seen } = ALL_SEEN;
    expect(prepare(ready({ seen }))).toEqual({ do: 'observe', account: false, manager: true, targets: [] });
  });

  const failed = (what: object) => noted({ kind: 'rotation-failed', counts: false, attempt: 1, ...what });
  const silent = { failure: 'no-answer', message: 'silence' };

  it.each<readonly [string, Partial<Situation['seen']>, object]>([
    ['the account', { ...NO_ACCOUNT, accountFailure: { at: NOW, failure: FAILURE } }, silent],
    [
      'a target',
      { targets: { [TARGET.id]: { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } } } },
      silent,
    ],
    ['a preflight', { preflights: { [TARGET.id]: { at: NOW, failure: FAILURE } } }, silent],
    [
      'an account that is not there',
      { account: { ...ALL_SEEN.account, state: 'absent' } },
      { failure: 'not-found', message: 'the provider has no account a1; check accountId and organisation' },
    ],
  ])('tries again later where %s failed', (_, seen, wantWhat) => {
    const { account: _a, ...rest } = ALL_SEEN;
    const given = 'accountFailure' in seen ? { ...rest, ...seen } : { ...ALL_SEEN, ...seen };
    expect(prepare(ready({ seen: given }))).toMatchObject(failed(wantWhat));
  });

  it('tries again later where nobody can tell whose the manager credential is', () => {
    const { manager: _, ...rest } = ALL_SEEN;
    const seen = { ...rest, managerFailure: { at: NOW, failure: FAILURE } };
    expect(prepare(ready({ seen }))).toMatchObject(failed(silent));
  });

  it('tries again later where any of its targets cannot be written', () => {
    const other = target('vault:billing');
    const policy = account({ targets: [TARGET, other] });
    const seen = {
      ...ALL_SEEN,
      targets: { [TARGET.id]: LIVE_THERE, [other.id]: LIVE_THERE },
      preflights: { [other.id]: { at: NOW, failure: FAILURE } },
    };
    expect(prepare(ready({ policy, seen }))).toMatchObject(failed(silent));
  });

  it('is not stopped by an old failure to see whose the manager credential is', () => {
    const seen = { ...ALL_SEEN, preflights: {}, managerFailure: { at: NOW, failure: FAILURE } };
    expect(prepare(ready({ seen }))).toEqual(CHECK);
  });

  it('does not mint on a look that shows what was replaced already: it looks again', () => {
    const stale = record({ rotation: OPEN, superseded: ['older'] });
    const seen = { ...ALL_SEEN, account: { ...ALL_SEEN.account, live: { fingerprint: 'older' } } };
    expect(prepare(ready({ record: stale, seen }))).toMatchObject(
      failed({
        failure: 'answer-invalid',
        message: 'the provider shows a credential that was replaced already; looking again',
      }),
    );
  });

  it('is not stopped by a failure of what is known by now', () => {
    const other = target('vault:billing', { required: false });
    const seen = {
      ...ALL_SEEN,
      managerFailure: { at: NOW, failure: FAILURE },
      targets: { [TARGET.id]: LIVE_THERE, [other.id]: LIVE_THERE },
      preflights: { ...ALL_SEEN.preflights, [other.id]: { at: NOW, failure: FAILURE } },
    };
    const policy = account({ targets: [TARGET, other] });
    expect(prepare(ready({ policy, seen }))).toEqual({ do: 'mint' });
  });
});
