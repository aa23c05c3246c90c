import { describe, expect, it } from 'vitest';
import type { Account, Schedule, Window } from '../../src/domain/account.ts';
import { decide } from '../../src/domain/decide.ts';
import { dueNext, dueNow, expiryDueAt, isMissed, missedRunAt, runAt } from '../../src/domain/due.ts';
import { EMPTY_RECORD, evolve } from '../../src/domain/evolve.ts';
import type { Fact, FactBodies, FactKind } from '../../src/domain/fact.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { account } from '../builders/account.ts';
import { ALL_SEEN, NOW, record, situation, TARGET } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const HOURLY: Schedule = { pattern: '0 * * * *', zone: 'UTC' };
const FLEET = Array.from({ length: 200 }, (_, index) => `fleet-${index}`);

/** A time on the day of `NOW`, which is 12:00. */
function at(time: string): number {
  return Date.parse(`2026-01-05T${time.length === 5 ? `${time}:00` : time}Z`);
}

function policyOf(changes: Partial<Account> = {}): Account {
  return account({ targets: [TARGET], ...changes });
}

function window(pattern: string, durationMs: number): Window {
  return { opens: { pattern, zone: 'UTC' }, durationMs };
}

/** What is due now of a converged account that was adopted the day before. */
function due(policy: Partial<Account>, known: Partial<AccountRecord> = {}, now = NOW) {
  return dueNow({ policy: policyOf(policy), record: record(known), now });
}

function live(expiresAt: number): NonNullable<AccountRecord['live']> {
  return { fingerprint: 'live', ownMint: true, proved: true, expiresAt };
}

function folded<Kind extends FactKind>(
  from: AccountRecord,
  kind: Kind,
  occurredAt: number,
  body: FactBodies[Kind],
): AccountRecord {
  return evolve(from, {
    id: 'f',
    at: occurredAt,
    cause: { actor: 'rekeyd' },
    kind,
    ...body,
  } as unknown as Fact);
}

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

describe('expiry', () => {
  const expires = (lifetimeMs: number, policy: Partial<Account> = {}) =>
    expiryDueAt(policyOf(policy), record({ live: live(NOW + 90 * DAY_MS), lifetimeMs }));

  it('fires as long before the end as is configured', () => {
    expect(expires(90 * DAY_MS, { rotateBeforeExpiryMs: 7 * DAY_MS })).toBe(NOW + 83 * DAY_MS);
  });

  it('never fires before two thirds of the lifetime have passed', () => {
    expect(expires(90 * DAY_MS, { rotateBeforeExpiryMs: 60 * DAY_MS })).toBe(NOW + 60 * DAY_MS);
  });

  it('fires after two thirds of the lifetime where nothing is configured', () => {
    expect(expires(90 * DAY_MS)).toBe(NOW + 60 * DAY_MS);
  });

  it('fires at the end itself where 0 is configured', () => {
    expect(expires(90 * DAY_MS, { rotateBeforeExpiryMs: 0 })).toBe(NOW + 90 * DAY_MS);
  });

  it('is a whole ms, the one before where a third is none', () => {
    expect(expires(100)).toBe(NOW + 90 * DAY_MS - 34);
  });

  it('does not fire for a credential without an end', () => {
    expect(expiryDueAt(policyOf(), record())).toBeUndefined();
    expect(due({ rotateBeforeExpiryMs: DAY_MS })).toBeUndefined();
  });

  it('is due at its very instant, not before, and goes on being due after the end', () => {
    const known = { live: live(at('13:00')), lifetimeMs: 3 * HOUR_MS };
    expect(due({}, known, NOW - 1)).toBeUndefined();
    expect(due({}, known)).toEqual({ trigger: 'expiry', dueAt: NOW });
    expect(due({}, known, NOW + DAY_MS)).toEqual({ trigger: 'expiry', dueAt: NOW });
  });

  it('takes the lifetime from when the credential was issued, else from when it was first seen', () => {
    const seen = { live: 'f', expiresAt: at('15:00'), evidence: 'none' } as const;
    const known = (issued: { issuedAt?: number }) =>
      folded(EMPTY_RECORD, 'account-adopted', NOW, { ...seen, ...issued });
    expect(expiryDueAt(policyOf(), known({ issuedAt: at('06:00') }))).toBe(NOW);
    expect(expiryDueAt(policyOf(), known({}))).toBe(at('14:00'));
  });
});

