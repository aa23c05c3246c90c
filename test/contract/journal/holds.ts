/** Holds and budgets that accounts share. */
import { expect, it } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import {
  claim,
  claimOne,
  commitOf,
  configure,
  fact,
  hold,
  namesOf,
  NOW,
  policy,
  settleAll,
  target,
  type Open,
} from './builders.ts';

export function holdsContract(open: Open): void {
  sharedContract(open);
  liftContract(open);
  wakeContract(open);
  budgetContract(open);
  grantContract(open);
}

function sharedContract(open: Open): void {
  it('keeps one hold a kind and subject, the last', async () => {
    await using journal = await open();
    await journal.hold(hold('store-down', 'aws'));
    await journal.hold(hold('manager-refused', 'kronup', { until: NOW + 1 }));
    const last = hold('store-down', 'aws', { since: NOW + 1, reason: 'again' });
    await journal.hold(last);
    expect(await journal.shared()).toEqual({
      holds: [hold('manager-refused', 'kronup', { until: NOW + 1 }), last],
    });
  });

  it('answers the hold that was lifted, and nothing where there was none', async () => {
    await using journal = await open();
    await journal.hold(hold('store-down', 'aws'));
    expect(await journal.lift('store-down', 'files', NOW)).toBeUndefined();
    expect(await journal.lift('store-down', 'aws', NOW)).toEqual(hold('store-down', 'aws'));
    expect(await journal.lift('store-down', 'aws', NOW)).toBeUndefined();
    expect(await journal.shared()).toEqual({ holds: [] });
  });
}

function liftContract(open: Open): void {
  it('makes the accounts with a target in the store due, and no others', async () => {
    await using journal = await open();
    await configure(journal, [
      policy('in'),
      policy('also', { targets: [target('x', 'aws'), target('/run/also')] }),
      policy('out', { targets: [target('y', 'aws')] }),
    ]);
    await settleAll(journal);
    await journal.hold(hold('store-down', 'files'));
    await journal.lift('store-down', 'files', NOW + 5);
    expect(namesOf(await claim(journal, { now: NOW + 5 })).toSorted()).toEqual(['also', 'in']);
  });

  it('makes the accounts of the provider due, and no others', async () => {
    await using journal = await open();
    await configure(journal, [policy('in'), policy('out', { provider: 'keycard' })]);
    await settleAll(journal, NOW + 9_000);
    await journal.hold(hold('manager-refused', 'kronup'));
    await journal.lift('manager-refused', 'kronup', NOW + 5);
    expect(await claim(journal, { now: NOW + 5 })).toMatchObject([
      { policy: { name: 'in' }, dueAt: NOW + 9_000 },
    ]);
  });

  it('makes each of many accounts due', async () => {
    await using journal = await open();
    const names = Array.from({ length: 1_200 }, (_, index) => `a${index}`);
    await configure(
      journal,
      names.map((name) => policy(name)),
    );
    let settled = 0;
    while (settled < names.length) {
      await settleAll(journal);
      settled += 100;
    }
    await journal.hold(hold('store-down', 'files'));
    await journal.lift('store-down', 'files', NOW + 5);
    const woken = new Set<string>();
    while (woken.size < names.length) {
      for (const name of namesOf(await claim(journal, { now: NOW + 5 }))) woken.add(name);
    }
    expect(woken.size).toBe(names.length);
  });
}

function wakeContract(open: Open): void {
  it('makes all accounts due, whenever they would have been', async () => {
    await using journal = await open();
    await configure(journal, [policy('one'), policy('two')]);
    await settleAll(journal);
    expect(await claim(journal, { now: NOW })).toEqual([]);
    await journal.wakeAll(NOW);
    expect(namesOf(await claim(journal, { now: NOW })).toSorted()).toEqual(['one', 'two']);
  });

  it('knows when the newest fact was noted', async () => {
    await using journal = await open();
    expect(await journal.newestAt()).toBeUndefined();
    await configure(journal, [policy('one')]);
    const claimed = await claimOne(journal);
    await journal.commit(commitOf(claimed, [fact(1, { at: NOW + 1 }), fact(2)]));
    expect(await journal.newestAt()).toBe(NOW);
  });
}

