/** Accounts as they are listed and counted. */
import { expect, it } from 'vitest';
import type { Fact } from '../../../src/domain/fact.ts';
import type { AccountFilter, Journal } from '../../../src/ports/journal.ts';
import {
  claim,
  commitOf,
  configure,
  hold,
  namesOf,
  NOW,
  policy,
  settleAll,
  target,
  type Open,
} from './builders.ts';

export function listsContract(open: Open): void {
  pagingContract(open);
  filterContract(open);
  summaryContract(open);
}

async function names(journal: Journal, filter: Partial<AccountFilter>): Promise<readonly string[]> {
  return namesOf((await journal.accounts({ limit: 100, ...filter })).items);
}

function pagingContract(open: Open): void {
  it('gives each account once, by name, page by page', async () => {
    await using journal = await open();
    const all = Array.from({ length: 2_300 }, (_, index) => `a${String(index).padStart(5, '0')}`);
    await configure(
      journal,
      all.map((name) => policy(name)),
    );
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await journal.accounts({ limit: 700, ...(after === undefined ? {} : { after }) });
      seen.push(...namesOf(page.items));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual(all);
  });

  it('says on the last page that it is the last', async () => {
    await using journal = await open();
    await configure(
      journal,
      ['a', 'b', 'c'].map((name) => policy(name)),
    );
    const first = await journal.accounts({ limit: 2 });
    expect(namesOf(first.items)).toEqual(['a', 'b']);
    const second = await journal.accounts({ limit: 2, after: first.next ?? '' });
    expect(namesOf(second.items)).toEqual(['c']);
    expect(second.next).toBeUndefined();
  });

  it('takes a name for a place in the list', async () => {
    await using journal = await open();
    await configure(
      journal,
      ['a', 'b', 'c'].map((name) => policy(name)),
    );
    expect(await names(journal, { after: 'a' })).toEqual(['b', 'c']);
  });

  it.each([0, 1_001, 1.5])('refuses a page of %d', async (limit) => {
    await using journal = await open();
    await expect(journal.accounts({ limit })).rejects.toThrow(RangeError);
  });

  it('finds no account of a name that nobody has', async () => {
    await using journal = await open();
    expect(await journal.account('nobody')).toBeUndefined();
  });
}

function filterContract(open: Open): void {
  it('filters by name, provider and labels together', async () => {
    await using journal = await open();
    await configure(journal, [
      policy('a', { labels: { team: 'x', tier: '1' } }),
      policy('b', { labels: { team: 'x' }, provider: 'keycard' }),
      policy('c', { labels: { team: 'y' } }),
    ]);
    expect(await names(journal, { names: ['c', 'a', 'nobody'] })).toEqual(['a', 'c']);
    expect(await names(journal, { provider: 'keycard' })).toEqual(['b']);
    expect(await names(journal, { labels: { team: 'x' } })).toEqual(['a', 'b']);
    expect(await names(journal, { labels: { team: 'x', tier: '1' } })).toEqual(['a']);
    expect(await names(journal, { labels: { team: 'x' }, names: ['b', 'c'] })).toEqual(['b']);
  });

  it('finds what is far down the list', async () => {
    await using journal = await open();
    const many = Array.from({ length: 2_100 }, (_, index) => policy(`a${index}`));
    await configure(journal, [...many, policy('z', { labels: { wanted: 'yes' } })]);
    const page = await journal.accounts({ limit: 10, labels: { wanted: 'yes' } });
    expect(namesOf(page.items)).toEqual(['z']);
    expect(page.next).toBeUndefined();
  });

  it('filters by hold: of the account, of a target, of its store, of its provider', async () => {
    await using journal = await open();
    await configure(journal, [
      policy('a'),
      policy('b', { targets: [target('x', 'aws')] }),
      policy('c', { provider: 'keycard' }),
    ]);
    for (const claimed of await claim(journal)) {
      const { name } = claimed.policy;
      const holds =
        name === 'a' ? [hold('parked', 'a'), hold('foreign', 'a', { target: 'files:/run/a' })] : [];
      await journal.commit(commitOf(claimed, [], { holds }));
    }
    await journal.hold(hold('store-down', 'aws'));
    await journal.hold(hold('manager-refused', 'keycard'));
    expect(await names(journal, { hold: 'parked' })).toEqual(['a']);
    expect(await names(journal, { hold: 'foreign' })).toEqual(['a']);
    expect(await names(journal, { hold: 'store-down' })).toEqual(['b']);
    expect(await names(journal, { hold: 'manager-refused' })).toEqual(['c']);
    expect(await names(journal, { hold: 'paused' })).toEqual([]);
  });

  it('finds those in trouble: held, behind, overdue, or with a store that is down', async () => {
    await using journal = await open();
    const all = ['fine', 'held', 'behind', 'overdue', 'store-down'];
    await configure(
      journal,
      all.map((name) => policy(name, name === 'store-down' ? { targets: [target('/x', 'aws')] } : {})),
    );
    for (const claimed of await claim(journal)) {
      const { name, targets } = claimed.policy;
      const facts = [adopted(claimed.id), confirmed(targets[0].id, 'f1', claimed.id)];
      const holds = name === 'held' ? [hold('parked', name)] : [];
      const dueAt = name === 'overdue' ? NOW : NOW + 100;
      const done = name === 'behind' ? facts.slice(0, 1) : facts;
      await journal.commit(commitOf(claimed, done, { holds, dueAt, release: true }));
    }
    await journal.hold(hold('store-down', 'aws'));
    const troubled = await names(journal, { troubledSince: NOW + 10 });
    expect(troubled).toEqual(['behind', 'held', 'overdue', 'store-down']);
    expect(await names(journal, { troubledSince: NOW + 100 })).toEqual(all.toSorted());
  });

  it('leaves out accounts that left, unless they are asked for', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b')]);
    await configure(journal, [policy('a')]);
    expect(await names(journal, {})).toEqual(['a']);
    expect(await names(journal, { left: true })).toEqual(['a', 'b']);
  });
}

