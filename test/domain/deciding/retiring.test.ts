import { describe, expect, it } from 'vitest';
import {
  beginGrace,
  endCompromised,
  graceFacts,
  noteCredentials,
  retireIntent,
  retireOld,
} from '../../../src/domain/deciding/retiring.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { AccountRecord, KnownCredential, OldCredential } from '../../../src/domain/record.ts';
import type { Retirable } from '../../../src/domain/retire-needs.ts';
import type { AccountSeen, CredentialSeen, MemberSeen, Situation } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { LIVE_THERE, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

const HOUR_MS = 3_600_000;
const FAILURE = { kind: 'no-answer', message: 'silence' } as const;
const INTENT = { attempt: 2, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };
const LIVE: KnownCredential = {
  fingerprint: 'live',
  ownMint: true,
  proved: true,
  reference: 'ref-live',
  clientId: 'client-live',
};
const OLD: Retirable = {
  why: 'replaced',
  since: NOW - 3 * HOUR_MS,
  graceFrom: NOW - 3 * HOUR_MS,
  fingerprint: 'old',
  reference: 'ref-old',
};
const LEAKED: Retirable = { ...OLD, compromised: true };
const OVERLAP = account({
  strategy: 'overlap',
  targets: [TARGET],
  graceMs: 2 * HOUR_MS,
  retireHardLimitMs: 5 * HOUR_MS,
});

interface Given {
  readonly record?: Partial<AccountRecord>;
  readonly credentials?: readonly CredentialSeen[];
  readonly account?: Partial<AccountSeen>;
  readonly seen?: Partial<Situation['seen']>;
  readonly more?: Partial<Situation>;
}

function credential(name: string, more: Partial<CredentialSeen> = {}): CredentialSeen {
  return { reference: `ref-${name}`, name, createdAt: NOW - HOUR_MS, ...more };
}

const BOTH = [credential('old'), credential('live')];

/** An account whose old credential may be retired now. */
function given({ record: known, credentials = BOTH, account: shown, seen, more }: Given = {}): Situation {
  return situation({
    policy: OVERLAP,
    record: record({ live: LIVE, old: [OLD], ...known }),
    seen: {
      account: { requestedAt: NOW, state: 'open', certain: true, credentials, ...shown },
      manager: { clientId: 'client-manager' },
      targets: { [TARGET.id]: LIVE_THERE },
      preflights: {},
      tried: {},
      ...seen,
    },
    ...more,
  });
}

function noted(...facts: readonly object[]) {
  return { do: 'note', facts };
}

describe('the credentials of an account', () => {
  const STRANGER = credential('x', { reference: 'ref-x' });

  it('are noted where nobody knows them, with what is seen of them', () => {
    const unknown = { kind: 'credential-unknown', reference: 'ref-x', name: 'x', createdAt: NOW - HOUR_MS };
    expect(noteCredentials(given({ credentials: [...BOTH, STRANGER] }))).toStrictEqual(noted(unknown));
    const used = { ...STRANGER, lastUsedAt: NOW - 7 };
    expect(noteCredentials(given({ credentials: [...BOTH, used] }))).toStrictEqual(
      noted({ ...unknown, lastUsedAt: NOW - 7 }),
    );
  });

  it('are found late where they have the mark of a mint', () => {
    const marks = [
      { name: 'mark-0', rotation: 'r0' },
      { name: 'mark-1', rotation: 'r1' },
    ];
    const late = {
      kind: 'credential-found-late',
      reference: 'ref-mark-1',
      name: 'mark-1',
      createdAt: NOW - HOUR_MS,
    };
    const found = (one: CredentialSeen) =>
      noteCredentials(given({ record: { marks }, credentials: [...BOTH, one] }));
    expect(found(credential('mark-1'))).toStrictEqual(noted(late));
    expect(found(credential('mark-1', { clientId: 'c' }))).toStrictEqual(noted({ ...late, clientId: 'c' }));
    expect(found(STRANGER)).toMatchObject({ facts: [{ kind: 'credential-unknown' }] });
  });

  const minted = { fingerprint: 'new', sentAt: NOW, recovered: false, reference: 'ref-x' };
  const unknown = [{ reference: 'ref-x', name: 'x', createdAt: 1, since: 2 }];
  it.each<[string, CredentialSeen, Given]>([
    ['what is live', credential('live'), {}],
    ['the live one by its client id', { ...STRANGER, clientId: 'client-live' }, {}],
    ['the manager’s own by its client id', { ...STRANGER, clientId: 'client-manager' }, {}],
    ['what is old', credential('old'), {}],
    ['what the open rotation minted', STRANGER, { record: { rotation: { ...OPEN, minted } } }],
    ['what was retired: a list may still show it', STRANGER, { record: { retired: ['ref-x'] } }],
    ['what is known as unknown', STRANGER, { record: { unknown } }],
  ])('are known where they are %s', (_name, one, more) => {
    expect(noteCredentials(given({ ...more, credentials: [one] }))).toBeUndefined();
  });

  it('are not taken for one another where they have no client id', () => {
    const { clientId: _, ...live } = LIVE;
    const known = { record: { live }, seen: { manager: {} }, credentials: [STRANGER] };
    expect(noteCredentials(given(known))).toMatchObject({ facts: [{ kind: 'credential-unknown' }] });
    const named = { ...known, credentials: [{ ...STRANGER, clientId: 'c' }] };
    expect(noteCredentials(given(named))).toMatchObject({ facts: [{ kind: 'credential-unknown' }] });
    const { manager: _manager, ...seen } = given(named).seen;
    expect(noteCredentials({ ...given(named), seen })).toMatchObject({
      facts: [{ kind: 'credential-unknown' }],
    });
  });

  it('are remembered up to 32 that nobody knows', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...credential(`u${index}`), since: 1 }));
    const all = (count: number) =>
      noteCredentials(given({ record: { unknown: many(count) }, credentials: [...many(count), STRANGER] }));
    expect(all(31)).toMatchObject({ facts: [{ kind: 'credential-unknown', reference: 'ref-x' }] });
    expect(all(32)).toBeUndefined();
  });

  it('that nobody knew are gone when they are not listed any more', () => {
    const known = [...unknown, { ...credential('y'), since: 3 }];
    expect(
      noteCredentials(given({ record: { unknown: known }, credentials: [credential('y')] })),
    ).toStrictEqual(noted({ kind: 'unknown-credential-gone', reference: 'ref-x' }));
  });

  const { adoptedAt: _adopted, ...unseen } = record({ live: LIVE });
  const { live: _live, ...noneLive } = record();
  it.each<[string, Situation]>([
    ['the account was not adopted yet', given({ more: { record: unseen }, credentials: [STRANGER] })],
    ['nothing is known to be live yet', given({ more: { record: noneLive }, credentials: [STRANGER] })],
    [
      'nobody knows whether a mint happened',
      given({ record: { rotation: { ...OPEN, intent: INTENT } }, credentials: [STRANGER] }),
    ],
    ['nobody looked', given({ more: { seen: { targets: {}, preflights: {}, tried: {} } } })],
  ])('are nobody’s business where %s', (_name, known) => {
    expect(noteCredentials(known)).toBeUndefined();
  });

  it('are noted where what is live is known to be missing', () => {
    const missing = { ...noneLive, liveMissingSince: NOW - 1 };
    expect(noteCredentials(given({ more: { record: missing }, credentials: [STRANGER] }))).toMatchObject({
      facts: [{ kind: 'credential-unknown' }],
    });
  });
});

