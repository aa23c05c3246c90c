/** What happened, and its forgetting. */
import { expect, it } from 'vitest';
import type { Journal } from '../../../src/ports/journal.ts';
import {
  claimOne,
  commitOf,
  configure,
  fact,
  NOW,
  policy,
  request,
  rotation,
  type Open,
} from './builders.ts';

const DAY_MS = 86_400_000;

export function historyContract(open: Open): void {
  factsContract(open);
  rotationsContract(open);
  pruneContract(open);
}

/** Commits one fact a number, each at its own instant, and leaves the account due. */
async function happen(journal: Journal, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const claimed = await claimOne(journal);
    await journal.commit(commitOf(claimed, [fact(number, { at: NOW + number })], { dueAt: NOW }));
  }
}

function factsContract(open: Open): void {
  it('keeps facts as they were, newest first, page by page', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await happen(journal, [1, 2, 3]);
    const first = await journal.facts({ account: 'a', limit: 2 });
    expect(first.items).toEqual([fact(3, { at: NOW + 3 }), fact(2, { at: NOW + 2 })]);
    const second = await journal.facts({ account: 'a', limit: 2, after: first.next ?? '' });
    expect(second).toEqual({ items: [fact(1, { at: NOW + 1 })] });
  });

  it('keeps the facts of one account apart from those of another', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b', { priority: -1 })]);
    await happen(journal, [1]);
    expect((await journal.facts({ account: 'a', limit: 9 })).items).toHaveLength(1);
    expect(await journal.facts({ account: 'b', limit: 9 })).toEqual({ items: [] });
    expect(await journal.facts({ account: 'nobody', limit: 9 })).toEqual({ items: [] });
  });
}

