import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { holdsOf, mintHold } from '../../src/domain/holds.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { account, target } from '../builders/account.ts';
import { NOW, OPEN, record, TARGET } from '../builders/situation.ts';

const HOUR_MS = 3_600_000;
const BECAUSE = { since: NOW - HOUR_MS, why: 'because' };
/** Open from 11:00 to 14:00; `NOW` is 12:00. */
const FREEZE = { opens: { pattern: '0 11 * * *', zone: 'UTC' }, durationMs: 3 * HOUR_MS };
const MINE = { subject: 'billing', by: 'rekeyd', since: NOW - HOUR_MS };

function holds(changes: Partial<AccountRecord>, policy: Partial<Account> = {}): readonly Hold[] {
  return holdsOf({
    policy: account({ targets: [TARGET], ...policy }),
    record: record({ rotation: OPEN, ...changes }),
    now: NOW,
    sharedHolds: [],
  });
}

function foreign(fingerprint?: string): Partial<AccountRecord> {
  const found = { since: NOW - HOUR_MS, ...(fingerprint !== undefined && { fingerprint }) };
  return { targets: { [TARGET.id]: { failures: 0, accepted: false, foreign: found } } };
}

describe('a hold in full', () => {
  it.each<readonly [string, Partial<AccountRecord>, Partial<Account>, Hold]>([
    [
      'of the daemon’s own account',
      { held: { 'own-account': BECAUSE } },
      {},
      { ...MINE, kind: 'own-account', reason: 'because' },
    ],
    [
      'of a closed account',
      { held: { closed: BECAUSE } },
      {},
      { ...MINE, kind: 'closed', reason: 'because' },
    ],
    [
      'of a mismatched account',
      { mismatched: BECAUSE },
      {},
      { ...MINE, kind: 'mismatched', reason: 'because' },
    ],
    ['of a parked account', { parked: BECAUSE }, {}, { ...MINE, kind: 'parked', reason: 'because' }],
    [
      'of an account that the configuration pauses, since it was adopted',
      { adoptedAt: NOW - HOUR_MS },
      { paused: true },
      { ...MINE, kind: 'paused', by: 'config', reason: 'paused: true in the configuration' },
    ],
    [
      'of a foreign value',
      foreign(),
      {},
      {
        ...MINE,
        kind: 'foreign',
        subject: TARGET.id,
        target: TARGET.id,
        reason: `${TARGET.id} holds a value that is not this account's; nothing is written over it`,
      },
    ],
    [
      'of a foreign credential',
      foreign('x'),
      {},
      {
        ...MINE,
        kind: 'foreign',
        subject: TARGET.id,
        target: TARGET.id,
        reason: `${TARGET.id} holds a credential (x) that is not this account's; nothing is written over it`,
      },
    ],
    [
      'of an account that was minted for',
      { mintedAt: NOW - HOUR_MS },
      { minIntervalMs: 2 * HOUR_MS },
      {
        ...MINE,
        kind: 'too-soon',
        until: NOW + HOUR_MS,
        reason: 'the last mint is more recent than minInterval',
      },
    ],
    [
      'of a window',
      {},
      { deny: [FREEZE] },
      {
        ...MINE,
        kind: 'deny-window',
        by: 'config',
        since: NOW,
        until: NOW + 2 * HOUR_MS,
        reason: 'now is outside the windows in which this account may be rotated',
      },
    ],
  ])('%s', (_, changes, policy, wantHold) => {
    expect(holds(changes, policy)).toEqual([wantHold]);
  });

  it('of a window that never ends has no end', () => {
    const always = { opens: { pattern: '0 * * * *', zone: 'UTC' }, durationMs: 2 * HOUR_MS };
    expect(Object.keys(holds({}, { deny: [always] })[0] ?? {})).not.toContain('until');
  });

  it('of an account that is paused and was never seen is as old as time', () => {
    const { adoptedAt: _, ...unknown } = record();
    const policy = account({ targets: [TARGET], paused: true });
    expect(holdsOf({ policy, record: unknown, now: NOW, sharedHolds: [] })).toMatchObject([{ since: 0 }]);
  });
});

