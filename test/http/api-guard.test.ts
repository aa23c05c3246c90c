import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knownToken, OPERATOR, routesOf, SHORT, tcpWorld, VIEWER } from './tcp-world.ts';
import type { TcpWorld } from './tcp-world.ts';

let tcp: TcpWorld;

beforeEach(async () => {
  tcp = await tcpWorld();
});

afterEach(async () => {
  await tcp[Symbol.asyncDispose]();
});

const REFUSED = [401, 403, 429];

describe('every route on TCP', () => {
  it('is known to this test', async () => {
    const routes = (await routesOf(tcp.api)).map(({ method, path }) => `${method} ${path}`);
    expect(routes).toContain('POST /v1/accounts/:name/pause');
    expect(routes).toContain('GET /v1/rotations/:id');
    expect(routes.length).toBeGreaterThan(20);
    for (const route of routes) expect(tcp.api.hasRoute(partsOf(route))).toBe(true);
  });

  it('answers nobody without a token, or with an unknown one', async () => {
    for (const { method, path } of await routesOf(tcp.api)) {
      for (const token of [undefined, 'x'.repeat(40)]) {
        const { status, body } = await tcp.call({ method, path, ...(token !== undefined && { token }) });
        expect([method, path, status]).toEqual([method, path, 401]);
        expect(Object.keys(body)).toEqual(method === 'HEAD' ? [] : ['error']);
      }
    }
  });

  it('lets a viewer read and nothing else', async () => {
    for (const { method, path } of await routesOf(tcp.api)) {
      const { status } = await tcp.call({ method, path, token: VIEWER });
      const reads = method === 'GET' || method === 'HEAD';
      if (reads) expect(REFUSED, `${method} ${path}`).not.toContain(status);
      else expect([method, path, status]).toEqual([method, path, 403]);
    }
    expect(tcp.world.woken()).toBe(0);
  });

  it('lets an operator in', async () => {
    for (const { method, path } of await routesOf(tcp.api)) {
      const { status } = await tcp.call({ method, path, token: OPERATOR });
      expect(REFUSED, `${method} ${path}`).not.toContain(status);
    }
  });
});

function partsOf(route: string): { readonly method: 'GET'; readonly url: string } {
  const [method = '', url = ''] = route.split(' ');
  return { method: method as 'GET', url };
}

describe('the guard', () => {
  it('says how a token is shown, and nothing of what is there', async () => {
    const { status, headers, body } = await tcp.call({ path: '/v1/accounts/nobody' });
    expect(status).toBe(401);
    expect(headers).toMatchObject({ 'www-authenticate': 'Bearer realm="rekeyd"', connection: 'close' });
    expect(body.error).toContain('--token-file');
  });

  it('stands before paths that lead nowhere', async () => {
    expect((await tcp.call({ path: '/nowhere' })).status).toBe(401);
    expect((await tcp.call({ path: '/nowhere', token: VIEWER })).status).toBe(404);
    expect((await tcp.call({ path: '/v1/%zz' })).status).toBe(400);
    expect((await tcp.call({ method: 'DELETE', path: '/v1/accounts/billing', token: VIEWER })).status).toBe(
      403,
    );
  });

  it.each([
    ['another scheme', `Basic ${OPERATOR}`],
    ['no scheme', OPERATOR],
    ['nothing', 'Bearer '],
    ['the token with more behind it', `Bearer ${OPERATOR}x`],
    ['two tokens', `Bearer ${OPERATOR} ${OPERATOR}`],
    ['a part of the token', `Bearer ${OPERATOR.slice(0, -1)}`],
  ])('refuses %s', async (_what, authorization) => {
    const { status } = await tcp.call({ path: '/v1/status', headers: { authorization } });
    expect(status).toBe(401);
  });

  it('takes the scheme in any case', async () => {
    const headers = { authorization: `bearer ${VIEWER}` };
    expect((await tcp.call({ path: '/v1/status', headers })).status).toBe(200);
  });

  it('never accepts a token that could be guessed, although its hash is configured', async () => {
    expect((await tcp.call({ path: '/v1/status', token: SHORT })).status).toBe(401);
  });

  it('compares with every hash, whichever fits', async () => {
    const read: string[] = [];
    const watched = tcp.tokens.map((each) => ({
      ...each,
      digest() {
        read.push(each.token);
        return each.digest();
      },
    }));
    tcp.tokens.splice(0, tcp.tokens.length, ...watched);
    await tcp.call({ path: '/v1/status', token: OPERATOR });
    await tcp.call({ path: '/v1/status', token: 'x'.repeat(40) });
    expect(read).toEqual(['oncall', 'dashboard', 'short', 'oncall', 'dashboard', 'short']);
  });

  it('goes by the tokens of the moment', async () => {
    tcp.tokens.splice(0, tcp.tokens.length, knownToken('new', 'viewer', 'n'.repeat(40)));
    expect((await tcp.call({ path: '/v1/status', token: OPERATOR })).status).toBe(401);
    expect((await tcp.call({ path: '/v1/status', token: 'n'.repeat(40) })).status).toBe(200);
  });

  it('lets nobody in whose hash cannot be read', async () => {
    const unread = { ...knownToken('lost', 'operator', OPERATOR), digest: () => Promise.resolve(undefined) };
    tcp.tokens.splice(0, tcp.tokens.length, unread);
    expect((await tcp.call({ path: '/v1/status', token: OPERATOR })).status).toBe(401);
  });

  it('keeps whose token asked, and believes no name that comes along', async () => {
    const body = { accounts: ['billing'], reason: 'leaked' };
    const headers = { 'idempotency-key': 'k', 'x-rekeyd-user': 'ada' };
    await tcp.call({ method: 'POST', path: '/v1/rotations', token: OPERATOR, body, headers });
    const id = (await tcp.world.journal.account('billing'))?.id;
    expect((await tcp.world.request(`k/${id}`))?.cause).toEqual({ actor: 'token:oncall', reason: 'leaked' });
  });
});

