/** What somebody asked for, until it is answered. */
import { expect, it } from 'vitest';
import {
  claim,
  claimOne,
  commitOf,
  configure,
  fact,
  idOf,
  NOW,
  policy,
  request,
  settleAll,
  type Open,
} from './builders.ts';

export function requestsContract(open: Open): void {
  idContract(open);
  dueContract(open);
}

function idContract(open: Open): void {
  it('adds a request of one id once, and answers the first', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const id = await idOf(journal, 'a');
    const [first] = await journal.request([request('r', id)], NOW);
    const [second] = await journal.request([request('r', id, { does: 'pause' })], NOW + 5);
    expect(second).toEqual(first);
    expect(first).toEqual({ ...request('r', id), at: NOW, state: 'waiting' });
    expect((await claimOne(journal)).requests).toHaveLength(1);
  });

  it('adds none of several requests when one id is known to ask for something else', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const id = await idOf(journal, 'a');
    await journal.request([request('last', id, { does: 'pause' })], NOW);
    // More than are added in one piece.
    const ids = Array.from({ length: 500 }, (_, index) => `r${index}`);
    const states = await journal.request(
      [...ids, 'last'].map((each) => request(each, id)),
      NOW + 5,
    );
    expect(states).toEqual([{ ...request('last', id, { does: 'pause' }), at: NOW, state: 'waiting' }]);
    expect(await journal.requestState('r0')).toBeUndefined();
  });

  it('adds a request of one id once, however many ask together', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const id = await idOf(journal, 'a');
    await Promise.all([1, 2, 3].map(() => journal.request([request('r', id), request('r', id)], NOW)));
    expect((await claimOne(journal)).requests).toHaveLength(1);
  });

  it('remembers the answer, and does not do it again', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const id = await idOf(journal, 'a');
    await journal.request([request('r', id), request('s', id)], NOW);
    const claimed = await claimOne(journal);
    await journal.commit(
      commitOf(claimed, [fact(1)], {
        requests: [
          { id: 'r', state: 'taken', rotation: 'rotation-1' },
          { id: 's', state: 'refused', why: 'it is closed' },
        ],
      }),
    );
    const [again] = await journal.request([request('r', id)], NOW + 1);
    expect(again).toMatchObject({ state: 'taken', rotation: 'rotation-1' });
    expect(await journal.requestState('s')).toMatchObject({ state: 'refused', why: 'it is closed' });
    expect(await journal.requestState('unknown')).toBeUndefined();
    expect(await claim(journal, { now: NOW + 1 })).toEqual([]);
  });

  it('answers none of it with a commit that is stale', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const id = await idOf(journal, 'a');
    await journal.request([request('r', id)], NOW);
    const claimed = await claimOne(journal);
    await journal.commit(
      commitOf({ ...claimed, fence: claimed.fence - 1 }, [], { requests: [{ id: 'r', state: 'taken' }] }),
    );
    expect(await journal.requestState('r')).toMatchObject({ state: 'waiting' });
  });
}

function dueContract(open: Open): void {
  it('makes the account due, and keeps when it would have been due anyway', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await settleAll(journal, NOW + 9_000);
    await journal.request([request('r', await idOf(journal, 'a'))], NOW + 1);
    expect(await journal.nextDueAt()).toBe(NOW + 1);
    expect(await claimOne(journal, { now: NOW + 1 })).toMatchObject({
      dueAt: NOW + 9_000,
      dueWhy: 'slot',
      requests: [{ id: 'r', account: await idOf(journal, 'a') }],
    });
  });

  it('hands requests over oldest first', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const id = await idOf(journal, 'a');
    await journal.request([request('z', id)], NOW);
    await journal.request([request('a', id, { does: 'accept', target: 'files:/run/a' })], NOW + 1);
    const { requests } = await claimOne(journal, { now: NOW + 1 });
    expect(requests.map((one) => one.id)).toEqual(['z', 'a']);
    expect(requests[1]).toMatchObject({ does: 'accept', target: 'files:/run/a' });
  });

  it('makes an account that is claimed due as soon as it is given back', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const claimed = await claimOne(journal);
    await journal.request([request('r', claimed.id)], NOW + 1);
    expect(await claim(journal, { now: NOW + 1 })).toEqual([]);
    await journal.commit(commitOf(claimed, [], { dueAt: NOW + 9_000 }));
    expect(await claim(journal, { now: NOW + 1 })).toMatchObject([{ requests: [{ id: 'r' }] }]);
  });

  it('does not make it due again for a request that its holder has seen and left to wait', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await journal.request([request('r', await idOf(journal, 'a'))], NOW);
    await journal.commit(commitOf(await claimOne(journal), [fact(1)], { dueAt: NOW + 9_000 }));
    expect(await journal.nextDueAt()).toBe(NOW + 9_000);
    expect((await claimOne(journal, { now: NOW + 9_000 })).requests).toHaveLength(1);
  });

  it('is handed over again when its holder died before it answered', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    await settleAll(journal);
    await journal.request([request('r', await idOf(journal, 'a'))], NOW);
    const { leaseUntil } = await claimOne(journal);
    expect((await claimOne(journal, { now: leaseUntil })).requests).toHaveLength(1);
  });

  it('takes any number at once', async () => {
    await using journal = await open();
    await configure(journal, [policy('a')]);
    const id = await idOf(journal, 'a');
    const many = Array.from({ length: 450 }, (_, index) => request(`r${index}`, id));
    const states = await journal.request(many, NOW);
    expect(states.map((state) => state.id)).toEqual(many.map((one) => one.id));
  });
}