describe('the grace of an old credential', () => {
  const { graceFrom: _, ...waiting } = OLD;
  const begun = {
    kind: 'grace-begun',
    reference: 'ref-old',
    fingerprint: 'old',
    until: NOW + 2 * HOUR_MS,
    hardLimitAt: NOW + 5 * HOUR_MS,
  };

  it('begins when every target holds the newer one, with the time at which it ends', () => {
    expect(beginGrace(given({ record: { old: [waiting] } }))).toStrictEqual(noted(begun));
  });

  it('begins for each, also where nobody has the value any more', () => {
    const { fingerprint: _fingerprint, ...valueless } = { ...waiting, reference: 'ref-2' };
    const { fingerprint: _none, ...bare } = { ...begun, reference: 'ref-2' };
    expect(graceFacts(given({ record: { old: [waiting, valueless] } }))).toStrictEqual([begun, bare]);
  });

  it('ends at the hard limit at the earliest, where that is the shorter one', () => {
    const policy = { ...OVERLAP, retireHardLimitMs: HOUR_MS };
    const [fact] = graceFacts(given({ record: { old: [waiting] }, more: { policy } }));
    expect(fact).toMatchObject({ until: NOW + 2 * HOUR_MS, hardLimitAt: NOW + 2 * HOUR_MS });
  });

  it.each<[string, Given]>([
    ['has begun already', {}],
    ['is none of what leaked', { record: { old: [{ ...waiting, compromised: true }] } }],
    ['is none of what nobody ever had', { record: { old: [{ ...waiting, why: 'unused' }] } }],
    [
      'waits while the newer one is not proved',
      { record: { old: [waiting], live: { ...LIVE, proved: false } } },
    ],
    ['waits while a target does not hold the newer one', { record: { old: [waiting], targets: {} } }],
    [
      'is none where no call of its own ends it',
      { record: { old: [waiting] }, more: { policy: { ...OVERLAP, strategy: 'pair' } } },
    ],
  ])('%s', (_name, more) => {
    expect(beginGrace(given(more))).toBeUndefined();
  });
});

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

describe('an old credential that is not there any more', () => {
  const retired = { kind: 'credential-retired', reference: 'ref-old', fingerprint: 'old' };
  const listed = { credentials: [credential('live')] };

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

  it('went with its account, whatever was intended', () => {
    const gone = { ...listed, account: { state: 'absent', credentials: [] } } as const;
    const old = [{ ...OLD, intendedAt: NOW - 1 }];
    expect(retireOld(given({ ...gone, record: { old } }))).toStrictEqual(noted({ ...retired, gone: true }));
  });

  it.each<[string, Given]>([
    ['the account is closed', { ...listed, account: { state: 'closed' } }],
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
        record: { live, old: [{ ...leaked, ...more }] },
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
    const { live: _live, ...hidden } = green;
    expect(ended({ ...hidden, live: undefined } as never)).toStrictEqual({
      do: 'retire',
      reference: 'green',
    });
  });

  it('has ended where its account shows another one: by somebody else, or by us where that was intended', () => {
    const live = { fingerprint: 'another' };
    expect(ended({ live })).toStrictEqual(noted({ ...retired, gone: true }));
    expect(ended({ live }, { intendedAt: NOW - 1 })).toStrictEqual(noted(retired));
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
