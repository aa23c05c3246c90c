import { describe, expect, it } from 'vitest';
import { confirmWritten, deliverLive, proveLive } from '../../../src/domain/deciding/delivering.ts';
import type { Account } from '../../../src/domain/account.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import type { Situation, TargetSeen, Tried } from '../../../src/domain/situation.ts';
import { account, restart, target } from '../../builders/account.ts';
import { ALL_SEEN, LIVE_THERE, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

const OTHER = target('vault:billing');
const CLEAN: TargetRecord = { failures: 0, accepted: false };
const CONFIRMED: TargetRecord = { ...CLEAN, confirmed: { fingerprint: 'live', version: '1', at: NOW - 1 } };
const OURS: TargetRecord = { ...CLEAN, confirmed: { fingerprint: 'older', version: '1', at: NOW - 1 } };
const OWED: TargetRecord = { ...CLEAN, owed: { fingerprint: 'live', target: TARGET } };
const WRITTEN: TargetRecord = { ...CLEAN, written: { fingerprint: 'live', version: '2', at: NOW - 1 } };
const NOTHING: TargetSeen = { requestedAt: NOW, holds: { kind: 'nothing' } };
const FAILURE = { kind: 'no-answer', message: 'silence' } as const;
const UNREADABLE: TargetSeen = { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } };
const FOUND = { fingerprint: 'live', ownMint: false, proved: false };
const INTENT = { attempt: 1, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };

interface Given {
  readonly known?: TargetRecord;
  readonly record?: Partial<AccountRecord>;
  readonly read?: TargetSeen;
  readonly seen?: Partial<Situation['seen']>;
  readonly more?: Partial<Situation>;
}

/** An account whose one target is known like this, and was read as holding nothing; the live credential is in hand. */
function given({ known = OURS, record: changes = {}, read = NOTHING, seen, more }: Given = {}): Situation {
  return situation({
    record: record({ targets: { [TARGET.id]: known }, ...changes }),
    seen: { ...ALL_SEEN, targets: { [TARGET.id]: read }, ...seen },
    inHand: new Set(['live']),
    ...more,
  });
}

function tried(outcome: Tried['outcome']): Partial<Situation['seen']> {
  return { tried: { live: { at: NOW, outcome } } };
}

const NO_VALUE = { inHand: new Set<string>() };
const DELIVERED = { do: 'deliver', fingerprint: 'live', targets: [TARGET] };
const READ = { do: 'observe', account: false, manager: false, targets: [TARGET] };
const LATER = { retryAt: NOW + 1 };

const READ_BY = target(TARGET.id, { consumers: [restart()] });

describe('what is live and no mint owes', () => {
  const intended = { do: 'note', facts: [{ kind: 'delivery-intended', target: TARGET.id }] };
  const read = (known: TargetRecord, changes: Partial<Account> = {}) =>
    deliverLive(given({ known, more: { policy: account({ targets: [READ_BY], ...changes }) } }));

  it('is intended before it is delivered where somebody has to take it up', () => {
    expect(read(OURS)).toEqual(intended);
    expect(read(CLEAN)).toEqual(intended);
    expect(read({ ...OURS, written: { fingerprint: 'older', version: '1', at: NOW - 1 } })).toEqual(intended);
    const both = account({ targets: [OTHER, READ_BY] });
    const targets = { [TARGET.id]: OURS, [OTHER.id]: OURS };
    const seen = { targets: { [TARGET.id]: NOTHING, [OTHER.id]: NOTHING } };
    expect(deliverLive(given({ record: { targets }, seen, more: { policy: both } }))).toEqual(intended);
  });

  it.each<[string, TargetRecord]>([
    ['that is intended already', { ...OURS, intended: true }],
    ['that is owed', OWED],
    ['that somebody changed, and is put right', { ...CLEAN, drifted: { since: NOW - 1 } }],
    ['that was written before', { ...WRITTEN, misread: true }],
  ])('is delivered without that where the record tells of it: %s', (_what, known) => {
    expect(read(known)).toEqual({ ...DELIVERED, targets: [READ_BY] });
  });
});