describe('a contested target', () => {
  const other = target('vault:billing', { required: false });
  const contested = { failures: 0, accepted: false, contested: { since: NOW - HOUR_MS } };

  it('is left alone for a day, and says what to do', () => {
    expect(holds({ targets: { [TARGET.id]: contested } })).toEqual([
      {
        ...MINE,
        kind: 'contested',
        subject: TARGET.id,
        target: TARGET.id,
        until: NOW + 23 * HOUR_MS,
        reason:
          `somebody else wrote over what was delivered to ${TARGET.id}, 3 times within a day; ` +
          'find what else writes it and end that',
      },
    ]);
    const over = { ...contested, contested: { since: NOW - 24 * HOUR_MS } };
    expect(holds({ targets: { [TARGET.id]: over } })).toEqual([]);
  });

  it('stops an unasked mint where it is required, and no other', () => {
    const stopping = (id: string) =>
      mintHold(
        {
          policy: account({ targets: [TARGET, other] }),
          record: record({ rotation: OPEN, targets: { [id]: contested } }),
          now: NOW,
          sharedHolds: [],
        },
        { trigger: 'schedule', dueAt: NOW },
      )?.kind;
    expect([stopping(TARGET.id), stopping(other.id)]).toEqual(['contested', undefined]);
  });
});

describe('the limit of mints because of refused credentials', () => {
  const limited = (until: number) => ({
    refused: {
      fingerprint: 'live',
      since: NOW,
      lastAt: NOW,
      times: 2,
      triedAt: NOW,
      tryAt: NOW,
      limited: { since: NOW - HOUR_MS, until, why: 'because' },
    },
  });

  it('holds until it is over', () => {
    expect(holds(limited(NOW + 1))).toEqual([
      { ...MINE, kind: 'refused-limit', until: NOW + 1, reason: 'because' },
    ]);
    expect(holds(limited(NOW))).toEqual([]);
  });
});

describe('a deny window', () => {
  function stopped(changes: Partial<AccountRecord>, policy: Partial<Account> = {}) {
    const known = {
      policy: account({ targets: [TARGET], deny: [FREEZE], ...policy }),
      record: record({ rotation: OPEN, ...changes }),
      now: NOW,
      sharedHolds: [],
    };
    return mintHold(known, { trigger: 'schedule', dueAt: NOW })?.kind;
  }
  const dies = (expiresAt: number, lifetimeMs: number): Partial<AccountRecord> => ({
    live: { fingerprint: 'live', ownMint: true, proved: true, expiresAt },
    lifetimeMs,
  });

  it('lets nothing pass before the credential’s expiry has fired, although it dies in the window', () => {
    expect(stopped(dies(NOW + HOUR_MS, 3 * HOUR_MS - 3))).toBe('deny-window');
    expect(stopped(dies(NOW + HOUR_MS, 3 * HOUR_MS))).toBeUndefined();
  });

  it('is all that dying lets pass: minInterval stands', () => {
    expect(stopped({ ...dies(NOW + HOUR_MS, 3 * HOUR_MS), mintedAt: NOW - 1 })).toBe('too-soon');
  });

  it('holds what never expires, and what was never live', () => {
    expect(stopped({ lifetimeMs: HOUR_MS })).toBe('deny-window');
    const { live: _, ...unknown } = record({ rotation: OPEN });
    const policy = account({ targets: [TARGET], deny: [FREEZE] });
    const known = { policy, record: unknown, now: NOW, sharedHolds: [] };
    expect(mintHold(known, { trigger: 'schedule', dueAt: NOW })?.kind).toBe('deny-window');
  });

  it('that never ends lets pass what will die at all', () => {
    const always = { opens: { pattern: '0 * * * *', zone: 'UTC' }, durationMs: 2 * HOUR_MS };
    expect(stopped(dies(NOW + 24 * HOUR_MS, 100 * HOUR_MS), { deny: [always] })).toBeUndefined();
  });

  it('holds what has no age that anybody knows, whatever maxAgeOverridesDeny says', () => {
    expect(stopped({}, { maxAgeMs: 1, maxAgeOverridesDeny: true })).toBe('deny-window');
    expect(stopped({ ageFrom: { at: NOW - 9, atLeast: true } }, { maxAgeOverridesDeny: true })).toBe(
      'deny-window',
    );
  });

  it('lets the second mint of a rotation pass, and nothing else that holds it', () => {
    const lost = { rotation: { ...OPEN, lost: true } };
    expect(stopped(lost)).toBeUndefined();
    expect(stopped({ ...lost, parked: BECAUSE })).toBe('parked');
  });
});
