import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { decide } from '../../src/domain/decide.ts';
import { isMissed, missedRunAt, runAt } from '../../src/domain/due.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { ALL_SEEN, NOW, record, situation } from '../builders/situation.ts';
import { FLEET, HOURLY, at, due, policyOf, window } from '../builders/due.ts';

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

describe('a missed slot', () => {
  const missed = (known: Partial<AccountRecord>, now: number, runningSince: number) =>
    isMissed(
      { policy: policyOf({ schedule: HOURLY }), record: record(known), now, runningSince },
      at('11:00'),
    );

  it('is one that came before the process ran, more than a minute ago', () => {
    expect(missed({}, at('11:01:01'), at('11:01'))).toBe(true);
    expect(missed({}, at('11:01'), at('11:01'))).toBe(false);
  });

  it('is none that came while the process ran, however long ago', () => {
    expect(missed({}, NOW, at('11:00'))).toBe(false);
    expect(missed({}, NOW, 0)).toBe(false);
  });

  it('is one that came while the account was paused, at once', () => {
    expect(missed({ pausedSlot: at('11:00') }, at('11:00'), 0)).toBe(true);
  });

  it('is none that a hold kept back, nor one that is known as missed already', () => {
    expect(missed({ heldSlot: at('11:00') }, NOW, NOW)).toBe(false);
    expect(missed({ missed: { slot: at('11:00'), runAt: NOW } }, NOW, NOW)).toBe(false);
  });

  it('counts from the end of its jitter', () => {
    const policy = policyOf({ schedule: HOURLY, jitterMs: 50 * MINUTE_MS });
    const planned = runAt(policy, record(), at('11:00'));
    const ask = (runningSince: number) =>
      isMissed({ policy, record: record(), now: at('12:30'), runningSince }, at('11:00'));
    expect(ask(planned)).toBe(false);
    expect(ask(planned + 1)).toBe(true);
  });

  it('is run later with missed: run, and skipped with missed: skip', () => {
    const given = (policy: Account['missed']) =>
      situation({
        policy: policyOf({ schedule: HOURLY, missed: policy }),
        now: at('12:30'),
        runningSince: at('12:29'),
        seen: { ...ALL_SEEN, account: { ...ALL_SEEN.account, requestedAt: at('12:30') } },
      });
    expect(decide(given('run'))).toMatchObject({
      do: 'note',
      facts: [{ kind: 'slot-missed', slot: NOW, runAt: missedRunAt(given('run').policy, NOW, at('12:30')) }],
    });
    expect(decide(given('skip'))).toMatchObject({
      do: 'note',
      facts: [{ kind: 'slot-skipped', slot: NOW }],
    });
  });

  it('is due at its own time, with all slots before it dealt with', () => {
    const known = { slot: at('09:00'), missed: { slot: NOW, runAt: at('12:20') } };
    expect(due({ schedule: HOURLY }, known, at('12:20') - 1)).toBeUndefined();
    expect(due({ schedule: HOURLY }, known, at('12:20'))).toEqual({
      trigger: 'schedule',
      slot: NOW,
      dueAt: at('12:20'),
    });
  });

  it('is replaced by the next slot while it waits', () => {
    const known = { slot: at('10:00'), missed: { slot: NOW, runAt: at('13:20') } };
    expect(due({ schedule: HOURLY }, known, at('13:00'))).toMatchObject({
      slot: at('13:00'),
      dueAt: at('13:00'),
    });
  });
});

describe('the time at which a missed slot runs', () => {
  const runs = (changes: Partial<Account>) =>
    FLEET.map((id) =>
      missedRunAt(policyOf({ schedule: HOURLY, accountIds: [id], ...changes }), at('11:00'), NOW),
    );

  it('is spread over the ten minutes from now on', () => {
    const all = runs({});
    expect(Math.min(...all)).toBeGreaterThanOrEqual(NOW);
    expect(Math.max(...all)).toBeLessThan(at('12:10'));
    expect(Math.max(...all)).toBeGreaterThan(at('12:09'));
  });

  it('is spread over a quarter of the gap where slots come often', () => {
    const all = runs({ schedule: { pattern: '*/20 * * * *', zone: 'UTC' } });
    expect(Math.max(...all)).toBeLessThan(at('12:05'));
    expect(Math.max(...all)).toBeGreaterThan(at('12:04'));
  });

  it('is spread over the jitter where that is longer', () => {
    const all = runs({ jitterMs: 40 * MINUTE_MS });
    expect(Math.max(...all)).toBeLessThan(at('12:40'));
    expect(Math.max(...all)).toBeGreaterThan(at('12:36'));
  });

  it('lies in the allow window that is open', () => {
    const all = runs({ allow: [window('0 10 * * *', 2 * HOUR_MS + 3 * MINUTE_MS)] });
    expect(Math.min(...all)).toBeGreaterThanOrEqual(NOW);
    expect(Math.max(...all)).toBeLessThan(at('12:03'));
  });

  it('lies in the allow window that opens next', () => {
    const all = runs({ allow: [window('0 22 * * *', 5 * MINUTE_MS)] });
    expect(Math.min(...all)).toBeGreaterThanOrEqual(at('22:00'));
    expect(Math.max(...all)).toBeLessThan(at('22:05'));
    expect(Math.max(...all)).toBeGreaterThan(at('22:04'));
  });

  it('lies after the deny window that is open', () => {
    const all = runs({ deny: [window('0 11 * * *', 3 * HOUR_MS)] });
    expect(Math.min(...all)).toBeGreaterThanOrEqual(at('14:00'));
    expect(Math.max(...all)).toBeLessThan(at('14:10'));
  });
});
