/** Who names a consumer, and what each account lets the others know: kept with commits, asked before a consumer is. */
import { expect, it } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import type { Joining, Together } from '../../../src/domain/refresh.ts';
import type { Journal } from '../../../src/ports/journal.ts';
import { restart } from '../../builders/account.ts';
import { claim, claimOne, commitOf, configure, hold, NOW, policy, target, type Open } from './builders.ts';

const { id: CONSUMER } = restart();

/** An account whose target is read by this consumer. */
function naming(name: string, onUnhealthy: 'report' | 'hold' = 'report'): Account {
  return policy(name, { targets: [{ ...target(`/run/${name}`), consumers: [restart({ onUnhealthy })] }] });
}

/** Each of these accounts says this to the others. */
async function tell(journal: Journal, said: Readonly<Record<string, Partial<Joining>>>): Promise<void> {
  for (const claimed of await claim(journal)) {
    const joining = { consumer: CONSUMER, coming: false, behind: false, ...said[claimed.policy.name] };
    await journal.commit(commitOf(claimed, [], { dueAt: NOW, dueWhy: 'retry', joinings: [joining] }));
  }
}

async function idOf(journal: Journal, name: string): Promise<number> {
  return (await journal.account(name))?.id ?? 0;
}

async function together(journal: Journal, name: string, soon = NOW): Promise<Together> {
  return await journal.together({ consumer: CONSUMER, account: await idOf(journal, name), soon });
}

export function consumersContract(open: Open): void {
  groupContract(open);
  heldContract(open);
}

function groupContract(open: Open): void {
  it('says nothing of accounts that have said nothing', async () => {
    await using journal = await open();
    await configure(journal, [naming('a'), naming('b')]);
    expect(await together(journal, 'a')).toEqual({ coming: false });
  });

  it('says of the others alone whether one has a value on the way, and the newest need of all', async () => {
    await using journal = await open();
    await configure(journal, [naming('a'), naming('b'), policy('c')]);
    await tell(journal, { a: { coming: true, neededAt: NOW + 7 }, b: { neededAt: NOW + 5 } });
    expect(await together(journal, 'a')).toEqual({ coming: false, neededAt: NOW + 7 });
    expect(await together(journal, 'b')).toEqual({ coming: true, neededAt: NOW + 7 });
  });

  it('counts those that begin a rotation soon, but not the asking one', async () => {
    await using journal = await open();
    await configure(journal, [naming('a'), naming('b')]);
    await tell(journal, { b: { dueAt: NOW + 60 } });
    expect(await together(journal, 'a', NOW + 59)).toEqual({ coming: false });
    expect(await together(journal, 'a', NOW + 60)).toEqual({ coming: true });
    expect(await together(journal, 'b', NOW + 60)).toEqual({ coming: false });
  });

  it('forgets what was said where an account names the consumer no longer, and keeps it where it does', async () => {
    await using journal = await open();
    await configure(journal, [naming('a'), naming('b')]);
    await tell(journal, { b: { coming: true, neededAt: NOW + 5 } });
    await configure(journal, [naming('a'), { ...naming('b'), jitterMs: 1 }]);
    expect(await together(journal, 'a')).toEqual({ coming: true, neededAt: NOW + 5 });
    await configure(journal, [naming('a'), policy('b')]);
    expect(await together(journal, 'a')).toEqual({ coming: false });
  });

  it('writes nothing of a stale commit, nor of a consumer that the account does not name', async () => {
    await using journal = await open();
    await configure(journal, [naming('a'), policy('b')]);
    const joinings = [{ consumer: CONSUMER, coming: true, behind: true }];
    for (const claimed of await claim(journal)) {
      const fence = claimed.policy.name === 'a' ? claimed.fence - 1 : claimed.fence;
      await journal.commit(commitOf({ ...claimed, fence }, [], { joinings }));
    }
    expect(await together(journal, 'a')).toEqual({ coming: false });
    expect(await together(journal, 'b')).toEqual({ coming: false });
    expect((await journal.summary(NOW)).consumersBehind).toBe(0);
  });

  it('counts the configured accounts of which a consumer is behind', async () => {
    await using journal = await open();
    await configure(journal, [naming('a'), naming('b'), naming('c')]);
    await tell(journal, { a: { behind: true }, b: { behind: true } });
    expect((await journal.summary(NOW)).consumersBehind).toBe(2);
    await configure(journal, [naming('a'), naming('c')]);
    expect((await journal.summary(NOW)).consumersBehind).toBe(1);
  });
}

function heldContract(open: Open): void {
  it('says whether a configured account waits while the consumer is unhealthy', async () => {
    await using journal = await open();
    await configure(journal, [naming('a'), naming('b', 'hold')]);
    expect(await journal.isWaitedFor(CONSUMER)).toBe(true);
    await configure(journal, [naming('a'), naming('b')]);
    expect(await journal.isWaitedFor(CONSUMER)).toBe(false);
    await configure(journal, [naming('a', 'hold')]);
    await configure(journal, [policy('c')]);
    expect(await journal.isWaitedFor(CONSUMER)).toBe(false);
  });

  it('shows and counts as held those that wait, and makes them due when the hold is lifted', async () => {
    await using journal = await open();
    await configure(journal, [naming('a'), naming('b', 'hold'), policy('c')]);
    await journal.hold(hold('consumer-unhealthy', CONSUMER));
    const filter = { limit: 10, hold: 'consumer-unhealthy' } as const;
    const names = (await journal.accounts(filter)).items.map((row) => row.policy.name);
    expect(names).toEqual(['b']);
    expect((await journal.summary(NOW)).held).toEqual({ 'consumer-unhealthy': 1 });
    for (const claimed of await claim(journal)) await journal.commit(commitOf(claimed));
    expect(await claim(journal)).toEqual([]);
    await journal.lift('consumer-unhealthy', CONSUMER, NOW);
    expect((await claimOne(journal)).policy.targets[0].consumers).toBeDefined();
  });
}