function budgetContract(open: Open): void {
  it('counts calls by provider, caller and day', async () => {
    await using journal = await open();
    const calls = { provider: 'kronup', caller: 'abc', day: '2026-01-05', calls: 3 };
    expect(await journal.addCalls(calls)).toBe(3);
    expect(await journal.addCalls({ ...calls, calls: 4 })).toBe(7);
    expect(await journal.addCalls({ ...calls, day: '2026-01-06' })).toBe(3);
    expect(await journal.addCalls({ ...calls, caller: 'def' })).toBe(3);
    expect(await journal.addCalls({ ...calls, provider: 'keycard', calls: 0 })).toBe(0);
  });
}

function grantContract(open: Open): void {
  const HOUR_MS = 3_600_000;
  const fleet = (count: number, changes: Partial<Account> = {}) =>
    Array.from({ length: count }, (_, index) => policy(`${changes.provider ?? 'kronup'}-${index}`, changes));

  it('grants one mint an hour for refused credentials in a small fleet, by provider', async () => {
    await using journal = await open();
    await configure(journal, [...fleet(3), ...fleet(3, { provider: 'keycard', organisation: 'org_2' })]);
    const ask = (provider: string, now: number) => journal.grantRefused({ provider, account: 1, now });
    expect(await ask('kronup', NOW)).toEqual({ granted: true, lastHour: 0, atMost: 1, until: NOW + HOUR_MS });
    expect(await ask('kronup', NOW + 1)).toEqual({
      granted: false,
      lastHour: 1,
      atMost: 1,
      until: NOW + HOUR_MS,
    });
    expect(await ask('keycard', NOW + 1)).toMatchObject({ granted: true });
    expect(await ask('kronup', NOW + HOUR_MS - 1)).toMatchObject({ granted: false });
    expect(await ask('kronup', NOW + HOUR_MS)).toMatchObject({ granted: true, lastHour: 0 });
  });

  it('counts for an hour what was granted by a clock that was put back since', async () => {
    await using journal = await open();
    await configure(journal, [...fleet(3), ...fleet(3, { provider: 'keycard', organisation: 'org_2' })]);
    const ask = (provider: string, now: number) => journal.grantRefused({ provider, account: 1, now });
    const ahead = NOW + 45 * HOUR_MS;
    for (const provider of ['kronup', 'keycard']) expect((await ask(provider, ahead)).granted).toBe(true);
    expect(await ask('kronup', NOW)).toEqual({
      granted: false,
      lastHour: 1,
      atMost: 1,
      until: NOW + HOUR_MS,
    });
    expect(await ask('kronup', NOW + HOUR_MS - 1)).toMatchObject({ granted: false });
    expect(await ask('kronup', NOW + HOUR_MS)).toMatchObject({ granted: true, lastHour: 0 });
    expect(await ask('keycard', ahead + 1)).toMatchObject({ granted: false });
  });

  it('counts what was granted by a clock that is ahead by no more than clocks may differ where that was', async () => {
    await using journal = await open();
    await configure(journal, fleet(3));
    const ask = (now: number) => journal.grantRefused({ provider: 'kronup', account: 1, now });
    const ahead = NOW + LIMITS.clockSkewMs;
    expect(await ask(ahead)).toMatchObject({ granted: true });
    expect(await ask(NOW)).toMatchObject({ granted: false });
    expect(await ask(NOW + HOUR_MS)).toMatchObject({ granted: false });
    expect(await ask(ahead + HOUR_MS)).toMatchObject({ granted: true });
  });

  it('grants 1 % of the configured accounts, however many ask at the same moment', async () => {
    await using journal = await open();
    await configure(journal, fleet(300));
    const asked = Array.from({ length: 20 }, (_, account) =>
      journal.grantRefused({ provider: 'kronup', account, now: NOW }),
    );
    const granted = (await Promise.all(asked)).filter((grant) => grant.granted);
    expect(granted).toHaveLength(3);
    expect(granted[0]?.atMost).toBe(3);
  });
}
