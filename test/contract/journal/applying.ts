/** How a configuration becomes rows. */
import { expect, it } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import type { ApplyFile } from '../../../src/ports/journal.ts';
import {
  claim,
  claimOne,
  commitOf,
  configure,
  configured,
  fact,
  idOf,
  namesOf,
  NOW,
  policy,
  settleAll,
  target,
  type Open,
} from './builders.ts';

export function applyingContract(open: Open): void {
  newContract(open);
  changedContract(open);
  identityContract(open);
  leftContract(open);
  filesContract(open);
  foundContract(open);
}

function file(path: string, hash: string, accounts: readonly Account[]): ApplyFile {
  return { path, hash, accounts: [accounts.map(configured)] };
}

function newContract(open: Open): void {
  it('writes new accounts, which are due at once', async () => {
    await using journal = await open();
    const applied = await journal.apply([file('f', '1', [policy('a'), policy('b')])], NOW);
    expect(applied).toEqual({ accounts: 2, changed: 2, left: 0 });
    expect(await claim(journal)).toMatchObject([
      { policy: policy('a'), version: 0, dueAt: NOW, configured: true, policyChanged: false },
      { policy: policy('b') },
    ]);
  });

  it('takes accounts as they come, in batches, as arrays or as text', async () => {
    await using journal = await open();
    async function* batches() {
      yield await Promise.resolve([configured(policy('a'))]);
      yield JSON.stringify([configured(policy('b')), configured(policy('c'))]);
      yield Array.from({ length: 300 }, (_, index) => configured(policy(`d${index}`)));
    }
    const applied = await journal.apply([{ path: 'f', hash: '1', accounts: batches() }], NOW);
    expect(applied).toEqual({ accounts: 303, changed: 303, left: 0 });
    expect((await journal.account('c'))?.policy).toEqual(policy('c'));
  });
}

function changedContract(open: Open): void {
  it('leaves what is unchanged alone', async () => {
    await using journal = await open();
    await journal.apply([file('f', '1', [policy('a'), policy('b')])], NOW);
    await settleAll(journal);
    const changed = policy('b', { priority: 3 });
    const applied = await journal.apply([file('f', '2', [policy('a'), changed])], NOW + 1);
    expect(applied).toEqual({ accounts: 2, changed: 1, left: 0 });
    expect(namesOf(await claim(journal, { now: NOW + 1 }))).toEqual(['b']);
  });

  it('makes a changed account due under its new policy, and keeps its record', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await journal.commit(commitOf(await claimOne(journal), [fact(7)], { dueAt: NOW + 9_000 }));
    await configure(journal, [policy('a', { jitterMs: 5 })], NOW + 1);
    const claimed = await claimOne(journal, { now: NOW + 1 });
    expect(claimed).toMatchObject({ version: 1, policyChanged: true, dueAt: NOW + 9_000 });
    expect(claimed.policy.jitterMs).toBe(5);
    expect(claimed.record.slot).toBe(7);
  });

  it('dates a schedule that is another one than before, and none that is the same', async () => {
    await using journal = await open();
    const schedule = { pattern: '0 * * * *', zone: 'UTC' };
    const datedAt = async () => (await journal.account('a'))?.policy.scheduledAt;
    await configure(journal, [policy('a', { schedule })]);
    expect(await datedAt()).toBeUndefined();
    await configure(journal, [policy('a', { schedule, jitterMs: 5 })], NOW + 1);
    expect(await datedAt()).toBeUndefined();
    const other = { schedule: { ...schedule, zone: 'Europe/Berlin' } };
    await configure(journal, [policy('a', other)], NOW + 2);
    expect((await claimOne(journal, { now: NOW + 2 })).policy).toEqual({
      ...policy('a', other),
      scheduledAt: NOW + 2,
    });
    await configure(journal, [policy('a', { ...other, jitterMs: 5 })], NOW + 3);
    expect(await datedAt()).toBe(NOW + 2);
  });

  it('says that a policy was changed until a commit under it notes that, whatever facts there were before', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const before = await claimOne(journal);
    await configure(journal, [policy('a', { jitterMs: 5 })], NOW + 1);
    await journal.commit(commitOf(before, [fact(1)], { dueAt: NOW + 9_000, policyNoted: true }));
    const after = await claimOne(journal, { now: NOW + 1 });
    expect(after.policyChanged).toBe(true);
    await journal.commit(commitOf(after, [fact(2)], { dueAt: NOW + 1 }));
    expect((await journal.account('a'))?.policyChanged).toBe(true);
    await configure(journal, [policy('a', { jitterMs: 6 })], NOW + 2);
    const last = await claimOne(journal, { now: NOW + 2 });
    await journal.commit(commitOf(last, [fact(3)], { policyNoted: true }));
    expect((await journal.account('a'))?.policyChanged).toBe(false);
  });
}

