import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import {
  dueNext,
  dueNow,
  expiryDueAt,
  isMissed,
  maxAgeDueAt,
  missedRunAt,
  runAt,
} from '../../src/domain/due.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { account } from '../builders/account.ts';
import { NOW, record, TARGET } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const HOURLY = { pattern: '0 * * * *', zone: 'UTC' };
const { adoptedAt: _adoptedAt, ...UNKNOWN } = record();

function policyOf(changes: Partial<Account> = {}): Account {
  return account({ targets: [TARGET], schedule: HOURLY, ...changes });
}

function given(policy: Account, changes: Partial<AccountRecord> = {}, now = NOW) {
  return { policy, record: record(changes), now };
}

describe('the instants at which a credential is to be replaced', () => {
  const live = { fingerprint: 'live', ownMint: true, proved: true };

  it('are none where nothing ages or expires', () => {
    const ageFrom = { at: NOW, atLeast: false };
    expect(maxAgeDueAt(policyOf(), record({ ageFrom }))).toBeUndefined();
    expect(maxAgeDueAt(policyOf({ maxAgeMs: 5 }), record())).toBeUndefined();
    expect(expiryDueAt(policyOf(), record({ live, lifetimeMs: 9 }))).toBeUndefined();
    expect(expiryDueAt(policyOf(), UNKNOWN)).toBeUndefined();
  });

  it('are those that the policy says', () => {
    const ageFrom = { at: NOW, atLeast: false };
    expect(maxAgeDueAt(policyOf({ maxAgeMs: 5 }), record({ ageFrom }))).toBe(NOW + 5);
    const expiring = record({ live: { ...live, expiresAt: NOW + 900 }, lifetimeMs: 900 });
    expect(expiryDueAt(policyOf({ rotateBeforeExpiryMs: 100 }), expiring)).toBe(NOW + 800);
    expect(expiryDueAt(policyOf({ rotateBeforeExpiryMs: 500 }), expiring)).toBe(NOW + 600);
    expect(expiryDueAt(policyOf(), expiring)).toBe(NOW + 600);
  });
});

describe('a slot', () => {
  it('that is done is not planned again, although its jitter has not passed', () => {
    const policy = policyOf({ jitterMs: 30 * MINUTE_MS });
    expect(runAt(policy, record(), NOW)).toBeGreaterThan(NOW);
    expect(dueNext(given(policy, { slot: NOW }))?.slot).toBe(NOW + HOUR_MS);
    expect(dueNext(given(policy, { slot: NOW - HOUR_MS }))?.slot).toBe(NOW);
  });

  it('is neither due nor planned for an account that was never seen', () => {
    expect(dueNow({ policy: policyOf(), record: UNKNOWN, now: NOW })).toBeUndefined();
    expect(dueNext({ policy: policyOf(), record: UNKNOWN, now: NOW })).toBeUndefined();
  });

  it('has come although the newest still waits out its jitter', () => {
    const policy = policyOf({ jitterMs: 30 * MINUTE_MS });
    const before = NOW - HOUR_MS;
    expect(dueNow(given(policy))).toEqual({
      trigger: 'schedule',
      slot: before,
      dueAt: runAt(policy, record(), before),
    });
  });

  it('outside the windows is spread like any other', () => {
    const allow = [{ opens: { pattern: '0 22 * * *', zone: 'UTC' }, durationMs: HOUR_MS }];
    const policy = policyOf({ jitterMs: 30 * MINUTE_MS });
    expect(runAt({ ...policy, allow }, record(), NOW)).toBe(runAt(policy, record(), NOW));
  });

  it('that is known as missed is not missed again', () => {
    const missed = { slot: NOW - HOUR_MS, runAt: NOW - 10 * MINUTE_MS };
    const restarted = { ...given(policyOf(), { missed }), runningSince: NOW - 1 };
    expect(isMissed(restarted, NOW - HOUR_MS)).toBe(false);
    expect(isMissed(restarted, NOW - 2 * HOUR_MS)).toBe(true);
  });

  it('of an account whose schedule was taken away runs at once', () => {
    const { schedule: _, ...unscheduled } = policyOf({ jitterMs: MINUTE_MS });
    expect(missedRunAt(unscheduled, NOW - HOUR_MS, NOW)).toBe(NOW);
  });
});

describe('first sight', () => {
  it('is a reason only where nothing is live, or new accounts are rotated', () => {
    const rotateOnAdopt = policyOf({ rotateOnAdopt: true });
    const { schedule: _, ...eager } = rotateOnAdopt;
    const { schedule: _s, ...calm } = policyOf();
    expect(dueNow(given(eager))?.trigger).toBe('adopt');
    expect(dueNow(given(calm))).toBeUndefined();
    expect(dueNow(given(eager, { mintedAt: NOW - 1 }))).toBeUndefined();
    expect(dueNow(given(eager, { knownBefore: true }))).toBeUndefined();
    expect(dueNow(given(calm, { liveMissingSince: NOW - 1 }))?.trigger).toBe('adopt');
    expect(dueNow({ policy: eager, record: UNKNOWN, now: NOW })).toBeUndefined();
  });
});
