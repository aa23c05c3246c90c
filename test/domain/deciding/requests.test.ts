import { describe, expect, it } from 'vitest';
import { answerRequests, isPolicyNoted, leave, notePolicy } from '../../../src/domain/deciding/requests.ts';
import type { NewFact } from '../../../src/domain/decision.ts';
import { EMPTY_RECORD } from '../../../src/domain/evolve.ts';
import type { AccountRecord, OpenRotation } from '../../../src/domain/record.ts';
import type { Asked, Situation, TargetSeen, Tried } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
import { ALL_SEEN, INTENT, NOW, OPEN, TARGET, record, situation } from '../../builders/situation.ts';
import { FAILURE } from '../../builders/decision.ts';

const SINCE = { since: NOW - 1, why: 'because' };
const MINTED = { fingerprint: 'new', sentAt: NOW, recovered: false };

function asked(does: Asked['does'], more: Partial<Asked> = {}): Asked {
  return { id: 'q1', does, cause: { actor: 'socket:0' }, at: NOW - 5, ...more };
}

function answered(request: Asked, changes: Partial<Situation> = {}) {
  return answerRequests(situation({ requests: [request, asked('pause', { id: 'q2' })], ...changes }));
}

function taken(does: Asked['does'], ...facts: readonly object[]) {
  return {
    do: 'note',
    facts: [{ kind: 'request-taken', request: 'q1', does }, ...facts],
    answers: [{ id: 'q1', state: 'taken' }],
  };
}

function refused(why: string) {
  return {
    do: 'note',
    facts: [{ kind: 'request-refused', request: 'q1', why }],
    answers: [{ id: 'q1', state: 'refused', why }],
  };
}

describe('a policy that changed', () => {
  it('is noted for an account that is known', () => {
    expect(notePolicy(situation({ policyChanged: true }))).toEqual({
      do: 'note',
      facts: [{ kind: 'policy-changed', name: 'billing', places: { [TARGET.id]: TARGET.location } }],
    });
  });

  it('is not noted where it did not, or where nothing is known of the account', () => {
    expect(notePolicy(situation())).toBeUndefined();
    expect(notePolicy(situation({ policyChanged: true, record: EMPTY_RECORD }))).toBeUndefined();
  });

  it('is to be noted until it is, whatever else is noted, but for the first fact of all', () => {
    const { record } = situation();
    const noted: NewFact = { kind: 'policy-changed', name: 'billing' };
    const other: NewFact = { kind: 'account-paused' };
    expect(isPolicyNoted(record, [other])).toBe(false);
    expect(isPolicyNoted(record, [other, noted])).toBe(true);
    expect(isPolicyNoted(EMPTY_RECORD, [other])).toBe(true);
    expect(isPolicyNoted(EMPTY_RECORD, [])).toBe(false);
  });
});

describe('a request', () => {
  it('is answered by nothing where there is none', () => {
    expect(answerRequests(situation())).toBeUndefined();
  });

  it.each([
    ['pause', [{ kind: 'account-paused' }]],
    ['resume', [{ kind: 'account-resumed' }]],
    ['unpark', [{ kind: 'account-unparked' }]],
    ['reconcile', []],
  ] as const)('to %s is taken, the oldest first', (does, wantFacts) => {
    expect(answered(asked(does))).toEqual(taken(does, ...wantFacts));
  });

  it('to unpark clears a mismatch as well', () => {
    expect(answered(asked('unpark'), { record: record({ mismatched: SINCE }) })).toEqual(
      taken('unpark', { kind: 'account-unparked' }, { kind: 'mismatch-cleared' }),
    );
  });

  it('to accept is taken for a target of the account', () => {
    const both = account({ targets: [target('vault:billing'), TARGET] });
    expect(answered(asked('accept', { target: TARGET.id }), { policy: both })).toEqual(
      taken('accept', { kind: 'target-accepted', target: TARGET.id }),
    );
  });

  it('to accept is refused for any other, naming the account and its targets', () => {
    const both = account({ targets: [target('vault:billing'), TARGET] });
    expect(answered(asked('accept', { target: 'files:x' }), { policy: both })).toEqual(
      refused('billing has no target files:x; it has: vault:billing, files:billing/token'),
    );
    expect(answered(asked('accept'))).toEqual(
      refused('billing has no target (none named); it has: files:billing/token'),
    );
  });
});

