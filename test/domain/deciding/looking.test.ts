import { describe, expect, it } from 'vitest';
import { adopt, forgetWhatIsDone, look, noteHolds } from '../../../src/domain/deciding/looking.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { AccountSeen, Situation } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
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

const SINCE = { since: NOW - 1, why: 'because' };
const OTHER = target('vault:billing');
const CONTESTED = { failures: 0, accepted: false, contested: { since: NOW - 86_400_000 } };
const DUE_LOOK = { reobserveAt: [NOW] };
const LOOK = { do: 'observe', account: true, manager: true, targets: [TARGET] };
const { adoptedAt: _adoptedAt, ...UNKNOWN } = record();

function at(account: Partial<AccountSeen>, more: Partial<Situation['seen']> = {}): Partial<Situation> {
  return { seen: { ...ALL_SEEN, account: { ...ALL_SEEN.account, ...account }, ...more } };
}

describe('a look', () => {
  function looked(changes: Partial<AccountRecord>, more: Partial<Situation> = {}) {
    return look(situation({ record: record(changes), ...more }));
  }

  it.each<readonly [string, Partial<AccountRecord>, Partial<Situation>]>([
    ['one was planned for now', DUE_LOOK, {}],
    ['one was planned, of an account that left', DUE_LOOK, { configured: false }],
    ['nothing is known of a target', { targets: {} }, {}],
    ['a hold may have been lifted', {}, { dueWhy: 'recheck' }],
    [
      'one of the targets may be contested no more',
      { targets: { ...record().targets, [OTHER.id]: CONTESTED } },
      { policy: account({ targets: [OTHER, TARGET] }) },
    ],
    [
      'a rotation is due that a person’s hold stops',
      { held: { closed: SINCE }, waiting: { requests: ['q'], cause: { actor: 'x' }, at: NOW } },
      {},
    ],
  ])('is had where %s', (_, changes, more) => {
    expect(looked(changes, more)).toMatchObject({ do: 'observe', account: true, manager: true });
  });

  it('is had of an account that is not adopted', () => {
    expect(look(situation({ record: UNKNOWN }))).toEqual(LOOK);
  });

  it('takes in the targets that are known and those that left', () => {
    const policy = account({ targets: [TARGET, target('vault:billing')] });
    expect(looked({}, { policy })).toMatchObject({ targets: [TARGET, target('vault:billing')] });
  });

  it.each<readonly [string, Partial<AccountRecord>, Partial<Situation>]>([
    ['there is no reason', {}, {}],
    ['one is planned for later', { reobserveAt: [NOW + 1] }, {}],
    ['the account left', { targets: {} }, { configured: false, dueWhy: 'recheck' }],
    ['one was had', DUE_LOOK, { seen: ALL_SEEN }],
    ['a hold may have been lifted, and calls are short', {}, { dueWhy: 'recheck', callsShortUntil: NOW + 1 }],
    [
      'a rotation is due that a person’s hold stops, and calls are short',
      { held: { closed: SINCE }, waiting: { requests: ['q'], cause: { actor: 'x' }, at: NOW } },
      { callsShortUntil: NOW + 1 },
    ],
    ['the next attempt has not come', { ...DUE_LOOK, retryAt: NOW + 1 }, {}],
    ['nobody knows whether a mint happened', { ...DUE_LOOK, rotation: { ...OPEN, intent: INTENT } }, {}],
    [
      'a rotation is due that a hold stops which ends by itself',
      { waiting: { requests: ['q'], cause: { actor: 'x' }, at: NOW } },
      { sharedHolds: [{ kind: 'store-down', subject: 'files', since: NOW, by: 'rekeyd', reason: 'x' }] },
    ],
    [
      'a rotation is due that nothing holds',
      { waiting: { requests: ['q'], cause: { actor: 'x' }, at: NOW } },
      {},
    ],
  ])('is not had where %s', (_, changes, more) => {
    expect(looked(changes, more)).toBeUndefined();
  });

  it.each<readonly [string, Partial<Situation['seen']>]>([
    ['the account', { accountFailure: { at: NOW, failure: FAILURE } }],
    ['whose the manager credential is', { managerFailure: { at: NOW, failure: FAILURE } }],
  ])('that failed for %s is had again soon', (_, seen) => {
    const given = { seen: { ...ALL_SEEN, ...seen }, dice: 1 };
    expect(looked(DUE_LOOK, given)).toEqual(
      noted({
        kind: 'observe-failed',
        failure: 'no-answer',
        message: 'silence',
        attempt: 1,
        retryAt: NOW + 5_000,
      }),
    );
  });

  it('that only verifies and failed is had again in no hurry', () => {
    const policy = account({ targets: [TARGET], verifyMs: 3_600_000 });
    const seen = { ...ALL_SEEN, accountFailure: { at: NOW, failure: FAILURE } };
    expect(looked({}, { policy, seen, dice: 1 })).toMatchObject(
      noted({ kind: 'observe-failed', retryAt: NOW + 60_000 }),
    );
  });

  it('only verifies an account that is configured', () => {
    const policy = account({ targets: [TARGET], verifyMs: 3_600_000 });
    expect(looked({}, { policy })).toEqual(LOOK);
    expect(looked({}, { policy, configured: false })).toBeUndefined();
  });
});

