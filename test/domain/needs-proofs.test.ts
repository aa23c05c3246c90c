import { describe, expect, it } from 'vitest';
import { needsRealWrite, unmetForMint } from '../../src/domain/needs.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { account, target } from '../builders/account.ts';
import { ALL_SEEN, LIVE_THERE, NOW, OPEN, ready, record, TARGET } from '../builders/situation.ts';

const OPTIONAL = target('files:billing/copy', { required: false });
const FAILURE = { kind: 'store-unavailable', message: 'no answer' } as const;
const OWN = { failures: 0, accepted: false };

/** What a mint lacks, in words: what for, how it is got, of which targets. */
function lacking(changes: Partial<Situation> = {}): readonly string[] {
  return unmetForMint(ready(changes)).map(({ need, by, targets }) =>
    [need, by, ...targets.map(({ id }) => id)].join(' | '),
  );
}

function seeing(changes: Partial<Situation['seen']>): Partial<Situation> {
  return { seen: { ...ALL_SEEN, ...changes } };
}

function wroteAt(at: number): Partial<Situation> {
  const { [TARGET.id]: known = OWN } = record().targets;
  const targets = { [TARGET.id]: { ...known, realWrite: { at, identity: 'me' } } };
  return { record: record({ rotation: OPEN, targets }) };
}

const NEVER_WROTE = { record: record({ rotation: OPEN, targets: { [TARGET.id]: OWN } }) };

function downSince(since: number, changes: object = {}): Partial<Situation> {
  const hold = {
    kind: 'store-down',
    subject: 'files',
    since,
    by: 'rekeyd',
    reason: 'a test',
    ...changes,
  } as const;
  return { sharedHolds: [hold] };
}

const READ = `every target read | targets | ${TARGET.id}`;
const WRITABLE = `required targets writable | preflight | ${TARGET.id}`;
const WRITTEN = `a real write to required targets by this identity | preflight | ${TARGET.id}`;
const OPEN_SEEN = 'account open, pre-image seen | account';

describe('what a mint lacks', () => {
  it('is nothing where all is known', () => {
    expect(lacking()).toEqual([]);
  });

  it('is everything where nothing was seen, the account last', () => {
    const { manager: _m, account: _a, ...nothing } = { ...ALL_SEEN, targets: {}, preflights: {} };
    const wantAll = ["not the manager's own account | manager", READ, WRITABLE, WRITTEN, OPEN_SEEN];
    expect(lacking({ seen: nothing })).toEqual(wantAll);
  });

  it.each<readonly [string, Partial<Situation>, readonly string[]]>([
    [
      'a target that was read 60 s ago',
      seeing({ targets: { [TARGET.id]: { ...LIVE_THERE, requestedAt: NOW - 60_000 } } }),
      [READ],
    ],
    [
      'a target that cannot be read',
      seeing({
        targets: { [TARGET.id]: { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } } },
      }),
      [READ],
    ],
    [
      'a target that cannot be written',
      seeing({ preflights: { [TARGET.id]: { at: NOW, failure: FAILURE, identity: 'me' } } }),
      [WRITABLE],
    ],
    [
      'a preflight of 60 s ago',
      seeing({ preflights: { [TARGET.id]: { at: NOW - 60_000, identity: 'me' } } }),
      [WRITABLE],
    ],
    [
      'a real write by somebody else',
      seeing({ preflights: { [TARGET.id]: { at: NOW, identity: 'another' } } }),
      [WRITTEN],
    ],
    ['a real write that was never made', NEVER_WROTE, [WRITTEN]],
    [
      'a real write that was never made, by nobody knows whom',
      { ...NEVER_WROTE, ...seeing({ preflights: { [TARGET.id]: { at: NOW } } }) },
      [WRITTEN],
    ],
    ['a target of which nothing is known', { record: record({ rotation: OPEN, targets: {} }) }, [WRITTEN]],
    ['a real write as old as it counts', wroteAt(NOW - 60_000), [WRITTEN]],
    ['a real write to a store of which nobody says how long it counts', { proofMaxAgeMs: {} }, [WRITTEN]],
    [
      'a real write before the store went down',
      { ...wroteAt(NOW - 500), ...downSince(NOW - 400) },
      [WRITTEN],
    ],
    ['a real write when the store went down', { ...wroteAt(NOW - 500), ...downSince(NOW - 500) }, [WRITTEN]],
    [
      'an account that was seen 10 s ago',
      seeing({ account: { ...ALL_SEEN.account, requestedAt: NOW - 10_000 } }),
      [OPEN_SEEN],
    ],
    [
      'an account that may be re-opened, and was looked at on a page that moved',
      {
        policy: account({ targets: [TARGET], reopenClosed: true }),
        ...seeing({ account: { ...ALL_SEEN.account, state: 'closed', certain: false } }),
      },
      [OPEN_SEEN],
    ],
    ['a closed account', seeing({ account: { ...ALL_SEEN.account, state: 'closed' } }), [OPEN_SEEN]],
    [
      'an account that is gone, although closed ones may be re-opened',
      {
        ...seeing({ account: { ...ALL_SEEN.account, state: 'absent' } }),
        policy: account({ targets: [TARGET], reopenClosed: true }),
      },
      [OPEN_SEEN],
    ],
  ])('is told of %s', (_, changes, wantLacking) => {
    expect(lacking(changes)).toEqual(wantLacking);
  });

  it.each<readonly [string, Partial<Situation>]>([
    ['a real write that counts a little longer', wroteAt(NOW - 59_999)],
    ['a real write after the store came back', { ...wroteAt(NOW - 500), ...downSince(NOW - 501) }],
    ['another store that is down', downSince(NOW, { subject: 'vault' })],
    ['another hold on something of that name', downSince(NOW, { kind: 'frozen' })],
    [
      'a closed account that may be re-opened',
      {
        ...seeing({ account: { ...ALL_SEEN.account, state: 'closed' } }),
        policy: account({ targets: [TARGET], reopenClosed: true }),
      },
    ],
    [
      'an open account that might be re-opened',
      { policy: account({ targets: [TARGET], reopenClosed: true }) },
    ],
  ])('is nothing for %s', (_, changes) => {
    expect(lacking(changes)).toEqual([]);
  });

  it('is only a read of a target that is not required', () => {
    const changes = { policy: account({ targets: [TARGET, OPTIONAL] }) };
    expect(lacking(changes)).toEqual([`every target read | targets | ${OPTIONAL.id}`]);
  });
});

