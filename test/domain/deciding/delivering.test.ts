import { describe, expect, it } from 'vitest';
import { confirmWritten, deliverLive } from '../../../src/domain/deciding/delivering.ts';
import type { Account } from '../../../src/domain/account.ts';
import type { TargetRecord } from '../../../src/domain/record.ts';
import { account, restart, target } from '../../builders/account.ts';
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
import { NOTHING, OTHER, UNREADABLE, UNTOUCHED } from '../../builders/targets.ts';
import { FAILURE } from '../../builders/decision.ts';
import { CONFIRMED, FOUND, LATER, NO_VALUE, OURS, given } from '../../builders/delivering.ts';
import type { Given } from '../../builders/delivering.ts';

const OWED: TargetRecord = { ...UNTOUCHED, owed: { fingerprint: 'live', target: TARGET } };

const WRITTEN: TargetRecord = { ...UNTOUCHED, written: { fingerprint: 'live', version: '2', at: NOW - 1 } };

const DELIVERED = { do: 'deliver', fingerprint: 'live', targets: [TARGET] };

const READ = { do: 'observe', account: false, manager: false, targets: [TARGET] };

const READ_BY = target(TARGET.id, { consumers: [restart()] });

describe('what is live and no mint owes', () => {
  const intended = { do: 'note', facts: [{ kind: 'delivery-intended', target: TARGET.id }] };
  const read = (known: TargetRecord, changes: Partial<Account> = {}) =>
    deliverLive(given({ known, more: { policy: account({ targets: [READ_BY], ...changes }) } }));

  it('is intended before it is delivered where somebody has to take it up', () => {
    expect(read(OURS)).toEqual(intended);
    expect(read(UNTOUCHED)).toEqual(intended);
    expect(read({ ...OURS, written: { fingerprint: 'older', version: '1', at: NOW - 1 } })).toEqual(intended);
    expect(read({ ...OWED, owed: { fingerprint: 'older', target: TARGET } })).toEqual(intended);
    const both = account({ targets: [OTHER, READ_BY] });
    const targets = { [TARGET.id]: OURS, [OTHER.id]: OURS };
    const seen = { targets: { [TARGET.id]: NOTHING, [OTHER.id]: NOTHING } };
    expect(deliverLive(given({ record: { targets }, seen, more: { policy: both } }))).toEqual(intended);
  });

  it.each<[string, TargetRecord]>([
    ['that is intended already', { ...OURS, intended: true }],
    ['that is owed', OWED],
    ['that somebody changed, and is put right', { ...UNTOUCHED, drifted: { since: NOW - 1 } }],
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
    ['that somebody changed', { known: { ...UNTOUCHED, drifted: { since: NOW - 1 } } }],
    [
      'that holds something foreign and may be written over',
      {
        known: { ...UNTOUCHED, foreign: { since: NOW - 1 } },
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
      { known: UNTOUCHED, read: { ...LIVE_THERE, holds: { kind: 'credential', fingerprint: 'x' } } },
    ],
    ['a target of an account that left', { more: { configured: false } }],
    ['a target of a paused account', { more: { policy: account({ targets: [TARGET], paused: true }) } }],
    [
      'a target that only reports drift',
      {
        known: { ...UNTOUCHED, drifted: { since: NOW - 1 } },
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