function identityContract(open: Open): void {
  it('keeps the record of an account that is renamed', async () => {
    await using journal = await open();
    await configure(journal, [policy('old')]);
    const id = await idOf(journal, 'old');
    await journal.commit(commitOf(await claimOne(journal), [fact(7)]));
    await configure(journal, [policy('new', { accountIds: ['id-of-old'] })]);
    expect(await journal.account('old')).toBeUndefined();
    expect(await journal.account('new')).toMatchObject({ id, version: 1, record: { slot: 7 } });
  });

  it('finds an account by any of its ids', async () => {
    await using journal = await open();
    const pair: Partial<Account> = { strategy: 'pair', accountIds: ['x', 'y'] };
    await configure(journal, [policy('a', pair)]);
    const id = await idOf(journal, 'a');
    await configure(journal, [policy('a', { accountIds: ['y'] })]);
    expect(await idOf(journal, 'a')).toBe(id);
    await configure(journal, [policy('a', { accountIds: ['x'] })]);
    expect(await idOf(journal, 'a')).not.toBe(id);
  });

  it('tells accounts of the same id apart by organisation and origin', async () => {
    await using journal = await open();
    await configure(journal, [
      policy('a', { accountIds: ['x'] }),
      policy('b', { accountIds: ['x'], organisation: 'org_2' }),
      policy('c', { accountIds: ['x'], origin: 'https://other.example' }),
    ]);
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => idOf(journal, name)));
    expect(new Set(ids).size).toBe(3);
  });

  it('lets two accounts swap their names', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b')]);
    const [a, b] = [await idOf(journal, 'a'), await idOf(journal, 'b')];
    await configure(journal, [
      policy('b', { accountIds: ['id-of-a'] }),
      policy('a', { accountIds: ['id-of-b'] }),
    ]);
    expect([await idOf(journal, 'b'), await idOf(journal, 'a')]).toEqual([a, b]);
  });
}

function leftContract(open: Open): void {
  it('marks accounts that left, which stay with their last policy and are due', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b')]);
    await settleAll(journal);
    const applied = await journal.apply([file('rekeyd.yaml', '2', [policy('a')])], NOW + 1);
    expect(applied).toEqual({ accounts: 1, changed: 0, left: 1 });
    expect(await claim(journal, { now: NOW + 1 })).toMatchObject([
      { policy: policy('b'), configured: false },
    ]);
  });

  it('takes an account back that had left, with its record', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b')]);
    await settleAll(journal);
    await configure(journal, [policy('a')], NOW + 1);
    await journal.commit(commitOf(await claimOne(journal, { now: NOW + 1 }), [fact(7)]));
    await configure(journal, [policy('a'), policy('b')], NOW + 2);
    expect(await claim(journal, { now: NOW + 2 })).toMatchObject([
      { policy: { name: 'b' }, configured: true, record: { slot: 7 } },
    ]);
  });

  it('dates the schedule of an account anew that had left, also where it is the same', async () => {
    await using journal = await open();
    const scheduled = { schedule: { pattern: '0 * * * *', zone: 'UTC' } };
    await configure(journal, [policy('a', scheduled)]);
    await configure(journal, [], NOW + 1);
    await configure(journal, [policy('a', scheduled)], NOW + 2);
    expect((await journal.account('a'))?.policy.scheduledAt).toBe(NOW + 2);
  });

  it('gives a name that was left to its new owner', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await configure(journal, [policy('a', { accountIds: ['another'] })]);
    expect(await journal.account('a')).toMatchObject({
      configured: true,
      policy: { accountIds: ['another'] },
    });
    expect((await journal.accounts({ limit: 10, left: true })).items).toHaveLength(2);
  });
}

