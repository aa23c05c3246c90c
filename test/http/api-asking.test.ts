import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiWorld } from './api-world.ts';
import type { ApiWorld } from './api-world.ts';

let world: ApiWorld;
let a = '';

beforeEach(async () => {
  world = await apiWorld({ name: 'a', labels: { team: 'red' } }, { name: 'b' });
  a = `/${(await world.journal.account('a'))?.id}`;
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

/** Requests that wait to be done, of all accounts. */
async function asked(): Promise<readonly string[]> {
  const now = world.clock.now();
  const claims = await world.journal.claim({ holder: 'test', now, leaseMs: 60_000, limit: 100 });
  return claims.flatMap(({ policy, requests }) => requests.map(({ does }) => `${does} ${policy.name}`));
}

function rotate(body: object, headers: Readonly<Record<string, string>> = {}) {
  return world.post('/v1/rotations', { reason: 'x', ...body }, headers);
}

describe('asking for a rotation', () => {
  it('writes a request for each account, wakes the loop, and answers at once without a wait', async () => {
    const { status, body } = await rotate({ all: true });
    expect(status).toBe(202);
    expect(body.rotations).toMatchObject([
      { account: 'a', does: 'rotate', state: 'waiting' },
      { account: 'b', does: 'rotate', state: 'waiting' },
    ]);
    expect(world.woken()).toBe(1);
    expect(await asked()).toEqual(['rotate a', 'rotate b']);
  });

  it('keeps who asked, and why', async () => {
    await rotate({ accounts: ['a'], reason: ' leaked ' }, { 'idempotency-key': 'k', 'x-rekeyd-user': 'ada' });
    expect((await world.request(`k${a}`))?.cause).toEqual({ actor: 'socket:ada', reason: 'leaked' });
  });

  it.each([
    ['labels', { labels: { team: 'red' } }, ['rotate a']],
    ['a provider', { provider: 'kronup' }, ['rotate a', 'rotate b']],
    ['names, each once', { accounts: ['b', 'b'] }, ['rotate b']],
  ])('chooses by %s', async (_by, body, want) => {
    expect((await rotate(body)).status).toBe(202);
    expect(await asked()).toEqual(want);
  });

  it('says that no account fits', async () => {
    expect(await rotate({ labels: { team: 'blue' } })).toEqual({
      status: 404,
      body: { error: 'no account fits; rekeyd status lists the accounts' },
    });
  });

  it.each([
    ['nothing chosen', {}, 'choose the accounts in one way'],
    ['two ways of choosing', { all: true, accounts: ['a'] }, 'choose the accounts in one way'],
    ['an empty list', { accounts: [] }, 'name one account or more'],
    ['no label', { labels: {} }, 'name one label or more'],
    ['all: false', { all: false }, 'body all: true, or left out'],
    ['to end now what has not leaked', { all: true, now: true }, 'goes with compromised only'],
    ['an unknown key', { all: true, force: true }, 'body: Unrecognized key: "force"'],
    ['no reason', { all: true, reason: undefined }, 'body reason: say why, in 1 to 500 characters'],
    ['an empty reason', { all: true, reason: '  ' }, 'body reason: say why, in 1 to 500 characters'],
    ['too long a reason', { all: true, reason: 'x'.repeat(501) }, 'body reason: say why, in 1 to 500'],
    ['a number as reason', { all: true, reason: 7 }, 'body reason: say why, in 1 to 500 characters'],
  ])('refuses %s in words, and writes nothing', async (_what, body, want) => {
    const answer = await rotate(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(want);
    expect(await asked()).toEqual([]);
  });

  it('takes the longest reason', async () => {
    expect((await rotate({ accounts: ['a'], reason: 'x'.repeat(500) })).status).toBe(202);
  });

  it('refuses a body that is none', async () => {
    const { status, body } = await world.post('/v1/rotations');
    expect(status).toBe(400);
    expect(body.error).toMatch(/^body: /);
  });

  it('refuses a body that is no JSON', async () => {
    const { status } = await world.post('/v1/rotations', '{', { 'content-type': 'application/json' });
    expect(status).toBe(400);
    expect(world.errors).toEqual([]);
  });

  it('refuses a body over 1 MiB', async () => {
    const { status, body } = await rotate({ accounts: ['a'.repeat(1_048_576)] });
    expect(status).toBe(413);
    expect(body.error).toContain('too large');
    expect(world.errors).toEqual([]);
  });
});

describe('a dry run', () => {
  it('says what would be done, and writes nothing', async () => {
    await world.journal.hold({
      kind: 'store-down',
      subject: 'files',
      since: world.clock.now(),
      by: 'rekeyd',
      reason: 'no space',
    });
    await world.commit('b', [{ kind: 'target-foreign', target: 'files:b/token' }]);
    const { status, body } = await rotate({ all: true, dryRun: true });
    expect(status).toBe(200);
    expect(body.rotations).toMatchObject([
      { account: 'a', state: 'would-wait', why: 'held (store-down): no space' },
      { account: 'b', state: 'refused' },
    ]);
    expect(body.rotations[1]?.why).toMatch(/^held \(foreign\): /);
    expect(world.woken()).toBe(0);
    expect(await asked()).toEqual([]);
  });

  it('waits for no target where what has leaked is to end now', async () => {
    await world.commit('b', [{ kind: 'target-foreign', target: 'files:b/token' }]);
    const asking = { accounts: ['b'], dryRun: true, compromised: true };
    expect((await rotate(asking)).body.rotations).toMatchObject([{ state: 'refused' }]);
    expect((await rotate({ ...asking, now: true })).body.rotations).toMatchObject([
      { state: 'would-rotate' },
    ]);
  });

  it('says that nothing stands in the way', async () => {
    const { body } = await rotate({ accounts: ['a'], dryRun: true });
    expect(body.rotations).toEqual([{ account: 'a', state: 'would-rotate' }]);
  });
});

describe('an Idempotency-Key', () => {
  const key = (text: string) => ({ 'idempotency-key': text });

  it('writes one request, however often it is sent', async () => {
    const first = await rotate({ accounts: ['a'] }, key('ticket-7'));
    const second = await rotate({ accounts: ['a'] }, key('ticket-7'));
    expect(second).toEqual(first);
    expect(await asked()).toEqual(['rotate a']);
  });

  it('is refused for another act', async () => {
    await rotate({ accounts: ['a'] }, key('ticket-7'));
    const answer = await world.post('/v1/accounts/a/pause', { reason: 'x' }, key('ticket-7'));
    expect(answer).toEqual({
      status: 422,
      body: {
        error: 'the request id ticket-7 was used to ask for something else (rotate); choose another',
      },
    });
    expect(await asked()).toEqual(['rotate a']);
  });

  it('that was used for another act with one of several accounts writes nothing for the others', async () => {
    world.stopping.abort();
    expect((await world.post('/v1/accounts/b/pause', { reason: 'x' }, key('ticket-7'))).status).toBe(202);
    expect((await rotate({ all: true }, key('ticket-7'))).status).toBe(422);
    expect(await asked()).toEqual(['pause b']);
  });

  it('is refused for another target', async () => {
    world.stopping.abort();
    const accept = (target: string) =>
      world.post('/v1/accounts/a/accept', { reason: 'x', target }, key('ticket-7'));
    expect((await accept('files:one')).status).toBe(202);
    const { status, body } = await accept('files:other');
    expect(status).toBe(422);
    expect(body.error).toContain('(accept files:one)');
  });

  it.each(['with space', 'x'.repeat(129), 'ä', 'a;b', ''])('is refused as %j', async (text) => {
    const { status, body } = await rotate({ accounts: ['a'] }, key(text));
    expect(status).toBe(400);
    expect(body.error).toContain('an Idempotency-Key has 1 to 128 letters');
    expect(await asked()).toEqual([]);
  });
});

describe('what looks like a credential', () => {
  const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5LXNpZ25hdHVyZQ';

  it('is taken out of a reason and a user, though nobody uses it', async () => {
    const headers = { 'idempotency-key': 'k', 'x-rekeyd-user': jwt };
    await rotate({ accounts: ['a'], reason: `found ${jwt} in a log` }, headers);
    const want = { actor: 'socket:[secret]', reason: 'found [secret] in a log' };
    expect((await world.request(`k${a}`))?.cause).toEqual(want);
  });

  it('is refused as a request id and as a target, because both are kept as they are', async () => {
    const named = await rotate({ accounts: ['a'] }, { 'idempotency-key': jwt });
    const aimed = await world.post('/v1/accounts/a/accept', { reason: 'x', target: `files:${jwt}` });
    expect([named.status, aimed.status]).toEqual([400, 400]);
    expect(named.body.error).toContain('that request id looks like a credential');
    expect(aimed.body.error).toContain('that target looks like a credential');
    expect(await asked()).toEqual([]);
  });
});

describe.each(['pause', 'resume', 'unpark', 'reconcile', 'accept'] as const)('asking to %s', (does) => {
  const body = { reason: 'x', ...(does === 'accept' ? { target: 'files:a/token' } : {}) };
  const headers = { 'idempotency-key': 'k' };

  it('answers as soon as it was taken', async () => {
    const answer = world.post(`/v1/accounts/a/${does}`, body, headers);
    await world.waiting();
    await world.commit('a', [{ kind: 'request-taken', request: `k${a}`, does }], {
      requests: [{ id: `k${a}`, state: 'taken' }],
    });
    expect(await answer).toEqual({
      status: 200,
      body: { account: 'a', request: `k${a}`, does, state: 'taken' },
    });
  });

  it('answers 409 with the reason when it was refused', async () => {
    const answer = world.post(`/v1/accounts/a/${does}`, body, headers);
    await world.waiting();
    await world.commit('a', [{ kind: 'request-refused', request: `k${a}`, why: 'not foreign' }], {
      requests: [{ id: `k${a}`, state: 'refused', why: 'not foreign' }],
    });
    expect(await answer).toEqual({ status: 409, body: { error: 'not foreign' } });
  });

  it('wants a reason and an account that there is', async () => {
    const bare = await world.post(`/v1/accounts/a/${does}`, { ...body, reason: undefined });
    expect(bare.status).toBe(400);
    expect(bare.body.error).toContain('body reason: say why');
    expect((await world.post(`/v1/accounts/zz/${does}`, body)).status).toBe(404);
    expect(await asked()).toEqual([]);
  });
});

describe('asking to accept', () => {
  it.each([undefined, ''])('wants the target, which %j does not name', async (target) => {
    const { status, body } = await world.post('/v1/accounts/a/accept', { reason: 'x', target });
    expect(status).toBe(400);
    expect(body.error).toBe('body target: name the target');
  });
});
