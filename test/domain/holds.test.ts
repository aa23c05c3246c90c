import { describe, expect, it } from 'vitest';
import type { Account, Window } from '../../src/domain/account.ts';
import { liftedBy } from '../../src/domain/hold.ts';
import type { HoldKind } from '../../src/domain/hold.ts';
import { holdsOf, mintHold } from '../../src/domain/holds.ts';
import type { AccountRecord, TargetRecord } from '../../src/domain/record.ts';
import { target } from '../builders/account.ts';
import { NOW, OPEN, TARGET } from '../builders/situation.ts';
import {
  BECAUSE,
  CONTESTED,
  FOREIGN,
  FREEZE,
  SINCE,
  UNASKED,
  due,
  known,
  shared,
  stopping,
} from '../builders/held.ts';
import type { Given } from '../builders/held.ts';

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

const NIGHT: Window = { opens: { pattern: '0 22 * * *', zone: 'UTC' }, durationMs: HOUR_MS };

function kindsOf(given: Given): HoldKind[] {
  return holdsOf(known(given)).map(({ kind }) => kind);
}

describe('a hold', () => {
  it('says since when it stands, who set it and why', () => {
    expect(holdsOf(known({ record: { parked: BECAUSE } }))).toEqual([
      { kind: 'parked', subject: 'billing', since: SINCE, by: 'rekeyd', reason: 'because' },
    ]);
  });

  it('set by a person says who it was, and the reason that was given', () => {
    const pausedBy = (reason?: string) => ({
      record: { paused: { since: SINCE, cause: { actor: 'socket:0', ...(reason && { reason }) } } },
    });
    expect(holdsOf(known(pausedBy('release')))).toMatchObject([{ by: 'socket:0', reason: 'release' }]);
    expect(holdsOf(known(pausedBy()))).toMatchObject([{ by: 'socket:0', reason: 'paused by hand' }]);
  });

  it('set by the configuration says so; one set by hand is shown in its place', () => {
    expect(holdsOf(known({ policy: { paused: true } }))).toMatchObject([{ kind: 'paused', by: 'config' }]);
    const both = {
      policy: { paused: true },
      record: { paused: { since: SINCE, cause: { actor: 'socket:0' } } },
    };
    expect(holdsOf(known(both))).toMatchObject([{ kind: 'paused', by: 'socket:0' }]);
  });

  it('stands beside others, and the first of them is the one that is named', () => {
    const given = {
      policy: { deny: [FREEZE] },
      record: { parked: BECAUSE, mintedAt: NOW - MINUTE_MS },
      shared: [shared('store-down', 'files')],
    };
    expect(kindsOf(given)).toEqual(['parked', 'store-down', 'too-soon', 'deny-window']);
    expect(stopping('schedule', given)).toBe('parked');
    expect(stopping('manual', given)).toBe('store-down');
  });
});

describe('a closed account', () => {
  it('is not held where the configuration re-opens it', () => {
    expect(kindsOf({ policy: { reopenClosed: true }, record: { held: { closed: BECAUSE } } })).toEqual([]);
  });

  it('is held as the daemon’s own all the same', () => {
    const given = { policy: { reopenClosed: true }, record: { held: { 'own-account': BECAUSE } } };
    expect(kindsOf(given)).toEqual(['own-account']);
  });
});

describe('a foreign target', () => {
  it('is named with the fingerprint of what it holds, where that is a credential', () => {
    const [hold] = holdsOf(known({ record: { targets: { [TARGET.id]: FOREIGN } } }));
    expect(hold?.target).toBe(TARGET.id);
    expect(hold?.reason).toContain('a credential (x)');
    const value = { ...FOREIGN, foreign: { since: SINCE } };
    const [other] = holdsOf(known({ record: { targets: { [TARGET.id]: value } } }));
    expect(other?.reason).toContain(`${TARGET.id} holds a value that is not this account's`);
  });

  it('is not held where it may be written over', () => {
    const targets = [target(TARGET.id, { overwrite: true })] as const;
    expect(kindsOf({ policy: { targets }, record: { targets: { [TARGET.id]: FOREIGN } } })).toEqual([]);
  });

  it('holds the account back although it is optional', () => {
    const targets = [target(TARGET.id, { required: false })] as const;
    const given = { policy: { targets }, record: { targets: { [TARGET.id]: FOREIGN } } };
    expect(stopping('manual', given)).toBe('foreign');
  });
});