describe('an account that is seen for the first time', () => {
  const PLACES = { [TARGET.id]: TARGET.location };

  function adopted(seen: Partial<Situation['seen']> = {}) {
    return adopt(situation({ record: UNKNOWN, seen: { ...ALL_SEEN, ...seen } }));
  }

  it('is adopted with what is live', () => {
    expect(adopted()).toStrictEqual(
      noted({ kind: 'account-adopted', evidence: 'none', live: 'live', places: PLACES }),
    );
  });

  it('is dated by the credential’s issue', () => {
    const live = { fingerprint: 'live', issuedAt: NOW - 9, expiresAt: NOW + 9 };
    expect(adopted({ account: { ...ALL_SEEN.account, live } })).toStrictEqual(
      noted({
        kind: 'account-adopted',
        evidence: 'issued-at',
        live: 'live',
        issuedAt: NOW - 9,
        expiresAt: NOW + 9,
        places: PLACES,
      }),
    );
  });

  it('is dated by our newest write that a store shows', () => {
    const targets = {
      [TARGET.id]: { ...LIVE_THERE, writtenByUsAt: NOW - 7 },
      [`${TARGET.id}2`]: { ...LIVE_THERE, writtenByUsAt: NOW - 5 },
      [`${TARGET.id}3`]: LIVE_THERE,
    };
    expect(adopted({ targets })).toStrictEqual(
      noted({ kind: 'account-adopted', evidence: 'store', live: 'live', slotFrom: NOW - 5, places: PLACES }),
    );
  });

  it('is dated by now where a clock that was ahead dated our newest write', () => {
    const targets = { [TARGET.id]: { ...LIVE_THERE, writtenByUsAt: NOW + 99 } };
    expect(adopted({ targets })).toStrictEqual(
      noted({ kind: 'account-adopted', evidence: 'store', live: 'live', slotFrom: NOW, places: PLACES }),
    );
  });

  it('may show nothing that is live', () => {
    const { live: _, ...hidden } = ALL_SEEN.account;
    expect(adopted({ account: hidden })).toStrictEqual(
      noted({ kind: 'account-adopted', evidence: 'none', places: PLACES }),
    );
  });

  it.each<readonly [string, Partial<Situation>]>([
    ['it was adopted before', { seen: ALL_SEEN }],
    ['it was not seen', { record: UNKNOWN }],
    ['what was seen is not certain', { record: UNKNOWN, ...at({ state: 'absent', certain: false }) }],
  ])('is not adopted where %s', (_, changes) => {
    expect(adopt(situation(changes))).toBeUndefined();
  });
});

