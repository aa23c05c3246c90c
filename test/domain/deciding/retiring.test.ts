import { describe, expect, it } from 'vitest';
import { endCompromised, retireIntent, retireOld } from '../../../src/domain/deciding/retiring.ts';
import type { Hold } from '../../../src/domain/hold.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { OldCredential } from '../../../src/domain/record.ts';
import type { Retirable } from '../../../src/domain/retire-needs.ts';
import type { AccountSeen, MemberSeen, Situation, Tried } from '../../../src/domain/situation.ts';
import { NOTHING_SEEN } from '../../../src/domain/situation.ts';
import { NOW, OPEN, TARGET } from '../../builders/situation.ts';
import { FAILURE, noted } from '../../builders/decision.ts';
import { BOTH, INTENT, LIVE, OLD, OVERLAP, credential, given } from '../../builders/retiring.ts';
import type { Given } from '../../builders/retiring.ts';

const HOUR_MS = 3_600_000;

const LEAKED: Retirable = { ...OLD, compromised: true };

describe('an old credential', () => {
  it('is retired where everything that this needs is known', () => {
    expect(retireOld(given())).toStrictEqual({ do: 'retire', reference: 'ref-old' });
  });

  it('is retired from the very end of its grace on', () => {
    const since = (graceFrom: number) => retireOld(given({ record: { old: [{ ...OLD, graceFrom }] } }));
    expect(since(NOW - 2 * HOUR_MS)).toStrictEqual({ do: 'retire', reference: 'ref-old' });
    expect(since(NOW - 2 * HOUR_MS + 1)).toBeUndefined();
  });

  it('is retired before a younger one, and one that waits does not keep the others waiting', () => {
    const second = { ...OLD, reference: 'ref-2' };
    const waits = { times: 1, why: 'used', tryAt: NOW + 1 };
    const credentials = [...BOTH, credential('2', { reference: 'ref-2' })];
    const retired = (first: OldCredential) =>
      retireOld(given({ record: { old: [first, second] }, credentials }));
    expect(retired(OLD)).toMatchObject({ reference: 'ref-old' });
    expect(retired({ ...OLD, waits })).toMatchObject({ reference: 'ref-2' });
  });

  it.each<[string, Given]>([
    ['the process stops', { more: { stopping: true } }],
    ['nobody knows whether a mint happened', { record: { rotation: { ...OPEN, intent: INTENT } } }],
    ['a mint was of another account', { record: { mismatched: { since: NOW, why: 'another' } } }],
    ['there is none', { record: { old: [] } }],
  ])('is not retired while %s', (_name, more) => {
    expect(retireOld(given(more))).toBeUndefined();
    const leaked = more.record?.old ?? [LEAKED];
    expect(endCompromised(given({ ...more, record: { ...more.record, old: leaked } }))).toBeUndefined();
  });

  it('that has leaked is another stage’s business, and comes first', () => {
    const known = given({ record: { old: [{ ...LEAKED, graceFrom: NOW }] } });
    expect(retireOld(known)).toBeUndefined();
    expect(endCompromised(known)).toStrictEqual({ do: 'retire', reference: 'ref-old' });
    expect(endCompromised(given())).toBeUndefined();
  });

  it('that has leaked is not ended before a required target holds the newer one', () => {
    expect(endCompromised(given({ record: { old: [LEAKED], targets: {} } }))).toBeUndefined();
    const now = { ...OPEN, compromised: 'now' } as const;
    expect(endCompromised(given({ record: { old: [LEAKED], targets: {}, rotation: now } }))).toMatchObject({
      do: 'retire',
    });
  });

  const look = (account: boolean, manager: boolean, targets: readonly object[] = []) => {
    return { do: 'observe', account, manager, targets };
  };
  const nobody = { targets: {}, preflights: {}, tried: {} };
  it.each<[string, Partial<Situation['seen']>, object]>([
    ['the account', { manager: { clientId: 'c' } }, look(true, false)],
    ['whose the manager credential is', { account: given().seen.account as AccountSeen }, look(false, true)],
    [
      'its targets',
      { account: given().seen.account as AccountSeen, manager: { clientId: 'c' } },
      look(false, false, [TARGET]),
    ],
  ])('needs a look at %s', (_name, seen, want) => {
    expect(retireOld(given({ more: { seen: { ...nobody, ...seen } } }))).toStrictEqual(want);
  });

  it('waits longer each time where a look fails', () => {
    const failed = { ...nobody, accountFailure: { at: NOW, failure: FAILURE } };
    const waits = { kind: 'retire-waits', reference: 'ref-old', why: 'silence' };
    const first = retireOld(given({ more: { seen: failed, dice: 1 } }));
    expect(first).toStrictEqual(noted({ ...waits, tryAt: NOW + 60_000 }));
    const old = [{ ...OLD, waits: { times: 1, why: 'x', tryAt: NOW } }];
    const second = retireOld(given({ record: { old }, more: { seen: failed, dice: 1 } }));
    expect(second).toStrictEqual(noted({ ...waits, tryAt: NOW + 120_000 }));
  });

  it('waits where nobody can tell whose the manager credential is, and asks where that failed for another look', () => {
    const { manager: _, ...seen } = given().seen;
    const managerFailure = { at: NOW, failure: FAILURE };
    const asked = retireOld(given({ more: { seen: { ...seen, managerFailure } } }));
    expect(asked).toMatchObject({ facts: [{ kind: 'retire-waits', why: 'silence' }] });
    const { targets: _targets, ...unread } = given().seen;
    const read = { ...unread, targets: {}, managerFailure, accountFailure: { at: NOW, failure: FAILURE } };
    expect(retireOld(given({ more: { seen: read } }))).toMatchObject({ do: 'observe', targets: [TARGET] });
  });

  it('waits for what no look brings', () => {
    const used = [credential('old', { lastUsedAt: NOW }), credential('live')];
    expect(retireOld(given({ credentials: used }))).toMatchObject({
      facts: [{ kind: 'retire-waits', reference: 'ref-old', tryAt: NOW + 2 * HOUR_MS }],
    });
  });
});