describe('a request to rotate', () => {
  const rotate = asked('rotate');
  function held(changes: Partial<AccountRecord>, seen: Partial<Situation['seen']> = ALL_SEEN) {
    const { account: _a, manager: _m, ...nothing } = ALL_SEEN;
    return answered(rotate, {
      record: record(changes),
      seen: { ...nothing, targets: {}, ...seen },
    });
  }

  it('is taken, and waits where nothing is open', () => {
    expect(answered(rotate)).toEqual(taken('rotate'));
  });

  it.each<readonly [string, Partial<OpenRotation>, readonly object[]]>([
    ['joins the open rotation', {}, [{ kind: 'rotation-joined', requests: ['q0', 'q1'] }]],
    ['waits for its turn behind one that intended to mint', { intent: INTENT }, []],
    ['waits for its turn behind one that minted', { minted: MINTED }, []],
  ])('%s', (_, rotation, wantFacts) => {
    const waiting = { requests: ['q0'], cause: { actor: 'socket:0' }, at: NOW - 9 };
    const open = record({ waiting, rotation: { ...OPEN, ...rotation } });
    expect(answered(rotate, { record: open })).toEqual(taken('rotate', ...wantFacts));
  });

  it('joins the open rotation as the first that asks', () => {
    expect(answered(rotate, { record: record({ rotation: OPEN }) })).toEqual(
      taken('rotate', { kind: 'rotation-joined', requests: ['q1'] }),
    );
  });

  it('is refused for an account that left', () => {
    expect(answered(rotate, { configured: false })).toEqual(refused('billing has left the configuration'));
  });

  it('is refused for what a person must lift, although it is parked as well, which a request passes', () => {
    const foreign = { failures: 0, accepted: false, foreign: { since: NOW - 1 } };
    const targets = { [TARGET.id]: foreign };
    const seen = { targets: { [TARGET.id]: { requestedAt: NOW, holds: { kind: 'other' } } } } as const;
    expect(held({ parked: SINCE, targets }, { ...seen, account: ALL_SEEN.account })).toMatchObject({
      facts: [{ kind: 'request-refused' }],
    });
  });

  it('is taken although something holds that ends by itself', () => {
    const sharedHolds = [
      { kind: 'store-down', subject: 'files', since: NOW, by: 'rekeyd', reason: 'a test' } as const,
    ];
    expect(answered(rotate, { sharedHolds })).toEqual(taken('rotate'));
  });

  it('looks first, where a person must lift what holds: somebody may have done so', () => {
    expect(held({ held: { closed: SINCE } }, {})).toEqual({
      do: 'observe',
      account: true,
      manager: true,
      targets: [TARGET],
    });
  });

  it('is refused with what holds where that still stands', () => {
    const closed = { account: { ...ALL_SEEN.account, state: 'closed' } } as const;
    expect(held({ held: { closed: SINCE } }, closed)).toEqual(refused('held (closed): because'));
    expect(held({ mismatched: SINCE })).toEqual(refused('held (mismatched): because'));
    const own = { account: ALL_SEEN.account, manager: { accountId: 'a1' } };
    expect(held({ held: { 'own-account': SINCE } }, own)).toEqual(refused('held (own-account): because'));
  });

  it.each<readonly [string, Partial<Situation['seen']>]>([
    ['the look failed', { accountFailure: { at: NOW, failure: FAILURE } }],
    ['the look was not certain', { account: { ...ALL_SEEN.account, state: 'absent', certain: false } }],
    [
      'the look shows what was replaced',
      { account: { ...ALL_SEEN.account, live: { fingerprint: 'older' } } },
    ],
  ])('is refused where %s', (_, seen) => {
    expect(held({ held: { closed: SINCE }, superseded: ['older'] }, seen)).toEqual(
      refused('held (closed): because'),
    );
  });

  it('waits for the note that the account is open again, or no longer the own', () => {
    expect(held({ held: { closed: SINCE } }, { account: ALL_SEEN.account })).toBeUndefined();
    const another = { account: ALL_SEEN.account, manager: { accountId: 'manager' } };
    expect(held({ held: { 'own-account': SINCE } }, another)).toBeUndefined();
  });

  it('is refused for the own account where nobody knows yet whose the manager credential is', () => {
    expect(held({ held: { 'own-account': SINCE } }, { account: ALL_SEEN.account })).toEqual(
      refused('held (own-account): because'),
    );
  });
});

