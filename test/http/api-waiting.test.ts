import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketClient } from '../../src/http/client.ts';
import { listenOnSocket } from '../../src/http/socket.ts';
import type { RotationRow } from '../../src/ports/journal.ts';
import { apiWorld } from './api-world.ts';
import type { ApiWorld } from './api-world.ts';
import { PATIENCE_MS } from '../world/patience.ts';

let world: ApiWorld;
let request = '';
let rotation: RotationRow;

const headers = { 'idempotency-key': 'k' };
const body = { accounts: ['a'], reason: 'x' };

beforeEach(async () => {
  world = await apiWorld({ name: 'a' });
  const account = (await world.journal.account('a'))?.id ?? 0;
  request = `k/${account}`;
  const cause = { actor: 'test' };
  rotation = { id: 'r1', account, accountName: 'a', trigger: 'manual', cause, openedAt: world.clock.now() };
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

/** The request becomes part of a rotation, which is open still. */
async function take(): Promise<void> {
  await world.commit('a', [{ kind: 'request-taken', request, does: 'rotate' }], {
    rotation,
    requests: [{ id: request, state: 'taken', rotation: 'r1' }],
  });
}

async function succeed(): Promise<void> {
  await world.commit('a', [{ kind: 'looked', requestedAt: 1 }], {
    rotation: { ...rotation, closedAt: world.clock.now(), outcome: 'succeeded' },
  });
}

describe('waiting for a rotation', () => {
  it('is over when the rotation has ended, not before', async () => {
    const answer = world.post('/v1/rotations?wait=30s', body, headers);
    await world.waiting();
    await take();
    await world.waiting();
    await succeed();
    const { status, body: got } = await answer;
    expect(status).toBe(200);
    expect(got.rotations).toMatchObject([
      { account: 'a', state: 'taken', rotation: { id: 'r1', outcome: 'succeeded' } },
    ]);
    expect(world.clock.sleeping).toBe(0);
  });

  it('is over at once when the request is refused', async () => {
    const answer = world.post('/v1/rotations?wait=30s', body, headers);
    await world.waiting();
    await world.commit('a', [{ kind: 'request-refused', request, why: 'closed' }], {
      requests: [{ id: request, state: 'refused', why: 'closed' }],
    });
    const { status, body: got } = await answer;
    expect(status).toBe(200);
    expect(got.rotations).toMatchObject([{ state: 'refused', why: 'closed' }]);
  });

  it('is over when the time is, with how far it has come', async () => {
    const answer = world.post('/v1/rotations?wait=30s', body, headers);
    await world.waiting();
    await take();
    await world.waiting();
    await world.clock.advance(29_999);
    expect(world.waiters.at(-1)?.aborted).toBe(false);
    await world.clock.advance(1);
    const { status, body: got } = await answer;
    expect(status).toBe(202);
    expect(got.rotations).toMatchObject([{ state: 'taken', rotation: { id: 'r1' } }]);
  });

  it('is over at once when the daemon stops', async () => {
    const answer = world.post('/v1/rotations?wait=30s', body, headers);
    await world.waiting();
    world.stopping.abort();
    expect((await answer).status).toBe(202);
    expect(world.clock.sleeping).toBe(0);
  });

  it('does not begin when the daemon is stopping', async () => {
    world.stopping.abort();
    expect((await world.post('/v1/rotations?wait=30s', body, headers)).status).toBe(202);
    expect(world.clock.sleeping).toBe(0);
  });

  it('is over when the caller hangs up, which is no error, and the request stays', async () => {
    const path = join(world.folder, 's');
    const listening = await listenOnSocket(world.api, { path, mode: 0o600 });
    await using client = socketClient(path);
    const hangUp = new AbortController();
    const call = client.call({
      method: 'POST',
      path: '/v1/rotations?wait=30s',
      body,
      headers,
      timeoutMs: PATIENCE_MS,
      signal: hangUp.signal,
    });
    await world.waiting();
    const waiter = world.waiters.at(-1);
    const over = new Promise((resolve) => waiter?.addEventListener('abort', resolve));
    hangUp.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
    await over;
    await listening[Symbol.asyncDispose]();
    expect(world.errors).toEqual([]);
    expect((await world.request(request))?.state).toBe('waiting');
  });

  it('gives its last answers before the listener closes', async () => {
    const path = join(world.folder, 's');
    const listening = await listenOnSocket(world.api, { path, mode: 0o600 });
    await using client = socketClient(path);
    const call = client.call({
      method: 'POST',
      path: '/v1/rotations?wait=30s',
      body,
      headers,
      timeoutMs: PATIENCE_MS,
    });
    await world.waiting();
    world.stopping.abort();
    const closed = listening[Symbol.asyncDispose]();
    expect((await call).status).toBe(202);
    await closed;
  });

  it.each([
    ['soon', 'query wait: give a duration such as 30s or 2m'],
    ['30', 'query wait: give a duration such as 30s or 2m'],
    ['11m', 'query wait: one call waits for 10m at most; ask again'],
  ])('refuses %s in words', async (wait, want) => {
    expect(await world.post(`/v1/rotations?wait=${wait}`, body, headers)).toEqual({
      status: 400,
      body: { error: want },
    });
    expect(await world.request(request)).toBeUndefined();
  });
});

describe('asking after a request', () => {
  const path = () => `/v1/requests/${encodeURIComponent(request)}`;

  beforeEach(async () => {
    await world.post('/v1/rotations', body, headers);
  });

  it('answers at once without a wait', async () => {
    expect(await world.get(path())).toEqual({
      status: 202,
      body: { request, does: 'rotate', state: 'waiting' },
    });
  });

  it('waits until it was answered, where that is enough', async () => {
    const answer = world.get(`${path()}?wait=30s&until=answered`);
    await world.waiting();
    await take();
    const { status, body: got } = await answer;
    expect(status).toBe(200);
    expect(got).toMatchObject({ state: 'taken', rotation: { id: 'r1' } });
  });

  it('waits until the rotation has ended, unless told otherwise', async () => {
    await take();
    expect((await world.get(path())).status).toBe(202);
    const answer = world.get(`${path()}?wait=30s`);
    await world.waiting();
    await succeed();
    expect(await answer).toMatchObject({ status: 200, body: { rotation: { outcome: 'succeeded' } } });
  });

  it('knows no other', async () => {
    const { status, body: got } = await world.get('/v1/requests/other?wait=30s');
    expect(status).toBe(404);
    expect(got.error).toContain('there is no request other');
  });

  it('refuses an end that there is not', async () => {
    const { status, body: got } = await world.get(`${path()}?until=never`);
    expect(status).toBe(400);
    expect(got.error).toBe('query until: answered or ended');
  });
});

describe('an act on an account that is being worked on', () => {
  it('is answered as waiting after ten seconds', async () => {
    const answer = world.post('/v1/accounts/a/pause', { reason: 'x' }, headers);
    await world.waiting();
    await world.clock.advance(10_000);
    expect(await answer).toEqual({
      status: 202,
      body: { account: 'a', request, does: 'pause', state: 'waiting' },
    });
  });
});