describe('what is told', () => {
  it('of each act: what, by whose token, from where, and what became of it', async () => {
    await tcp.call({ method: 'POST', path: '/v1/reload?x=1', token: OPERATOR });
    await tcp.call({ path: '/v1/status', token: OPERATOR });
    expect(tcp.world.calls).toEqual([
      { method: 'POST', path: '/v1/reload', status: 200, by: 'token:oncall', from: '127.0.0.1' },
    ]);
  });

  it('of acts on the socket as well', async () => {
    await tcp.world.post('/v1/reload', undefined, { 'x-rekeyd-user': 'ada' });
    expect(tcp.world.calls).toMatchObject([{ path: '/v1/reload', by: 'socket:ada', from: 'socket' }]);
  });

  it('of each refusal: what, why, by whose token, and from where', async () => {
    await tcp.call({ method: 'POST', path: '/v1/reload', token: VIEWER });
    await tcp.call({ path: '/v1/status?token=x' });
    await tcp.call({ path: '/v1/status', token: 'x'.repeat(40) });
    const from = '127.0.0.1';
    expect(tcp.refusals).toEqual([
      { why: 'role', method: 'POST', path: '/v1/reload', by: 'token:dashboard', from },
      { why: 'no-token', method: 'GET', path: '/v1/status', by: 'unknown', from },
      { why: 'unknown-token', method: 'GET', path: '/v1/status', by: 'unknown', from },
    ]);
    expect(tcp.world.calls).toEqual([]);
  });

  it('of no token that somebody has put into a path', async () => {
    const pasted = `rekeyd_token_${'a1'.repeat(20)}`;
    await tcp.call({ path: `/v1/accounts/${pasted}` });
    expect(JSON.stringify(tcp.refusals)).not.toContain(pasted);
  });

  it('is no more than so much of one address in a minute, and all are counted', async () => {
    await using few = await tcpWorld({ toldMax: 3 });
    for (let count = 0; count < 6; count += 1) await few.call({ path: '/' });
    expect(few.refusals).toHaveLength(3);
    await few.world.clock.advance(60_000);
    await few.call({ path: '/' });
    expect(few.refusals).toHaveLength(4);
    expect(few.counted).toHaveLength(7);
  });
});

describe('too many wrong tokens', () => {
  it('close the door to their address, right tokens included, until the minute is over', async () => {
    await using strict = await tcpWorld({ failuresMax: 3 });
    for (let count = 0; count < 3; count += 1)
      expect((await strict.call({ path: '/', token: `${count}`.repeat(40) })).status).toBe(401);
    const late = await strict.call({ path: '/v1/status', token: OPERATOR });
    expect([late.status, late.body.error]).toEqual([429, expect.stringContaining('wait a minute')]);
    expect(strict.refusals.at(-1)).toMatchObject({ why: 'too-many-attempts', from: '127.0.0.1' });
    await strict.world.clock.advance(60_000);
    expect((await strict.call({ path: '/v1/status', token: OPERATOR })).status).toBe(200);
  });

  it('are not those who show none, such as a health check', async () => {
    await using strict = await tcpWorld({ failuresMax: 3 });
    for (let count = 0; count < 6; count += 1) await strict.call({ path: '/' });
    expect((await strict.call({ path: '/v1/status', token: OPERATOR })).status).toBe(200);
  });
});
