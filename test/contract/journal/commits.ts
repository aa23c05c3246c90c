/** What a commit writes, and when it writes nothing. */
import { expect, it } from 'vitest';
import type { Journal } from '../../../src/ports/journal.ts';
import {
  claim,
  claimOne,
  commitOf,
  configure,
  fact,
  hold,
  LEASE_MS,
  NOW,
  policy,
  rotation,
  TWO,
  type Open,
} from './builders.ts';

export function commitsContract(open: Open): void {
  writingContract(open);
  staleContract(open);
  groupContract(open);
}

function writingContract(open: Open): void {
  it('keeps record, holds, due instant and version', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    const parked = hold('parked', 'a', { until: NOW + 5 });
    const foreign = hold('foreign', 'a', { target: 'files:/run/a' });
    const commit = commitOf(claimed, [fact(1), fact(2)], {
      holds: [parked, foreign],
      dueAt: NOW + 7,
      dueWhy: 'retry',
    });
    expect(await journal.commit(commit)).toEqual({ outcome: 'committed', shared: { holds: [] } });
    expect(await journal.account('a')).toEqual({
      id: claimed.id,
      version: 2,
      policy: policy('a'),
      record: commit.record,
      configured: true,
      dueAt: NOW + 7,
      dueWhy: 'retry',
      holds: [foreign, parked],
      policyChanged: false,
    });
  });

  it('replaces the holds of the account, and of no other', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b')]);
    for (const claimed of await claim(journal)) {
      const paused = hold('paused', claimed.policy.name);
      await journal.commit(commitOf(claimed, [], { holds: [paused], dueAt: NOW }));
    }
    const [a] = await claim(journal, { limit: 1 });
    if (a === undefined) throw new Error('it is due');
    await journal.commit(commitOf(a, [], { holds: [hold('parked', a.policy.name)] }));
    const kinds = await Promise.all(
      ['a', 'b'].map(async (name) => (await journal.account(name))?.holds[0]?.kind),
    );
    expect(kinds).toEqual(['parked', 'paused']);
  });

  it('keeps the claim where it is not given back', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    const first = commitOf(claimed, [fact(1)], { release: false, dueAt: NOW });
    await journal.commit(first);
    expect(await claim(journal)).toEqual([]);
    const second = commitOf({ ...claimed, version: 1, record: first.record }, [fact(2)]);
    expect(await journal.commit(second)).toMatchObject({ outcome: 'committed' });
  });

  it('answers with the holds that are shared', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const down = hold('store-down', 'files');
    await journal.hold(down);
    const claimed = await claimOne(journal);
    expect(claimed.shared).toEqual({ holds: [down] });
    expect(await journal.commit(commitOf(claimed))).toEqual({
      outcome: 'committed',
      shared: { holds: [down] },
    });
  });

  it('refuses a record that does not fit its facts', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    const wrong = { ...commitOf(claimed, [fact(1)]), record: claimed.record };
    await expect(journal.commit(wrong)).rejects.toThrow('version');
  });
}

function staleContract(open: Open): void {
  it('writes nothing under a stale fence', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const stale = await claimOne(journal);
    const fresh = await claimOne(journal, { holder: TWO, now: NOW + LEASE_MS });
    const commit = commitOf(stale, [fact(1, { rotation: 'r1' })], {
      holds: [hold('parked', 'a')],
      rotation: rotation('r1', stale),
      steps: [{ rotation: 'r1', step: 'mint', attempts: 1, startedAt: NOW }],
    });
    expect(await journal.commit(commit)).toEqual({ outcome: 'stale' });
    await expectUntouched(journal);
    expect(await journal.commit(commitOf(fresh, [fact(2)]))).toMatchObject({ outcome: 'committed' });
  });

  it('writes nothing on a stale version', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    await journal.commit(commitOf(claimed, [fact(1)], { release: false }));
    expect(await journal.commit(commitOf(claimed, [fact(2)]))).toEqual({ outcome: 'stale' });
    expect((await journal.account('a'))?.version).toBe(1);
  });

  it('writes nothing for a claim that was given back', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    await journal.commit(commitOf(claimed));
    expect(await journal.commit(commitOf(claimed, [fact(1)]))).toEqual({ outcome: 'stale' });
    await expectUntouched(journal);
  });
}

async function expectUntouched(journal: Journal): Promise<void> {
  expect(await journal.account('a')).toMatchObject({ version: 0, holds: [] });
  expect(await journal.facts({ account: 'a', limit: 10 })).toEqual({ items: [] });
  expect(await journal.rotation('r1')).toBeUndefined();
}

function groupContract(open: Open): void {
  it('commits all others that arrive together with a stale one', async () => {
    await using journal = await open();
    await configure(
      journal,
      ['a', 'b', 'c'].map((name) => policy(name)),
    );
    const claims = await claim(journal);
    const outcomes = await Promise.all(
      claims.map((claimed, index) => {
        const fence = index === 1 ? claimed.fence - 1 : claimed.fence;
        return journal.commit(commitOf({ ...claimed, fence }, [fact(index)]));
      }),
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['committed', 'stale', 'committed']);
    const versions = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => (await journal.account(name))?.version),
    );
    expect(versions).toEqual([1, 0, 1]);
  });

  it('commits all others that arrive together with one that cannot be written', async () => {
    await using journal = await open();
    await configure(
      journal,
      ['a', 'b'].map((name) => policy(name)),
    );
    const [a, b] = await claim(journal);
    if (a === undefined || b === undefined) throw new Error('two accounts are due');
    const twice = hold('parked', 'a');
    const results = await Promise.allSettled([
      journal.commit(commitOf(a, [fact(1)], { holds: [twice, twice] })),
      journal.commit(commitOf(b, [fact(2)])),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await journal.account('a')).toMatchObject({ version: 0, holds: [] });
    expect(await journal.account('b')).toMatchObject({ version: 1 });
  });
}