function rotationsContract(open: Open): void {
  it('keeps a rotation with its steps and facts, as they were last committed', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    const begun = { rotation: 'r1', step: 'mint', attempts: 1, startedAt: NOW };
    const delivered = { ...begun, step: 'deliver', target: 'files:/run/a', startedAt: NOW + 1 };
    const opened = commitOf(claimed, [fact(1, { rotation: 'r1' })], {
      rotation: rotation('r1', claimed, { slot: NOW }),
      steps: [begun, delivered],
      release: false,
    });
    await journal.commit(opened);
    const closed = rotation('r1', claimed, {
      slot: NOW,
      cause: { actor: 'socket:1', reason: 'leaked' },
      mintedAt: NOW + 1,
      closedAt: NOW + 5,
      outcome: 'succeeded',
      fingerprint: '0123456789abcdef',
      darkWindowMs: 4,
      estimated: false,
      failure: 'none of note',
    });
    const ended = { ...begun, attempts: 2, endedAt: NOW + 2, outcome: 'succeeded' };
    const next = { ...claimed, version: 1, record: opened.record };
    await journal.commit(
      commitOf(next, [fact(2), fact(3, { rotation: 'r1' })], { rotation: closed, steps: [ended] }),
    );
    expect(await journal.rotation('r1')).toEqual({
      rotation: closed,
      steps: [ended, delivered],
      facts: [fact(1, { rotation: 'r1' }), fact(3, { rotation: 'r1' })],
    });
  });

  it('lists rotations newest first, of all accounts or of one', async () => {
    await using journal = await open();
    await configure(journal, [policy('a'), policy('b', { priority: -1 })]);
    const a = await claimOne(journal);
    const b = await claimOne(journal);
    const keep = { release: false };
    for (const id of ['r1', 'r3'])
      await journal.commit(commitOf(a, [], { ...keep, rotation: rotation(id, a) }));
    await journal.commit(commitOf(b, [], { ...keep, rotation: rotation('r2', b) }));
    const first = await journal.rotations({ limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(['r3', 'r2']);
    const second = await journal.rotations({ limit: 2, after: first.next ?? '' });
    expect(second).toEqual({ items: [rotation('r1', a)] });
    const ofA = await journal.rotations({ account: 'a', limit: 9 });
    expect(ofA.items.map(({ id }) => id)).toEqual(['r3', 'r1']);
    expect(await journal.rotations({ account: 'nobody', limit: 9 })).toEqual({ items: [] });
    expect(await journal.rotation('r9')).toBeUndefined();
  });
}

/** Before every day. */
const NO_DAY = '0000-00-00';
/** After all that happens. */
const LATER = NOW + 1_000;

function pruneContract(open: Open): void {
  it('forgets the facts before an instant, and none behind one that is kept', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await happen(journal, [1, 2, 9, 3, 10]);
    const pruned = await journal.prune({
      now: LATER,
      before: NOW + 5,
      requestsBefore: 0,
      callsBefore: NO_DAY,
    });
    expect(pruned).toEqual({ facts: 2, rotations: 0 });
    const left = await journal.facts({ account: 'a', limit: 9 });
    expect(left.items.map(({ at }) => at - NOW)).toEqual([10, 3, 9]);
    expect(await journal.account('a')).toMatchObject({ version: 5, record: { slot: 10 } });
  });

  it('forgets facts from a clock that was ahead with those that follow them, and not before', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await happen(journal, [5_000, 1, 6_000, 8]);
    const given = { requestsBefore: 0, callsBefore: NO_DAY };
    expect(await journal.prune({ now: NOW + 10, before: NOW + 1, ...given })).toMatchObject({ facts: 0 });
    expect(await journal.prune({ now: NOW + 10, before: NOW + 5, ...given })).toMatchObject({ facts: 2 });
    const left = await journal.facts({ account: 'a', limit: 9 });
    expect(left.items.map(({ at }) => at - NOW)).toEqual([8, 6_000]);
  });

  it('forgets rotations that were closed before, and no open ones', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    const rows = [
      rotation('open', claimed),
      rotation('old', claimed, { closedAt: NOW + 1, outcome: 'abandoned' }),
      rotation('young', claimed, { closedAt: NOW + 9, outcome: 'succeeded' }),
    ];
    for (const row of rows) {
      const steps = [{ rotation: row.id, step: 'mint', attempts: 1, startedAt: NOW }];
      await journal.commit(commitOf(claimed, [], { rotation: row, steps, release: false }));
    }
    expect(
      await journal.prune({ now: LATER, before: NOW + 5, requestsBefore: 0, callsBefore: NO_DAY }),
    ).toEqual({
      facts: 0,
      rotations: 1,
    });
    const left = (await journal.rotations({ limit: 9 })).items.map(({ id }) => id);
    expect(left).toEqual(['young', 'open']);
  });

  it('forgets more than fits into one piece', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const facts = Array.from({ length: 1_300 }, (_, index) => fact(index));
    await journal.commit(commitOf(await claimOne(journal), facts));
    expect(
      await journal.prune({ now: LATER, before: NOW + 1, requestsBefore: 0, callsBefore: NO_DAY }),
    ).toMatchObject({
      facts: 1_300,
    });
  });

  it('forgets requests that were answered, and none that waits', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    const ids = ['answered', 'waiting'];
    await journal.request(
      ids.map((id) => request(id, claimed.id)),
      NOW,
    );
    await journal.request([request('young', claimed.id)], NOW + DAY_MS);
    const answers = ['answered', 'young'].map((id) => ({ id, state: 'taken' as const }));
    await journal.commit(commitOf(claimed, [], { requests: answers }));
    await journal.prune({ now: LATER, before: 0, requestsBefore: NOW + 1, callsBefore: NO_DAY });
    const states = await Promise.all(['answered', 'waiting', 'young'].map((id) => journal.requestState(id)));
    expect(states.map((state) => state?.state)).toEqual([undefined, 'waiting', 'taken']);
  });

  it('forgets the calls of days before one, whoever made them', async () => {
    await using journal = await open();
    const days = ['2026-01-03', '2026-01-04', '2026-01-05'];
    const callers = ['manager', 'abc'];
    const sums = (calls: number) =>
      Promise.all(
        callers.flatMap((caller) =>
          days.map((day) => journal.addCalls({ provider: 'kronup', caller, day, calls })),
        ),
      );
    await sums(3);
    await journal.prune({ now: LATER, before: 0, requestsBefore: 0, callsBefore: '2026-01-04' });
    expect(await sums(0)).toEqual([0, 3, 3, 0, 3, 3]);
  });
}