describe('a request to rotate what has a foreign target', () => {
  const foreign = { targets: { [TARGET.id]: { failures: 0, accepted: false, foreign: { since: NOW - 1 } } } };
  const stranger: TargetSeen = { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'x' } };

  function answer(
    read: TargetSeen | undefined,
    tried?: Tried['outcome'],
    policy = account({ targets: [TARGET] }),
  ) {
    return answered(asked('rotate'), {
      policy,
      record: record(foreign),
      seen: {
        ...ALL_SEEN,
        targets: read === undefined ? {} : { [TARGET.id]: read },
        tried: tried === undefined ? {} : { x: { at: NOW, outcome: tried } },
      },
    });
  }

  const wantRefused = refused(
    `held (foreign): ${TARGET.id} holds a value that is not this account's; nothing is written over it`,
  );

  it.each<readonly [string, TargetSeen | undefined, Tried['outcome'] | undefined]>([
    ['it is so still', { requestedAt: NOW, holds: { kind: 'other' } }, undefined],
    ['it was not read', undefined, undefined],
    ['it cannot be read', { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } }, undefined],
    ['what it holds was refused', stranger, { kind: 'refused' }],
    ['nobody could tell whose it is', stranger, { kind: 'unknown', failure: FAILURE }],
  ])('is refused where %s', (_, read, outcome) => {
    expect(answer(read, outcome)).toEqual(wantRefused);
  });

  it.each<readonly [string, TargetSeen, Tried['outcome'] | undefined]>([
    ['it is empty now', { requestedAt: NOW, holds: { kind: 'nothing' } }, undefined],
    [
      'it holds the live credential now',
      { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'live' } },
      undefined,
    ],
    ['what it holds was accepted as this account’s', stranger, { kind: 'accepted', accountId: 'a1' }],
    ['what it holds was not tried yet', stranger, undefined],
  ])('waits for what is noted where %s', (_, read, outcome) => {
    expect(answer(read, outcome)).toBeUndefined();
  });

  it('waits where what is accepted may be what the provider hides', () => {
    const { live: _, ...hidden } = ALL_SEEN.account;
    const outcome = { kind: 'accepted', accountId: 'a1' } as const;
    const seen = { ...ALL_SEEN, account: hidden, targets: { [TARGET.id]: stranger } };
    const tried = { x: { at: NOW, outcome } };
    const policy = account({ targets: [TARGET] });
    expect(
      answered(asked('rotate'), { policy, record: record(foreign), seen: { ...seen, tried } }),
    ).toBeUndefined();
  });

  it('is told of the one that holds it, whatever stands before it', () => {
    const empty: TargetSeen = { requestedAt: NOW, holds: { kind: 'nothing' } };
    const both = account({ targets: [target('vault:billing'), TARGET] });
    expect(answer(empty, undefined, both)).toBeUndefined();
  });
});

describe('an account that left the configuration', () => {
  function left(changes: Partial<AccountRecord> = {}) {
    return leave(situation({ configured: false, record: record(changes) }));
  }
  const owed = { fingerprint: 'live', target: TARGET };
  const owing = { targets: { [TARGET.id]: { failures: 0, accepted: false, owed } } };

  it('is gone where nothing is left to do', () => {
    expect(left()).toEqual({ do: 'note', facts: [{ kind: 'account-left' }] });
  });

  it('abandons what was open and has not minted', () => {
    const why = 'the account has left the configuration, and nothing was minted';
    expect(left({ rotation: OPEN })).toEqual({
      do: 'note',
      facts: [{ kind: 'rotation-abandoned', why }, { kind: 'account-left' }],
    });
  });

  it.each<readonly [string, Partial<AccountRecord>]>([
    ['it is gone already', { leftAt: NOW - 1 }],
    ['nobody knows whether it minted', { rotation: { ...OPEN, intent: INTENT } }],
    ['what was minted is not finished', { rotation: { ...OPEN, minted: MINTED } }],
    ['a target is owed what is live', owing],
    ['one of its targets is', { targets: { ...owing.targets, other: { failures: 0, accepted: false } } }],
  ])('stays while %s', (_, changes) => {
    expect(left(changes)).toBeUndefined();
  });

  it('is gone where what was owed is lost', () => {
    const { live: _, ...lost } = record(owing);
    expect(leave(situation({ configured: false, record: lost }))).toMatchObject({
      facts: [{ kind: 'account-left' }],
    });
  });

  it('is none that is configured', () => {
    expect(leave(situation())).toBeUndefined();
  });
});
