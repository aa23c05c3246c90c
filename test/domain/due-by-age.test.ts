import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { dueNext, dueNow, expiryDueAt } from '../../src/domain/due.ts';
import { EMPTY_RECORD, evolve } from '../../src/domain/evolve.ts';
import type { Fact, FactBodies, FactKind } from '../../src/domain/fact.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { NOW, record } from '../builders/situation.ts';
import { HOURLY, at, due, live, policyOf } from '../builders/due.ts';

const HOUR_MS = 3_600_000;

const DAY_MS = 86_400_000;

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
