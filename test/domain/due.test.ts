import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { dueNext, runAt } from '../../src/domain/due.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { NOW, record } from '../builders/situation.ts';
import { FLEET, HOURLY, at, due, live, policyOf, window } from '../builders/due.ts';

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

describe('what is due', () => {
  const everything: Partial<AccountRecord> = {
    waiting: { requests: ['q1'], cause: { actor: 'socket:0' }, at: at('11:59') },
    live: live(at('12:30')),
    lifetimeMs: 3 * HOUR_MS,
    ageFrom: { at: at('10:00'), atLeast: false },
    liveMissingSince: at('11:00'),
  };
  const policy = { schedule: HOURLY, maxAgeMs: HOUR_MS };

  it('is first what somebody asked for', () => {
    expect(due(policy, everything)).toEqual({ trigger: 'manual', dueAt: at('11:59') });
  });

  it('is then a credential that expires', () => {
    const { waiting: _, ...rest } = everything;
    expect(due(policy, rest)).toEqual({ trigger: 'expiry', dueAt: at('11:30') });
  });

  it('is then a credential that is too old', () => {
    const { waiting: _w, live: _l, ...rest } = everything;
    expect(due(policy, rest)).toEqual({ trigger: 'max-age', dueAt: at('11:00') });
  });

  it('is then a slot that has come', () => {
    const rest = { liveMissingSince: at('11:00') };
    expect(due(policy, rest)).toEqual({ trigger: 'schedule', slot: at('12:00'), dueAt: at('12:00') });
  });

  it('is last that nothing is live', () => {
    expect(due({}, { liveMissingSince: at('11:00') })).toMatchObject({ trigger: 'adopt' });
  });

  it('is nothing where nothing is a reason', () => {
    expect(due({})).toBeUndefined();
  });

  it('passes over a more urgent reason whose time has not come', () => {
    const later = { ...everything, live: live(at('14:00')) };
    const { waiting: _, ...rest } = later;
    expect(due(policy, rest)?.trigger).toBe('max-age');
  });
});

describe('what is due next', () => {
  function next(policy: Partial<Account>, known: Partial<AccountRecord> = {}) {
    return dueNext({ policy: policyOf(policy), record: record(known), now: NOW });
  }

  it('is the earliest of expiry, age and slot', () => {
    const known = { live: live(at('14:00')), lifetimeMs: 3 * HOUR_MS, ageFrom: { at: NOW, atLeast: false } };
    const policy = { schedule: HOURLY, maxAgeMs: 2 * HOUR_MS };
    const { schedule: _, ...unscheduled } = policy;
    expect(next(policy, { ...known, live: live(at('13:45')) })).toMatchObject({ trigger: 'expiry' });
    expect(next(policy, { ...known, live: live(at('14:30')) })).toMatchObject({ slot: at('13:00') });
    expect(next(unscheduled, known)).toEqual({ trigger: 'expiry', dueAt: at('13:00') });
    expect(next({ maxAgeMs: HOUR_MS / 2 }, known)).toEqual({ trigger: 'max-age', dueAt: at('12:30') });
  });

  it('is a slot that has come and waits out its jitter', () => {
    const policy = { schedule: HOURLY, jitterMs: 30 * MINUTE_MS };
    const wantAt = runAt(policyOf(policy), record(), NOW);
    expect(wantAt).toBeGreaterThan(NOW);
    expect(next(policy)).toEqual({ trigger: 'schedule', slot: NOW, dueAt: wantAt });
  });

  it('is the slot after the one that is done', () => {
    expect(next({ schedule: HOURLY }, { slot: NOW })).toMatchObject({ slot: at('13:00') });
    expect(next({ schedule: HOURLY }, { slot: at('13:00') })).toMatchObject({ slot: at('14:00') });
  });

  it('is nothing where nothing is planned', () => {
    expect(next({})).toBeUndefined();
  });
});