describe('a contested target', () => {
  const contested = (changes: Partial<TargetRecord> = {}) => ({
    record: { targets: { [TARGET.id]: { ...CONTESTED, ...changes } } },
  });

  it('is held until a day after it was last written over', () => {
    expect(holdsOf(known(contested()))[0]?.until).toBe(SINCE + 24 * HOUR_MS);
    expect(kindsOf(contested({ overwritten: [NOW - 24 * HOUR_MS] }))).toEqual([]);
  });

  it('is held until a day after it was delivered to again', () => {
    const written = { fingerprint: 'live', version: '1', at: NOW };
    expect(holdsOf(known(contested({ written })))[0]?.until).toBe(NOW + 24 * HOUR_MS);
  });

  it('is named with who wrote it last, where the store knows that', () => {
    expect(holdsOf(known(contested()))[0]?.reason).toBe(
      `somebody else wrote over what was delivered to ${TARGET.id}, 3 times within a day, the last time at ` +
        '2026-01-05T11:00:00.000Z by external-secrets; find what else writes it and end that',
    );
  });

  it('stops no mint where it is optional', () => {
    const targets = [target(TARGET.id, { required: false })] as const;
    expect(kindsOf({ policy: { targets }, ...contested() })).toEqual(['contested']);
    expect(stopping('schedule', { policy: { targets }, ...contested() })).toBeUndefined();
  });
});

describe('a hold that accounts share', () => {
  it('of a store holds the accounts with a required target there, and no others', () => {
    const elsewhere = { shared: [shared('store-down', 'aws')] };
    const optional = {
      policy: { targets: [TARGET, target('aws:billing', { required: false })] as const },
      ...elsewhere,
    };
    const required = { policy: { targets: [TARGET, target('aws:billing')] as const }, ...elsewhere };
    expect(kindsOf(elsewhere)).toEqual([]);
    expect(kindsOf(optional)).toEqual([]);
    expect(kindsOf(required)).toEqual(['store-down']);
  });

  it('because many are refused holds those accounts alone that are', () => {
    expect(kindsOf({ shared: [shared('many-refused', 'kronup')] })).toEqual([]);
  });

  it('of a provider holds its accounts, and no others', () => {
    expect(kindsOf({ shared: [shared('manager-refused', 'another')] })).toEqual([]);
    expect(kindsOf({ shared: [shared('manager-refused', 'kronup')] })).toEqual(['manager-refused']);
    expect(kindsOf({ shared: [shared('frozen', 'another')] })).toEqual([]);
  });
});

describe('too-soon', () => {
  it('ends when minInterval has passed since the last mint', () => {
    const until = (mintedAt: number) => holdsOf(known({ record: { mintedAt } }))[0]?.until;
    expect(until(NOW - MINUTE_MS)).toBe(NOW + 9 * MINUTE_MS);
    expect(until(NOW - 10 * MINUTE_MS + 1)).toBe(NOW + 1);
    expect(until(NOW - 10 * MINUTE_MS)).toBeUndefined();
  });

  it('does not hold an account that was never minted for', () => {
    expect(kindsOf({ policy: { minIntervalMs: NOW * 2 } })).toEqual([]);
  });

  it('does not stop the second mint of a rotation whose credential was lost', () => {
    const lost = { rotation: { ...OPEN, lost: true }, mintedAt: NOW - 1 };
    expect(stopping('schedule', { record: lost })).toBeUndefined();
    expect(stopping('schedule', { record: { ...lost, parked: BECAUSE } })).toBe('parked');
  });

  it('is shown only while something is due', () => {
    const resting = ({ rotation: _, ...rest }: AccountRecord) => rest;
    const given = known({ record: { mintedAt: NOW - 1 } });
    const mintedFor = { ...OPEN, minted: { fingerprint: 'live', sentAt: NOW - 1, recovered: false } };
    expect(holdsOf({ ...given, record: resting(given.record) })).toEqual([]);
    expect(kindsOf({ record: { mintedAt: NOW - 1, rotation: mintedFor } })).toEqual([]);
  });
});