describe('a hold that the provider shows', () => {
  const HELD_CLOSED = { record: record({ held: { closed: SINCE } }) };
  const HELD_OWN = { record: record({ held: { 'own-account': SINCE } }) };
  const OWN = { manager: { accountId: 'a1' } };

  it.each<readonly [string, Partial<Situation>, object]>([
    [
      'is put on an account that is closed',
      at({ state: 'closed' }),
      {
        kind: 'account-held',
        hold: 'closed',
        why: 'the account a1 is closed at the provider; rekeyd does not re-open it',
      },
    ],
    [
      'is put on an account that is not there',
      at({ state: 'absent' }),
      {
        kind: 'account-held',
        hold: 'closed',
        why: 'the provider has no account a1; check accountId and organisation',
      },
    ],
    [
      'is lifted from one that is open',
      { ...HELD_CLOSED, ...at({}) },
      { kind: 'hold-lifted', hold: 'closed' },
    ],
    [
      'is put on the account that the manager credential belongs to',
      at({}, OWN),
      {
        kind: 'account-held',
        hold: 'own-account',
        why:
          'the manager credential belongs to this very account; a lost answer would lock rekeyd out. ' +
          'Give the provider the token of another admin account',
      },
    ],
    [
      'is lifted where it belongs to another',
      { ...HELD_OWN, ...at({}) },
      { kind: 'hold-lifted', hold: 'own-account' },
    ],
  ])('%s', (_, changes, wantFact) => {
    expect(noteHolds(situation(changes))).toEqual(noted(wantFact));
  });

  it.each<readonly [string, Partial<Situation>]>([
    ['the account was not seen', {}],
    ['the account is open, and another’s', at({})],
    ['it is known', { ...HELD_CLOSED, ...at({ state: 'closed' }) }],
    ['it is known to be the own', { ...HELD_OWN, ...at({}, OWN) }],
    ['what was seen is not certain', at({ state: 'closed', certain: false })],
  ])('is not noted where %s', (_, changes) => {
    expect(noteHolds(situation(changes))).toBeUndefined();
  });

  it('of the own account stays where nobody knows whose the manager credential is', () => {
    const { manager: _, ...seen } = ALL_SEEN;
    expect(noteHolds(situation({ ...HELD_OWN, seen }))).toBeUndefined();
  });
});

describe('a look that is done', () => {
  function done(changes: Partial<AccountRecord>, more: Partial<Situation> = { seen: ALL_SEEN }) {
    return forgetWhatIsDone(situation({ record: record(changes), ...more }));
  }
  const LOOKED = noted({ kind: 'looked', requestedAt: NOW });

  it('is noted where it was planned, or where one had failed before', () => {
    expect(done(DUE_LOOK)).toEqual(LOOKED);
    expect(done({ retries: 1 })).toEqual(LOOKED);
    expect(done({ retries: 1, retryAt: NOW })).toEqual(LOOKED);
    expect(done({ ...DUE_LOOK, rotation: OPEN })).toEqual(LOOKED);
  });

  it.each<readonly [string, Partial<AccountRecord>, Partial<Situation>]>([
    ['nothing was waiting for it', {}, { seen: ALL_SEEN }],
    ['the planned one is later', { reobserveAt: [NOW + 1] }, { seen: ALL_SEEN }],
    ['it was not had', DUE_LOOK, {}],
    ['it was not certain', DUE_LOOK, at({ state: 'closed', certain: false })],
    [
      'nobody could tell whose the manager credential is',
      DUE_LOOK,
      at({}, { managerFailure: { at: NOW, failure: FAILURE } }),
    ],
    ['what was tried in vain is the open rotation’s', { retries: 1, rotation: OPEN }, { seen: ALL_SEEN }],
    ['what was tried in vain waits for its time', { retries: 1, retryAt: NOW + 1 }, { seen: ALL_SEEN }],
  ])('is not noted where %s', (_, changes, more) => {
    expect(done(changes, more)).toBeUndefined();
  });
});