function filesContract(open: Open): void {
  it('remembers under which hash each file was applied', async () => {
    await using journal = await open();
    await journal.apply([file('f', '1', [policy('a')]), file('g', '2', [])], NOW);
    expect([...(await journal.appliedFiles())]).toEqual([
      ['f', '1'],
      ['g', '2'],
    ]);
  });

  it('leaves the accounts of an unchanged file as they are', async () => {
    await using journal = await open();
    await journal.apply([file('f', '1', [policy('a')]), file('g', '1', [policy('b')])], NOW);
    await settleAll(journal);
    const applied = await journal.apply([{ path: 'f', hash: '1' }, file('g', '2', [])], NOW + 1);
    expect(applied).toEqual({ accounts: 1, changed: 0, left: 1 });
    expect(namesOf(await claim(journal, { now: NOW + 1 }))).toEqual(['b']);
  });

  it('refuses a file as unchanged that it does not know so', async () => {
    await using journal = await open();
    await expect(journal.apply([{ path: 'f', hash: '1' }], NOW)).rejects.toThrow('f was not applied');
  });

  it('lets all accounts of a file leave that is gone', async () => {
    await using journal = await open();
    await journal.apply([file('f', '1', [policy('a')]), file('g', '1', [policy('b')])], NOW);
    const applied = await journal.apply([{ path: 'f', hash: '1' }], NOW);
    expect(applied).toEqual({ accounts: 1, changed: 0, left: 1 });
    expect([...(await journal.appliedFiles()).keys()]).toEqual(['f']);
    expect((await journal.account('b'))?.configured).toBe(false);
  });

  it('does not take an account for left that moved to another file', async () => {
    await using journal = await open();
    await journal.apply([file('f', '1', [policy('a')]), file('g', '1', [policy('b')])], NOW);
    await settleAll(journal);
    const moved = [file('f', '2', []), file('g', '2', [policy('a'), policy('b')])];
    expect(await journal.apply(moved, NOW + 1)).toEqual({ accounts: 2, changed: 0, left: 0 });
    expect(await claim(journal, { now: NOW + 1 })).toEqual([]);
    expect(await journal.apply([file('g', '3', [policy('b')])], NOW + 2)).toMatchObject({ left: 1 });
  });

  it('has to be given a file again that was applied in part, even if it is changed back', async () => {
    await using journal = await open();
    await journal.apply([file('f', '1', [policy('a'), policy('b')])], NOW);
    function* broken() {
      yield [configured(policy('a', { targets: [target('/run/other')] }))];
      throw new Error('the file ends here');
    }
    await expect(journal.apply([{ path: 'f', hash: '2', accounts: broken() }], NOW)).rejects.toThrow('ends');
    expect([...(await journal.appliedFiles())]).toEqual([]);
    expect((await journal.account('b'))?.configured).toBe(true);
    await journal.apply([file('f', '1', [policy('a'), policy('b')])], NOW);
    expect((await journal.account('a'))?.policy).toEqual(policy('a'));
  });

  it('applies one configuration after the other', async () => {
    await using journal = await open();
    const [first, second] = await Promise.all([
      journal.apply([file('f', '1', [policy('a'), policy('b')])], NOW),
      journal.apply([file('f', '2', [policy('b')])], NOW),
    ]);
    expect([first.accounts, second.accounts, second.left]).toEqual([2, 1, 1]);
  });
}

function foundContract(open: Open): void {
  it('keeps what a provider showed last, for each by itself and in its order', async () => {
    await using journal = await open();
    expect(await journal.found()).toEqual(new Map());
    await journal.keepFound({ provider: 'kronup', accounts: [{ id: 'b', name: 'one' }], at: NOW });
    const accounts = [
      { id: 'b', name: 'two' },
      { id: 'a', name: 'with "quotes"' },
    ];
    await journal.keepFound({ provider: 'kronup', accounts, at: NOW + 1 });
    await journal.keepFound({ provider: 'other', accounts: [], at: NOW });
    expect(await journal.found()).toEqual(
      new Map([
        ['kronup', accounts],
        ['other', []],
      ]),
    );
  });
}