function summaryContract(open: Open): void {
  it('counts configured accounts: all, overdue, held by kind', async () => {
    await using journal = await open();
    await configure(
      journal,
      ['a', 'b', 'c', 'd'].map((name) => policy(name)),
    );
    await settleAll(journal, NOW + 10);
    const claims = await claim(journal, { now: NOW + 10, limit: 2 });
    for (const claimed of claims) {
      const foreign = ['x', 'y'].map((id) => hold('foreign', claimed.policy.name, { target: id }));
      await journal.commit(
        commitOf(claimed, [], { holds: [hold('paused', claimed.policy.name), ...foreign] }),
      );
    }
    expect(await journal.summary(NOW + 9)).toMatchObject({ accounts: 4, overdue: 0 });
    expect(await journal.summary(NOW + 10)).toEqual({
      accounts: 4,
      overdue: 2,
      held: { paused: 2, foreign: 2 },
      notConverged: 4,
      consumersBehind: 0,
    });
  });

  it('counts the accounts that a shared hold stops, each once a kind', async () => {
    await using journal = await open();
    const both = [target('x', 'aws'), target('y', 'vault')];
    await configure(journal, [
      policy('one', { targets: [target('x', 'aws')] }),
      policy('two', { targets: [both[0] ?? target('x'), ...both.slice(1)] }),
      policy('other', { provider: 'keycard' }),
    ]);
    for (const store of ['aws', 'vault']) await journal.hold(hold('store-down', store));
    await journal.hold(hold('manager-refused', 'keycard'));
    await journal.hold(hold('clock-skew', 'all'));
    const { held } = await journal.summary(NOW);
    expect(held).toEqual({ 'store-down': 2, 'manager-refused': 1, 'clock-skew': 3 });
    await journal.lift('store-down', 'aws', NOW);
    expect((await journal.summary(NOW)).held['store-down']).toBe(1);
  });

  it('counts an account as converged when every target of its policy was confirmed to hold what is live', async () => {
    await using journal = await open();
    const targets = policy('a', { targets: [target('/1'), target('/2')] });
    await configure(journal, [targets]);
    const counts: number[] = [];
    for (const facts of [[adopted()], [confirmed('files:/1', 'f1')], [confirmed('files:/2', 'f1')]]) {
      const [claimed] = await claim(journal);
      if (claimed === undefined) throw new Error('it is due');
      await journal.commit(commitOf(claimed, facts, { dueAt: NOW }));
      counts.push((await journal.summary(NOW)).notConverged);
    }
    await configure(journal, [{ ...targets, targets: [target('/1'), target('/2'), target('/3')] }]);
    counts.push((await journal.summary(NOW)).notConverged);
    expect(counts).toEqual([1, 1, 0, 1]);
  });
}

const CAUSE = { actor: 'rekeyd' };

function adopted(account = 0): Fact {
  const body = { fingerprint: 'f1' };
  return { id: `fact-live-${account}`, at: NOW, kind: 'live-changed', cause: CAUSE, ...body };
}

function confirmed(id: string, fingerprint: string, account = 0): Fact {
  const body = { target: id, fingerprint, version: '1' };
  return { id: `fact-${id}-${account}`, at: NOW, kind: 'target-confirmed', cause: CAUSE, ...body };
}