describe('a deny window', () => {
  const expiring = (expiresAt: number): Partial<AccountRecord> => ({
    live: { fingerprint: 'live', ownMint: true, proved: true, expiresAt },
    lifetimeMs: 30 * HOUR_MS,
  });
  const old = { ageFrom: { at: SINCE, atLeast: false } };

  it('holds until it is left, also where one is left into another', () => {
    const next: Window = { opens: { pattern: '0 14 * * *', zone: 'UTC' }, durationMs: HOUR_MS };
    const until = (deny: Window[]) => holdsOf(known({ policy: { deny } }))[0]?.until;
    expect(until([FREEZE])).toBe(NOW + 2 * HOUR_MS);
    expect(until([FREEZE, next])).toBe(NOW + 3 * HOUR_MS);
  });

  it('is also the time outside every allow window', () => {
    const [hold] = holdsOf(known({ policy: { allow: [NIGHT] } }));
    expect(hold).toMatchObject({ kind: 'deny-window', until: NOW + 10 * HOUR_MS });
  });

  it('lets expiry pass when the credential would die before it is left', () => {
    const given = { policy: { deny: [FREEZE] }, record: expiring(NOW + 2 * HOUR_MS) };
    expect(stopping('expiry', given)).toBeUndefined();
  });

  it('holds expiry back when the credential outlives it', () => {
    const given = { policy: { deny: [FREEZE] }, record: expiring(NOW + 2 * HOUR_MS + 1) };
    expect(stopping('expiry', given)).toBe('deny-window');
  });

  it('lets expiry pass outside every allow window when the credential would die before the next', () => {
    const given = { policy: { allow: [NIGHT] }, record: expiring(NOW + 9 * HOUR_MS) };
    expect(stopping('expiry', given)).toBeUndefined();
  });

  it('lets a rotation that was opened for another reason pass when the credential would die before it is left', () => {
    const given = { policy: { deny: [FREEZE] }, record: expiring(NOW + HOUR_MS) };
    for (const trigger of UNASKED) expect(stopping(trigger, given)).toBeUndefined();
  });

  it('holds max-age back unless maxAgeOverridesDeny', () => {
    const policy = { deny: [FREEZE], maxAgeMs: HOUR_MS };
    expect(stopping('max-age', { policy, record: old })).toBe('deny-window');
    const overriding = { ...policy, maxAgeOverridesDeny: true };
    expect(stopping('max-age', { policy: overriding, record: old })).toBeUndefined();
  });

  it('lets nothing but age pass because of maxAgeOverridesDeny', () => {
    const policy = { deny: [FREEZE], maxAgeMs: HOUR_MS + 1, maxAgeOverridesDeny: true };
    expect(stopping('schedule', { policy, record: old })).toBe('deny-window');
    expect(stopping('expiry', { policy, record: old })).toBe('deny-window');
  });

  it('lets a rotation that was opened for another reason pass once maxAgeOverridesDeny would open one', () => {
    const policy = { deny: [FREEZE], maxAgeMs: HOUR_MS, maxAgeOverridesDeny: true };
    expect(stopping('schedule', { policy, record: old })).toBeUndefined();
  });

  it('holds max-age back outside the allow windows whatever maxAgeOverridesDeny says', () => {
    const policy = { allow: [NIGHT], maxAgeMs: HOUR_MS, maxAgeOverridesDeny: true };
    expect(stopping('max-age', { policy, record: old })).toBe('deny-window');
  });

  it('ends for max-age with the allow window’s opening where maxAgeOverridesDeny', () => {
    const late: Window = { opens: { pattern: '0 22 * * *', zone: 'UTC' }, durationMs: HOUR_MS / 2 };
    const policy = { allow: [NIGHT], deny: [late], maxAgeMs: HOUR_MS };
    const until = (changes: Partial<Account>) =>
      mintHold(known({ policy: { ...policy, ...changes }, record: old }), due('max-age'))?.until;
    expect(until({ maxAgeOverridesDeny: true })).toBe(NOW + 10 * HOUR_MS);
    expect(until({ maxAgeOverridesDeny: false })).toBe(NOW + 10.5 * HOUR_MS);
  });

  it('does not stop the second mint of a rotation whose credential was lost', () => {
    const given = { policy: { deny: [FREEZE] }, record: { rotation: { ...OPEN, lost: true } } };
    expect(stopping('schedule', given)).toBeUndefined();
  });
});

describe('what lifts a hold', () => {
  it('names the account, the target and the provider, so that it can be typed as it stands', () => {
    const foreign = { ...shared('foreign', 'files:a'), target: 'files:a' };
    expect(liftedBy(foreign, 'billing')).toContain('rekeyd accept billing files:a --reason');
    expect(liftedBy(shared('frozen', 'kronup'), 'billing')).toContain('rekeyd unfreeze kronup --reason');
  });
});
