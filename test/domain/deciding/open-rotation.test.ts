import { describe, expect, it } from 'vitest';
import { prepare } from '../../../src/domain/deciding/rotating.ts';
import type { AccountRecord, OpenRotation } from '../../../src/domain/record.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
import {
  ALL_SEEN,
  INTENT,
  LIVE_THERE,
  NOW,
  OPEN,
  TARGET,
  ready,
  record,
  situation,
} from '../../builders/situation.ts';
import { ASKED, HOURLY, REFUSED, STORE_DOWN } from '../../builders/opening.ts';
import { FAILURE, noted } from '../../builders/decision.ts';

const MINTED = { fingerprint: 'new', sentAt: NOW, recovered: false };

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

  it('that was opened because of a refusal is abandoned where the live credential is refused no more', () => {
    expect(prepared({ trigger: 'refused' })).toStrictEqual(
      noted({
        kind: 'rotation-abandoned',
        why: 'the live credential is accepted again, or another one is live',
      }),
    );
  });

  it('is joined by a newer slot and by what somebody asked for', () => {
    const policy = account(HOURLY);
    expect(prepared({}, {}, { policy })).toStrictEqual(
      noted({ kind: 'rotation-joined', requests: [], slot: NOW }),
    );
    expect(prepared({}, { slot: NOW }, { policy })).toEqual({ do: 'mint' });
    expect(prepared({}, {}, { policy: { ...policy, scheduledAt: NOW } })).toEqual({ do: 'mint' });
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

  it('is not stopped by a look that failed where what was seen before is fresh still', () => {
    expect(lacking({ preflights: {}, accountFailure: { at: NOW, failure: FAILURE } })).toEqual(CHECK);
  });

  it('reads what is not required whatever is known of writing there', () => {
    const other = target('vault:billing', { required: false });
    const seen = {
      targets: { [TARGET.id]: LIVE_THERE },
      preflights: { ...ALL_SEEN.preflights, [other.id]: { at: NOW, failure: FAILURE } },
    };
    expect(lacking(seen, { policy: account({ targets: [TARGET, other] }) })).toMatchObject({
      do: 'observe',
      targets: [other],
    });
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