describe('a slot', () => {
  it('is due at its very instant, not before', () => {
    const known = { slot: at('11:00') };
    expect(due({ schedule: HOURLY }, known, NOW - 1)).toBeUndefined();
    expect(due({ schedule: HOURLY }, known)).toMatchObject({ slot: NOW, dueAt: NOW });
  });

  it('is not due once it is done', () => {
    expect(due({ schedule: HOURLY }, { slot: NOW }, at('12:59'))).toBeUndefined();
  });

  it('that passed before the account was adopted is not due', () => {
    expect(due({ schedule: HOURLY }, { adoptedAt: NOW })).toBeUndefined();
    expect(due({ schedule: HOURLY }, { adoptedAt: NOW - 1 })).toMatchObject({ slot: NOW });
  });

  it('replaces all that came before it', () => {
    expect(due({ schedule: HOURLY }, { slot: at('08:00') })).toMatchObject({ slot: NOW });
  });

  it('leaves the one before it due while it waits out its own jitter', () => {
    const policy = { schedule: HOURLY, jitterMs: 30 * MINUTE_MS };
    const before = runAt(policyOf(policy), record(), at('11:00'));
    expect(due(policy, { slot: at('10:00') })).toEqual({
      trigger: 'schedule',
      slot: at('11:00'),
      dueAt: before,
    });
  });
});

describe('jitter', () => {
  const runs = (changes: Partial<Account>, slot = NOW) =>
    FLEET.map((id) => runAt(policyOf({ schedule: HOURLY, accountIds: [id], ...changes }), record(), slot));

  it('is none where none is configured', () => {
    expect(new Set(runs({}))).toEqual(new Set([NOW]));
  });

  it('delays each account by less than the configured time, spread over all of it', () => {
    const delays = runs({ jitterMs: 30 * MINUTE_MS }).map((run) => run - NOW);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...delays)).toBeLessThan(3 * MINUTE_MS);
    expect(Math.max(...delays)).toBeLessThan(30 * MINUTE_MS);
    expect(Math.max(...delays)).toBeGreaterThan(27 * MINUTE_MS);
  });

  it('is the same whenever it is asked for, and another one for another slot or organisation', () => {
    const jittered = { jitterMs: 30 * MINUTE_MS };
    const [first] = runs(jittered);
    expect(runs(jittered)[0]).toBe(first);
    expect(runs(jittered, at('13:00'))[0]).not.toBe((first ?? 0) + HOUR_MS);
    expect(runs({ ...jittered, organisation: 'another' })[0]).not.toBe(first);
  });

  it('does not depend on the account’s name, its schedule’s text or its provider’s label', () => {
    const jittered = { jitterMs: 30 * MINUTE_MS };
    const schedule = { pattern: '0 */1 * * *', zone: 'UTC' };
    expect(runs({ ...jittered, name: 'renamed', provider: 'main', schedule })).toEqual(runs(jittered));
  });

  it('is shorter than the gap between two slots', () => {
    expect(Math.max(...runs({ jitterMs: 5 * HOUR_MS }))).toBeLessThan(at('13:00'));
  });

  it('is cut at the end of the allow window that the slot lies in', () => {
    const allow = [window('0 12 * * *', 10 * MINUTE_MS)];
    const all = runs({ jitterMs: 30 * MINUTE_MS, allow });
    expect(Math.max(...all)).toBeLessThan(at('12:10'));
    expect(Math.max(...all)).toBeGreaterThan(at('12:09'));
  });

  it('is cut at the opening of a deny window', () => {
    const deny = [window('5 12 * * *', HOUR_MS)];
    const all = runs({ jitterMs: 30 * MINUTE_MS, deny });
    expect(Math.max(...all)).toBeLessThan(at('12:05'));
    expect(Math.max(...all)).toBeGreaterThan(at('12:04'));
  });

  it('is waited out before the slot is due', () => {
    const policy = { schedule: HOURLY, jitterMs: 30 * MINUTE_MS };
    const wantAt = runAt(policyOf(policy), record(), NOW);
    const known = { slot: at('11:00') };
    expect(due(policy, known, wantAt - 1)).toBeUndefined();
    expect(due(policy, known, wantAt)).toEqual({ trigger: 'schedule', slot: NOW, dueAt: wantAt });
  });
});
