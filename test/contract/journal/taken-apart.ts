/** Which rows accounts have after their ids were divided among them anew. */
import { expect, it } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import type { Fact } from '../../../src/domain/fact.ts';
import type { Journal } from '../../../src/ports/journal.ts';
import {
  claim,
  claimOne,
  commitOf,
  configure,
  configured,
  fact,
  idOf,
  NOW,
  policy,
  type Open,
} from './builders.ts';

export function takenApartContract(open: Open): void {
  it('makes two accounts of a pair that is taken apart in one file', async () => {
    await using journal = await open();
    await configure(journal, [pairOf('p', 'x', 'y')]);
    const before = await idOf(journal, 'p');
    const accounts = [single('a', 'x'), single('b', 'y')];
    expect(await apply(journal, [accounts])).toEqual({ accounts: 2, changed: 2, left: 0 });
    expect(await rowsOf(journal)).toEqual([
      ['a', before],
      ['b', await idOf(journal, 'b')],
    ]);
    const due = await claim(journal, { now: NOW + 1 });
    expect(due.map((row) => row.policy)).toEqual(accounts);
  });

  it('makes two accounts of a pair that is taken apart in two batches', async () => {
    await using journal = await open();
    await configure(journal, [pairOf('p', 'x', 'y')]);
    const applied = await apply(journal, [[single('b', 'y')], [single('a', 'x')]]);
    expect(applied).toEqual({ accounts: 2, changed: 2, left: 0 });
    expect((await rowsOf(journal)).map(([name]) => name)).toEqual(['a', 'b']);
  });

  it('leaves the record of a pair that is taken apart to the account whose credential is live', async () => {
    await using journal = await open();
    await configure(journal, [pairOf('p', 'x', 'y')]);
    await journal.commit(commitOf(await claimOne(journal), liveOf('y')));
    await apply(journal, [[single('a', 'x'), single('b', 'y')]]);
    expect(await journal.account('b')).toMatchObject({ version: 2, record: { live: { accountId: 'y' } } });
    expect(await journal.account('a')).toMatchObject({ version: 0, configured: true });
  });

  it('makes the standby of a pair an account of its own when a single account takes its place', async () => {
    await using journal = await open();
    await configure(journal, [pairOf('p', 'x', 'y'), single('s', 'z')]);
    const before = await idOf(journal, 'p');
    const applied = await apply(journal, [[pairOf('p', 'x', 'z'), single('s', 'y')]]);
    expect(applied).toMatchObject({ accounts: 2, changed: 2 });
    expect(await rowsOf(journal)).toEqual([
      ['p', before],
      ['s', await idOf(journal, 's')],
    ]);
    await apply(journal, [[single('p', 'z'), single('s', 'y')]]);
    expect(await idOf(journal, 'p')).toBe(before);
  });

  it('finds an account again by an id that another one had meanwhile', async () => {
    await using journal = await open();
    await configure(journal, [pairOf('p', 'x', 'y'), single('s', 'z')]);
    await journal.commit(commitOf(await claimOne(journal), [fact(7)]));
    await apply(journal, [[pairOf('s', 'z', 'x')]]);
    await apply(journal, [[single('s', 'z'), pairOf('p', 'x', 'y')]]);
    await apply(journal, [[single('s', 'z'), single('p', 'x')]]);
    expect(await journal.account('p')).toMatchObject({ configured: true, record: { slot: 7 } });
  });
}

function pairOf(name: string, ...accountIds: [string, string]): Account {
  return policy(name, { strategy: 'pair', accountIds });
}

function single(name: string, accountId: string): Account {
  return policy(name, { accountIds: [accountId] });
}

/** One file, in these batches. */
function apply(journal: Journal, batches: readonly (readonly Account[])[]) {
  const accounts = batches.map((batch) => batch.map(configured));
  return journal.apply([{ path: 'rekeyd.yaml', hash: JSON.stringify(batches), accounts }], NOW + 1);
}

/** Name and id of each configured account. */
async function rowsOf(journal: Journal): Promise<readonly (readonly [name: string, id: number])[]> {
  const { items } = await journal.accounts({ limit: 10 });
  return items.map(({ id, policy: { name } }) => [name, id]);
}

/** The live credential is seen, and to which of the ids it belongs. */
function liveOf(accountId: string): readonly Fact[] {
  const cause = { actor: 'rekeyd', reason: 'a test' };
  const fingerprint = '0123456789abcdef';
  return [
    { id: 'fact-1', at: NOW, cause, kind: 'account-adopted', evidence: 'none', live: fingerprint },
    { id: 'fact-2', at: NOW, cause, kind: 'live-located', fingerprint, accountId },
  ];
}