describe('the live credential', () => {
  it('is delivered to the targets that do not hold it', () => {
    const both = account({ targets: [OTHER, TARGET] });
    const targets = { [TARGET.id]: OURS, [OTHER.id]: CONFIRMED };
    expect(deliverLive(given({ record: { targets }, more: { policy: both } }))).toEqual(DELIVERED);
  });

  it.each<readonly [string, Given]>([
    [
      'that holds an older one of ours',
      { read: { ...LIVE_THERE, holds: { kind: 'credential', fingerprint: 'x' } } },
    ],
    ['that was tried in vain, once it is time', { known: { ...OURS, retryAt: NOW } }],
    ['that somebody changed', { known: { ...CLEAN, drifted: { since: NOW - 1 } } }],
    [
      'that holds something foreign and may be written over',
      {
        known: { ...CLEAN, foreign: { since: NOW - 1 } },
        read: { requestedAt: NOW, holds: { kind: 'other' } },
        more: { policy: account({ targets: [target(TARGET.id, { overwrite: true })] }) },
      },
    ],
    ['that was written and found wanting', { known: { ...WRITTEN, failures: 1, misread: true } }],
    ['of an account that left, to which it is owed', { known: OWED, more: { configured: false } }],
    [
      'of a paused account, to which it is owed',
      { known: OWED, more: { policy: account({ paused: true }) } },
    ],
    [
      'that only reports drift, to which it is owed',
      {
        known: { ...OWED, drifted: { since: NOW - 1 } },
        more: { policy: account({ targets: [TARGET], onDrift: 'report' }) },
      },
    ],
    [
      'that only reports drift and of which nothing is known',
      { record: { targets: {} }, more: { policy: account({ targets: [TARGET], onDrift: 'report' }) } },
    ],
    [
      'that only reports drift and has none',
      { more: { policy: account({ targets: [TARGET], onDrift: 'report' }) } },
    ],
  ])('is delivered to a target %s', (_, changes) => {
    expect(deliverLive(given(changes))).toMatchObject({ do: 'deliver', fingerprint: 'live' });
  });

  it.each<readonly [string, Given]>([
    ['a target that holds it', { known: CONFIRMED }],
    ['a target that is foreign', { known: { ...OURS, foreign: { since: NOW - 1 } } }],
    ['a target that waits for its next attempt', { known: { ...OURS, ...LATER } }],
    ['a target that was written and waits to be read back', { known: WRITTEN }],
    ['a target that cannot be read', { read: UNREADABLE }],
    [
      'a target that holds something that nobody knows',
      { known: CLEAN, read: { ...LIVE_THERE, holds: { kind: 'credential', fingerprint: 'x' } } },
    ],
    ['a target of an account that left', { more: { configured: false } }],
    ['a target of a paused account', { more: { policy: account({ targets: [TARGET], paused: true }) } }],
    [
      'a target that only reports drift',
      {
        known: { ...CLEAN, drifted: { since: NOW - 1 } },
        more: { policy: account({ targets: [TARGET], onDrift: 'report' }) },
      },
    ],
    ['anything before it was proved', { record: { targets: {}, live: FOUND } }],
    [
      'anything while the account is mismatched',
      { record: { targets: {}, mismatched: { since: NOW, why: 'x' } } },
    ],
    [
      'anything while nobody knows whether a mint happened',
      { record: { targets: {}, rotation: { ...OPEN, intent: INTENT } } },
    ],
  ])('is not delivered to %s', (_, changes) => {
    expect(deliverLive(given(changes))).toBeUndefined();
  });

  it('is not delivered where there is none', () => {
    const { live: _, ...unknown } = record({ targets: {} });
    expect(deliverLive(given({ more: { record: unknown } }))).toBeUndefined();
  });

  it('is delivered only after its targets were read', () => {
    expect(deliverLive(given({ seen: { targets: {} } }))).toEqual(READ);
  });
});

describe('the value of the live credential', () => {
  function fetched(changes: Given) {
    return deliverLive(given({ ...changes, more: { ...NO_VALUE, ...changes.more } }));
  }

  it('is asked of the provider first', () => {
    const { account: _, ...seen } = { ...ALL_SEEN, targets: {} };
    const wantLook = { do: 'observe', account: true, manager: false, targets: [TARGET] };
    expect(deliverLive(situation({ ...NO_VALUE, record: record({ targets: {} }), seen }))).toEqual(wantLook);
  });

  it('is then looked for in the targets that were not read', () => {
    expect(fetched({ seen: { targets: {} } })).toEqual(READ);
  });

  it('is lost where neither has it', () => {
    expect(fetched({ record: { mintedAt: NOW - 9 } })).toEqual({
      do: 'note',
      facts: [{ kind: 'credential-lost', preImage: 'live', mintedAt: NOW - 9 }],
    });
    expect(fetched({})).toMatchObject({ facts: [{ kind: 'credential-lost', mintedAt: NOW }] });
  });

  it('is not lost where a target cannot be read, which is said', () => {
    const both = account({ targets: [TARGET, OTHER] });
    const targets = { [TARGET.id]: NOTHING, [OTHER.id]: UNREADABLE };
    expect(fetched({ seen: { targets }, more: { policy: both } })).toMatchObject({
      facts: [
        {
          kind: 'observe-failed',
          failure: 'store-unavailable',
          message: 'the value of live is only to be had from targets, and vault:billing cannot be read',
        },
      ],
    });
  });

  it('is not lost where the look failed', () => {
    expect(fetched({ seen: { accountFailure: { at: NOW, failure: FAILURE } } })).toMatchObject({
      facts: [{ kind: 'observe-failed', failure: 'no-answer', message: 'silence' }],
    });
  });

  it.each<readonly [string, Given]>([
    ['the next attempt has not come', { record: { targets: {}, ...LATER } }],
    ['the account is closed', { seen: { account: { ...ALL_SEEN.account, state: 'closed' } } }],
  ])('is not looked for while %s', (_, changes) => {
    expect(fetched(changes)).toBeUndefined();
  });
});

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

describe('what was written', () => {
  const unread = { seen: { targets: {} } };

  it('is read back', () => {
    expect(confirmWritten(given({ known: WRITTEN, ...unread }))).toEqual(READ);
    expect(confirmWritten(given({ known: { ...WRITTEN, retryAt: NOW }, ...unread }))).toEqual(READ);
  });

  it.each<readonly [string, Given]>([
    ['it was read since', { known: WRITTEN }],
    ['it was read back before', { known: { ...WRITTEN, ...CONFIRMED }, ...unread }],
    ['the next attempt has not come', { known: { ...WRITTEN, ...LATER }, ...unread }],
    ['nothing was written', { known: OURS, ...unread }],
    ['nothing is known of the target', { record: { targets: {} }, ...unread }],
  ])('is not read where %s', (_, changes) => {
    expect(confirmWritten(given(changes))).toBeUndefined();
  });
});