describe('an old credential by a clock that may be wrong', () => {
  const reason = 'they differ';
  const skew: Hold = { kind: 'clock-skew', subject: 'all', since: NOW, by: 'rekeyd', reason };

  it('waits until the clocks agree, and is not looked into before', () => {
    expect(retireOld(given({ more: { sharedHolds: [skew], seen: NOTHING_SEEN } }))).toBeUndefined();
  });

  it('waits until somebody has told what time it is, who is asked', () => {
    expect(retireOld(given({ more: { timeUnknown: true } }))).toStrictEqual({ do: 'ask-time' });
  });
});

describe('an old credential that is not there any more', () => {
  const retired = { kind: 'credential-retired', reference: 'ref-old', fingerprint: 'old' };
  const listed = { credentials: [credential('live')] };
  const absent = { ...listed, account: { state: 'absent', credentials: [] } } as const;

  it('was ended by somebody else, or by us where that was intended', () => {
    expect(retireOld(given(listed))).toStrictEqual(noted({ ...retired, gone: true }));
    const old = [{ ...OLD, intendedAt: NOW - 1 }];
    expect(retireOld(given({ ...listed, record: { old } }))).toStrictEqual(noted(retired));
  });

  it('may be one whose value nobody had', () => {
    const { fingerprint: _, ...unused } = { ...OLD, why: 'unused' as const };
    expect(retireOld(given({ ...listed, record: { old: [unused] } }))).toStrictEqual(
      noted({ kind: 'credential-retired', reference: 'ref-old', gone: true }),
    );
  });

  it('is retired where a look that was too early for it does not list it: lists may be behind', () => {
    const since = (at: number, of: Partial<OldCredential> = {}) =>
      retireOld(given({ ...listed, record: { old: [{ ...OLD, why: 'unused', since: at, ...of }] } }));
    const retire = { do: 'retire', reference: 'ref-old' };
    expect(since(NOW - LIMITS.settleMs + 1)).toStrictEqual(retire);
    expect(since(NOW - LIMITS.settleMs + 1, { intendedAt: NOW - 1 })).toStrictEqual(retire);
    expect(since(NOW - LIMITS.settleMs)).toStrictEqual(noted({ ...retired, gone: true }));
  });

  it.each<[string, Given]>([
    ['the account is closed', { ...listed, account: { state: 'closed' } }],
    ['the account is not shown', absent],
    ['its account has left without it', { ...listed, record: { leftAt: NOW } }],
    [
      'the provider lists nothing',
      { more: { seen: { ...given().seen, account: { requestedAt: NOW, state: 'open', certain: true } } } },
    ],
    ['the look was no good', { ...listed, seen: { accountFailure: { at: NOW, failure: FAILURE } } }],
    ['nobody looked', { more: { seen: { targets: {}, preflights: {}, tried: {} } } }],
  ])('is not concluded where %s', (_name, more) => {
    expect(retireOld(given(more))).not.toMatchObject({ facts: [{ kind: 'credential-retired' }] });
  });
});

