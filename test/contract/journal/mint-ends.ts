/** How the mints of a provider ended: kept with the commit that says so, counted once each, and forgotten at unfreezing. */
import { expect, it } from 'vitest';
import type { Hold } from '../../../src/domain/hold.ts';
import type { Commit, CommitOutcome, Journal } from '../../../src/ports/journal.ts';
import { claim, claimOne, commitOf, configure, hold, NOW, policy, TWO, type Open } from './builders.ts';

type MintEnd = NonNullable<Commit['mintEnd']>;

const LIMIT = { failures: 3, of: 5 };

/** An end of the mint number `attempt` of a rotation; it failed unless the changes say otherwise. */
function end(attempt: number, changes: Partial<MintEnd> = {}): MintEnd {
  return {
    provider: 'kronup',
    account: 'a',
    rotation: 'r',
    attempt,
    at: NOW + attempt,
    failure: 'no-answer',
    message: `lost ${attempt}`,
    limit: LIMIT,
    ...changes,
  };
}

function good(attempt: number, changes: Partial<MintEnd> = {}): MintEnd {
  const { failure: _failure, message: _message, ...mint } = end(attempt, changes);
  return mint;
}

async function commitEnd(journal: Journal, mintEnd: MintEnd): Promise<CommitOutcome> {
  const claimed = await claimOne(journal);
  return journal.commit(commitOf(claimed, [], { dueAt: NOW, dueWhy: 'retry', mintEnd }));
}

/** Commits these, one after the other; answers the holds that were set by them. */
async function commitEnds(journal: Journal, ...ends: readonly MintEnd[]): Promise<readonly Hold[]> {
  const set: Hold[] = [];
  for (const one of ends) {
    const outcome = await commitEnd(journal, one);
    if (outcome.outcome === 'committed' && outcome.frozen !== undefined) set.push(outcome.frozen);
  }
  return set;
}

export function mintEndsContract(open: Open): void {
  countingContract(open);
  freezingContract(open);
}

function countingContract(open: Open): void {
  it('freeze the provider with the failure that reaches the limit, and not before', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    expect(await commitEnds(journal, end(1), good(2), end(3), good(4))).toEqual([]);
    expect((await journal.shared()).holds).toEqual([]);
    const outcome = await commitEnd(journal, end(5));
    const frozen = hold('frozen', 'kronup', {
      since: NOW + 5,
      reason:
        '3 of the last 5 mints that nobody asked for ended refused or unknown (3 × no-answer; a). The last one: lost 5',
    });
    expect(outcome).toEqual({ outcome: 'committed', shared: { holds: [frozen] }, frozen });
    expect((await journal.shared()).holds).toEqual([frozen]);
  });

  it('count for the last ones alone', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const ends = [end(1), end(2), good(3), good(4), good(5), end(6)];
    expect(await commitEnds(journal, ...ends)).toEqual([]);
    expect(await commitEnds(journal, end(7), end(8))).toHaveLength(1);
  });

  it('count once for each rotation and attempt, the last word', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const again = [end(1), end(1), end(1), end(2), good(2), end(3), good(3)];
    expect(await commitEnds(journal, ...again)).toEqual([]);
    const other = { rotation: 'another' };
    expect(await commitEnds(journal, end(1, other))).toEqual([]);
    expect(await commitEnds(journal, end(2, other))).toHaveLength(1);
  });

  it('count for each provider by itself', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const other = { provider: 'keycard' };
    expect(await commitEnds(journal, end(1), end(2), end(3, other), end(4, other))).toEqual([]);
    expect(await commitEnds(journal, end(5, other))).toMatchObject([{ subject: 'keycard' }]);
  });

  it('never freeze it by one that was good', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await commitEnds(journal, end(1), end(2));
    expect(await commitEnds(journal, good(3, { limit: { failures: 1, of: 5 } }))).toEqual([]);
  });

  it('are counted for all holders together', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b')]);
    const one = await claimOne(journal);
    const two = await claimOne(journal, { holder: TWO });
    await journal.commit(commitOf(one, [], { mintEnd: end(1) }));
    await journal.commit(commitOf(two, [], { release: false, mintEnd: end(2, { account: 'b' }) }));
    const outcome = await journal.commit(commitOf(two, [], { mintEnd: end(3, { account: 'b' }) }));
    expect(outcome).toMatchObject({ frozen: { reason: expect.stringContaining('; b, a)') as string } });
  });

  it('are not kept where the commit is stale', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await commitEnds(journal, end(1), end(2));
    const claimed = await claimOne(journal);
    const stale = commitOf({ ...claimed, fence: claimed.fence - 1 }, [], { mintEnd: end(3) });
    expect(await journal.commit(stale)).toEqual({ outcome: 'stale' });
    expect((await journal.shared()).holds).toEqual([]);
    await journal.commit(commitOf(claimed, [], { dueAt: NOW, dueWhy: 'retry' }));
    expect(await commitEnds(journal, end(4))).toHaveLength(1);
  });
}

function freezingContract(open: Open): void {
  it('leave a hold as it is that is in force already', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const byHand = hold('frozen', 'kronup', { by: 'socket:ada', reason: 'first' });
    await journal.hold(byHand);
    expect(await commitEnds(journal, end(1), end(2), end(3), end(4))).toEqual([]);
    expect((await journal.shared()).holds).toEqual([byHand]);
  });

  it('are counted anew once the hold was lifted, and its accounts are due', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await commitEnds(journal, end(1), end(2), end(3));
    const claimed = await claimOne(journal);
    await journal.commit(commitOf(claimed));
    expect(await claim(journal)).toEqual([]);
    expect(await journal.lift('frozen', 'kronup', NOW)).toMatchObject({ kind: 'frozen', by: 'rekeyd' });
    expect(await commitEnds(journal, end(4), end(5))).toEqual([]);
    expect(await commitEnds(journal, end(6))).toHaveLength(1);
  });

  it('are not forgotten with another hold of the provider, nor where there was nothing to lift', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await commitEnds(journal, end(1), end(2));
    await journal.hold(hold('manager-refused', 'kronup'));
    await journal.lift('manager-refused', 'kronup', NOW);
    await journal.lift('frozen', 'kronup', NOW);
    expect(await commitEnds(journal, end(3))).toHaveLength(1);
  });
}