describe('the age of a credential', () => {
  const policy = { maxAgeMs: HOUR_MS };
  const dueAtOf = (known: AccountRecord) =>
    dueNow({ policy: policyOf(policy), record: known, now: NOW + DAY_MS });
  const minted = {
    fingerprint: 'new',
    sentAt: at('11:30'),
    recovered: false,
    issuedAt: at('09:00'),
    targets: [],
  } as const;

  it('counts from our own mint’s request, whatever the credential says', () => {
    const known = folded(record(), 'credential-minted', at('11:31'), minted);
    expect(dueAtOf(known)).toEqual({ trigger: 'max-age', dueAt: at('12:30') });
  });

  it('counts from when it was issued where somebody else minted it', () => {
    const changed = { fingerprint: 'other', issuedAt: at('11:45') };
    const known = folded(record(), 'live-changed', NOW, changed);
    expect(dueAtOf(known)).toEqual({ trigger: 'max-age', dueAt: at('12:45') });
  });

  it('counts from first sight where nothing else is known, and is then “at least”', () => {
    const known = folded(record(), 'live-changed', NOW, { fingerprint: 'other' });
    expect(dueAtOf(known)).toEqual({ trigger: 'max-age', dueAt: at('13:00') });
    expect(known.ageFrom).toEqual({ at: NOW, atLeast: true });
  });

  it('counts, for an adopted account whose journal was lost, from what its stores show', () => {
    const adopted = { evidence: 'store', live: 'f', slotFrom: at('11:15') } as const;
    const known = folded(EMPTY_RECORD, 'account-adopted', NOW, adopted);
    expect(dueAtOf(known)).toEqual({ trigger: 'max-age', dueAt: at('12:15') });
  });

  it('is a reason at its very instant, not before, and only where a maximum is configured', () => {
    const known = { ageFrom: { at: at('11:00'), atLeast: true } };
    expect(due(policy, known, NOW - 1)).toBeUndefined();
    expect(due(policy, known)).toEqual({ trigger: 'max-age', dueAt: NOW });
    expect(due({}, known)).toBeUndefined();
  });
});

describe('first sight', () => {
  it('is no reason to rotate unless rotateOnAdopt asks for it', () => {
    expect(due({})).toBeUndefined();
    expect(due({ rotateOnAdopt: true })).toEqual({ trigger: 'adopt', dueAt: NOW - DAY_MS });
  });

  it('is no reason any more once the account was minted for', () => {
    expect(due({ rotateOnAdopt: true }, { mintedAt: NOW - HOUR_MS })).toBeUndefined();
  });

  it('is no reason for an account that was known before the journal was lost', () => {
    expect(due({ rotateOnAdopt: true }, { knownBefore: true })).toBeUndefined();
  });

  it('is a reason, although nobody asked, where what is live is missing', () => {
    const missing = { liveMissingSince: NOW - HOUR_MS };
    expect(due({}, missing)).toMatchObject({ trigger: 'adopt' });
    expect(due({}, { ...missing, mintedAt: NOW - HOUR_MS, knownBefore: true })).toMatchObject({
      trigger: 'adopt',
    });
  });

  it('is no reason before the account was adopted', () => {
    const { adoptedAt: _, ...unknown } = record({ liveMissingSince: NOW });
    const policy = policyOf({ rotateOnAdopt: true, schedule: HOURLY });
    expect(dueNow({ policy, record: unknown, now: NOW })).toBeUndefined();
    expect(dueNext({ policy, record: unknown, now: NOW })).toBeUndefined();
  });
});