describe("a leaked credential of a pair's other account", () => {
  const blue: MemberSeen = { accountId: 'blue', state: 'open', live: { fingerprint: 'live' } };
  const green: MemberSeen = { accountId: 'green', state: 'open', live: { fingerprint: 'old' } };
  const { reference: _, graceFrom: _graceFrom, ...rest } = LEAKED;
  const leaked: OldCredential = { ...rest, accountId: 'green' };
  const retired = { kind: 'credential-retired', reference: 'green', fingerprint: 'old' };

  function ended(
    member: Partial<MemberSeen>,
    more: Partial<OldCredential> = {},
    look: Partial<AccountSeen> = {},
    changes: Partial<Situation> = {},
  ) {
    const { credentials: _credentials, ...seen } = given().seen.account as AccountSeen;
    const { reference: _reference, ...live } = { ...LIVE, accountId: 'blue' };
    return endCompromised(
      given({
        record: { live, old: [{ ...leaked, ...more }], superseded: ['before'] },
        more: {
          policy: { ...OVERLAP, strategy: 'pair', accountIds: ['blue', 'green'] },
          seen: { ...given().seen, account: { ...seen, members: [blue, { ...green, ...member }], ...look } },
          ...changes,
        },
      }),
    );
  }

  it('is ended while its account has it, or hides what it has', () => {
    expect(ended({})).toStrictEqual({ do: 'retire', reference: 'green' });
    expect(ended({ live: undefined } as never)).toStrictEqual({ do: 'retire', reference: 'green' });
  });

  it('is ended while its account is shown as it was before: a list may be behind for a while', () => {
    const live = { fingerprint: 'before' };
    const since = NOW - LIMITS.settleMs;
    expect(ended({ live }, { since: since + 1 })).toStrictEqual({ do: 'retire', reference: 'green' });
    expect(ended({ live }, { since })).toStrictEqual(noted({ ...retired, gone: true }));
  });

  it('has ended where its account shows another one: by somebody else, or by us where that was intended', () => {
    const live = { fingerprint: 'another' };
    expect(ended({ live })).toStrictEqual(noted({ ...retired, gone: true }));
    expect(ended({ live }, { intendedAt: NOW - 1 })).toStrictEqual(noted(retired));
    const doubted = { state: 'absent', certain: false } as const;
    expect(ended({ live }, {}, doubted)).toStrictEqual(noted({ ...retired, gone: true }));
  });

  describe('whose account hides what it has', () => {
    const { live: _live, ...hidden } = green;
    const tried = (one: Partial<Tried>, fingerprint = 'another') => {
      const accepted: Tried = { at: leaked.since, outcome: { kind: 'accepted', accountId: 'green' }, ...one };
      const seen = { ...given().seen, tried: { [fingerprint]: accepted } };
      const members = [blue, { ...hidden }];
      return ended({}, {}, {}, { seen: { ...seen, account: { ...seen.account, members } as AccountSeen } });
    };

    it('has ended where another one of it was accepted since', () => {
      expect(tried({})).toStrictEqual(noted({ ...retired, gone: true }));
      expect(tried({ at: NOW })).toStrictEqual(noted({ ...retired, gone: true }));
    });

    it.each<[string, Partial<Tried>, string?]>([
      ['before it was replaced', { at: leaked.since - 1 }],
      ['at a time that is yet to come', { at: NOW + 1 }],
      ['for the other account', { outcome: { kind: 'accepted', accountId: 'blue' } }],
      ['by nobody', { outcome: { kind: 'refused' } }],
      ['and is this very one', {}, 'old'],
    ])('is ended where what was tried was accepted %s', (_name, one, fingerprint) => {
      expect(tried(one, fingerprint)).toStrictEqual({ do: 'retire', reference: 'green' });
    });
  });

  it('is not minted for again while the last mint to end it, whose answer was lost, may still have an effect', () => {
    const { settleMs } = LIMITS;
    const why = 'the last mint to end it, whose answer was lost, had no effect';
    const waits = { kind: 'retire-waits', reference: 'green', why, tryAt: NOW + 1 };
    expect(ended({}, { intendedAt: NOW - settleMs + 1 })).toStrictEqual(noted(waits));
    expect(ended({}, { intendedAt: NOW - settleMs })).toStrictEqual({ do: 'retire', reference: 'green' });
  });

  it('is looked at again before that mint is repeated, and waits anew where the clock was set', () => {
    const { settleMs } = LIMITS;
    const early = { requestedAt: NOW - 1 };
    const intended = { intendedAt: NOW - settleMs };
    const observe = { do: 'observe', account: true, manager: false, targets: [] };
    expect(ended({}, intended, early)).toStrictEqual(observe);
    expect(ended({}, intended, {}, { clockSteadySince: NOW })).toMatchObject({
      facts: [{ kind: 'retire-waits', tryAt: NOW + settleMs }],
    });
  });

  it('is minted for again only after a look at every target, whether or not each could be read', () => {
    const intended = { intendedAt: NOW - LIMITS.settleMs };
    const observe = { do: 'observe', account: false, manager: false, targets: [TARGET] };
    const of = (targets: Situation['seen']['targets'], more: Partial<OldCredential>) => {
      const { credentials: _credentials, ...account } = given().seen.account as AccountSeen;
      const members = [blue, green];
      return ended({}, more, {}, { seen: { ...given().seen, account: { ...account, members }, targets } });
    };
    const unreadable = { kind: 'unreadable', failure: FAILURE } as const;
    const looked = (requestedAt: number) => ({ [TARGET.id]: { requestedAt, holds: unreadable } });
    expect(of({}, intended)).toStrictEqual(observe);
    expect(of(looked(NOW - LIMITS.targetFreshMs), intended)).toStrictEqual(observe);
    expect(of(looked(NOW), intended)).toStrictEqual({ do: 'retire', reference: 'green' });
    expect(of({}, {})).toStrictEqual({ do: 'retire', reference: 'green' });
  });

  it('has ended with its account, whatever was intended', () => {
    expect(ended({ state: 'closed' }, { intendedAt: NOW - 1 })).toStrictEqual(
      noted({ ...retired, gone: true }),
    );
  });

  it('may be one whose value nobody had', () => {
    expect(ended({ live: { fingerprint: 'x' } }, { fingerprint: undefined } as never)).toStrictEqual(
      noted({ kind: 'credential-retired', reference: 'green', gone: true }),
    );
  });
});

describe('what is noted before an old credential is retired', () => {
  it('tells which one, when it was last used, and whether it is used still', () => {
    const used = given({ credentials: [credential('old', { lastUsedAt: NOW - 9 }), credential('live')] });
    const intended = { kind: 'retire-intended', reference: 'ref-old' };
    expect(retireIntent(used, OLD, true)).toStrictEqual({
      ...intended,
      fingerprint: 'old',
      lastUsedAt: NOW - 9,
      stillUsed: true,
    });
    const { fingerprint: _, ...valueless } = OLD;
    expect(retireIntent(given(), valueless, false)).toStrictEqual(intended);
  });
});
