/** Who may work on an account, and until when. */
import { expect, it } from 'vitest';
import type { Fact, FactOf } from '../../../src/domain/fact.ts';
import {
  claim,
  claimOne,
  commitOf,
  configure,
  fact,
  LEASE_MS,
  namesOf,
  NOW,
  ONE,
  policy,
  settleAll,
  target,
  TWO,
  type Open,
} from './builders.ts';

export function claimsContract(open: Open): void {
  orderContract(open);
  darkContract(open);
  leaseContract(open);
  wakingContract(open);
}

function orderContract(open: Open): void {
  it('hands an account to one holder at a time', async () => {
    await using journal = await open();
    await configure(
      journal,
      ['a', 'b', 'c', 'd'].map((name) => policy(name)),
    );
    const [first, second] = await Promise.all([
      claim(journal, { holder: ONE, limit: 3 }),
      claim(journal, { holder: TWO, limit: 3 }),
    ]);
    expect(namesOf([...first, ...second]).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('hands out the highest priority first, then what has been due for longest', async () => {
    await using journal = await open();
    await configure(journal, [policy('late'), policy('urgent', { priority: 5 })], NOW);
    await configure(
      journal,
      [policy('late'), policy('urgent', { priority: 5 }), policy('later'), policy('base', { priority: -1 })],
      NOW + 1,
    );
    const claims = await claim(journal, { now: NOW + 1 });
    expect(namesOf(claims)).toEqual(['urgent', 'late', 'later', 'base']);
  });

  it('takes the best across providers, and no more than asked for', async () => {
    await using journal = await open();
    await configure(journal, [
      policy('a', { provider: 'one' }),
      policy('b', { provider: 'two', priority: 1 }),
      policy('c', { provider: 'one', priority: 2 }),
    ]);
    expect(namesOf(await claim(journal, { limit: 2 }))).toEqual(['c', 'b']);
  });

  it('leaves out providers that have no room', async () => {
    await using journal = await open();
    await configure(journal, [policy('a', { provider: 'full' }), policy('b', { provider: 'free' })]);
    expect(namesOf(await claim(journal, { exceptProviders: ['full'] }))).toEqual(['b']);
    expect(await journal.nextDueAt({ exceptProviders: ['full'] })).toBe(NOW + LEASE_MS);
    expect(await journal.nextDueAt()).toBe(NOW);
  });

  it('does not hand out what is due later', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await settleAll(journal, NOW + 1_000);
    expect(await claim(journal, { now: NOW + 999 })).toEqual([]);
    expect(await claim(journal, { now: NOW + 1_000 })).toMatchObject([
      { dueAt: NOW + 1_000, dueWhy: 'slot' },
    ]);
  });
}

function darkContract(open: Open): void {
  it('hands out whoever may be dark before all others, until that is over', async () => {
    await using journal = await open();
    const policies = [policy('begun', { priority: -1 }), policy('other', { priority: 5 })];
    await configure(journal, policies);
    const names = async () => {
      const claims = await claim(journal);
      for (const one of claims) await journal.commit(commitOf(one, [], { dueAt: NOW }));
      return namesOf(claims);
    };
    const commitBegun = async (...facts: Fact[]) => {
      for (const one of await claim(journal)) {
        const its = one.policy.name === 'begun' ? facts : [];
        await journal.commit(commitOf(one, its, { dueAt: NOW }));
      }
    };
    const rotation = 'rotation-1';
    const { slot: _, ...some } = fact(1, { rotation }) as FactOf<'slot-skipped'>;
    await commitBegun(
      { ...some, kind: 'rotation-opened', trigger: 'manual', dueAt: NOW },
      { ...some, kind: 'mint-intended', attempt: 1, targets: [target('/run/begun')] },
    );
    expect(await names()).toEqual(['begun', 'other']);
    await configure(journal, [policy('begun', { priority: -2 }), policy('other', { priority: 5 })]);
    expect(await names()).toEqual(['begun', 'other']);
    await commitBegun({ ...some, kind: 'mint-settled', attempt: 1 });
    expect(await names()).toEqual(['other', 'begun']);
  });
}

function leaseContract(open: Open): void {
  it('lets a lease that has run out be taken over under a greater fence', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const first = await claimOne(journal, { holder: ONE });
    expect(await claim(journal, { holder: TWO, now: NOW + LEASE_MS - 1 })).toEqual([]);
    const second = await claimOne(journal, { holder: TWO, now: NOW + LEASE_MS });
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(second.leaseUntil).toBe(NOW + 2 * LEASE_MS);
  });

  it('lengthens the leases that are still held, and no others', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b')]);
    const [kept, lost] = await claim(journal, { holder: ONE });
    if (kept === undefined || lost === undefined) throw new Error('two accounts are due');
    await journal.commit(commitOf(lost, []));
    const claims = [kept, lost].map(({ id, fence }) => ({ account: id, fence }));
    expect(await journal.renew({ claims, leaseUntil: NOW + 5 * LEASE_MS })).toEqual([kept.id]);
    expect(await claim(journal, { holder: TWO, now: NOW + 4 * LEASE_MS })).toEqual([]);
  });

  it('knows when the next lease ends', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await claimOne(journal);
    expect(await journal.nextDueAt()).toBe(NOW + LEASE_MS);
  });

  it('gives a claim back without a commit', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const { id, fence } = await claimOne(journal, { holder: ONE });
    await journal.release({ account: id, fence, dueAt: NOW + 10, dueWhy: 'retry' });
    expect(await journal.nextDueAt()).toBe(NOW + 10);
    expect(await claimOne(journal, { holder: TWO, now: NOW + 10 })).toMatchObject({
      version: 0,
      dueWhy: 'retry',
    });
  });

  it('does not give back what another holder has taken over', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const stale = await claimOne(journal, { holder: ONE });
    await claimOne(journal, { holder: TWO, now: NOW + LEASE_MS });
    await journal.release({ account: stale.id, fence: stale.fence, dueAt: NOW, dueWhy: 'retry' });
    expect(await claim(journal, { now: NOW + LEASE_MS + 1 })).toEqual([]);
  });
}

function wakingContract(open: Open): void {
  it('knows the first instant at which anything is due, and none where nothing is', async () => {
    await using journal = await open();
    expect(await journal.nextDueAt()).toBeUndefined();
    await configure(journal, [policy('a'), policy('b')]);
    expect(await journal.nextDueAt()).toBe(NOW);
    await settleAll(journal);
    expect(await journal.nextDueAt()).toBeUndefined();
  });
}