describe('where what has leaked is to end now', () => {
  const now = { ...OPEN, compromised: 'now' } as const;
  const soon = { ...OPEN, compromised: 'after-delivery' } as const;
  const unreadable = { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } } as const;
  const unproved = { targets: { [TARGET.id]: OWN } };
  const unwritable = seeing({ preflights: {}, targets: { [TARGET.id]: unreadable } });

  it('nothing has to be writable, and each target was looked at, whatever came of that', () => {
    expect(lacking({ ...unwritable, record: record({ rotation: now, ...unproved }) })).toEqual([]);
    expect(lacking({ ...seeing({ targets: {} }), record: record({ rotation: now }) })).toEqual([READ]);
  });

  it('the account has to be seen open all the same', () => {
    const { account: _, ...seen } = ALL_SEEN;
    expect(lacking({ seen, record: record({ rotation: now }) })).toEqual([OPEN_SEEN]);
  });

  it('and not later, targets are waited for', () => {
    expect(lacking({ ...unwritable, record: record({ rotation: soon, ...unproved }) })).toEqual([
      READ,
      WRITABLE,
      WRITTEN,
    ]);
  });
});

describe('a preflight', () => {
  function writes(changes: Partial<Situation> = {}): boolean {
    return needsRealWrite(ready({ proofMaxAgeMs: { files: 600_000 }, ...changes }), TARGET);
  }

  it('makes no real write where the last one counts long enough for the mint', () => {
    expect(writes()).toBe(false);
    expect(writes(wroteAt(NOW - 539_999))).toBe(false);
    expect(writes(seeing({ preflights: {} }))).toBe(false);
    expect(writes(downSince(NOW, { subject: 'vault' }))).toBe(false);
  });

  it.each<readonly [string, Partial<Situation>]>([
    ['there was none', NEVER_WROTE],
    ['nothing is known of the target', { record: record({ rotation: OPEN, targets: {} }) }],
    ['the last one will not count long enough for the mint', wroteAt(NOW - 540_000)],
    ['nobody says how long one counts', { proofMaxAgeMs: {} }],
    ['the store went down after the last one', { ...wroteAt(NOW - 500), ...downSince(NOW - 400) }],
    ['the store went down at the last one', { ...wroteAt(NOW - 500), ...downSince(NOW - 500) }],
    [
      'somebody else made the last one',
      seeing({ preflights: { [TARGET.id]: { at: NOW, identity: 'another' } } }),
    ],
  ])('makes a real write where %s', (_, changes) => {
    expect(writes(changes)).toBe(true);
  });
});
