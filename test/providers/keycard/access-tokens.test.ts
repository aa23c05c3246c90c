import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { FAILURES } from '../../../src/domain/failure.ts';
import { failureIn, NapClock, never, valueOf } from '../http-world.ts';
import { json, type Script } from '../scripted-server.ts';
import { MANAGER_SECRET, openClient, type Settings } from './keycard-world.ts';
import { scriptedKeycard } from './scripted-keycard.ts';

const ACCOUNT = { id: 'acc', name: 'billing' };
const CREATED = {
  id: 'cre',
  name: 'a',
  client_id: 'c',
  client_secret: 's',
  created_at: '2026-01-01T00:00:00Z',
};
const account = { organisation: 'org', accountId: 'acc' };

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

const shown: Script = (_, response) => json(response, ACCOUNT);
const refused: Script = (_, response) =>
  json(response, { message: 'No', code: 'unauthorized', status: 401 }, 401);

async function world(
  settings: Partial<Settings> & { readonly script?: Script; readonly token?: Script } = {},
) {
  const { script = shown, token, ...more } = settings;
  const server = await scriptedKeycard(script, token);
  const clock = new NapClock();
  const opened = openClient({ url: server.origin, clock, ...more });
  cleanups.push(server, opened.client);
  const { client } = opened;
  const look = () => client.accounts.retrieve(account, { signal: never });
  const mint = () => client.credentials.create(account, { name: 'a' }, { signal: never });
  const bearers = () => server.asked.map(({ headers }) => headers.authorization);
  return { server, client, clock, look, mint, bearers };
}

/** Tokens `1`, `2`, … that live for so many seconds. */
function living(expires_in: unknown): Script {
  let given = 0;
  return (_, response) => {
    given += 1;
    json(response, {
      access_token: String(given),
      token_type: 'bearer',
      ...(expires_in !== undefined && { expires_in }),
    });
  };
}

describe('an access token', () => {
  it('is asked for with the client id and the secret as HTTP Basic', async () => {
    const { server, look } = await world({ clientId: 'a:b', clientSecret: new Secret('p+q/%') });
    valueOf(await look());
    expect(server.tokens).toMatchObject([
      { method: 'POST', path: '/service-account-token', body: 'grant_type=client_credentials' },
    ]);
    expect(server.tokens[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('a%3Ab:p%2Bq%2F%25').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    });
  });

  it('is below the base URL, whatever that is', async () => {
    const { server } = await world();
    const { client } = openClient({ url: `${server.origin}/keycard/` });
    cleanups.push(client);
    await client.token({ signal: never });
    expect(server.received[0]?.path).toBe('/keycard/service-account-token');
  });

  it('is asked for once by many calls at a time, and used again', async () => {
    const { server, look } = await world();
    for (const result of await Promise.all(Array.from({ length: 20 }, look))) valueOf(result);
    valueOf(await look());
    expect(server.tokens.length).toBe(1);
  });

  it('is renewed before it ends, while the old one is still used', async () => {
    const { server, clock, look, bearers } = await world({ token: living(3_600) });
    valueOf(await look());
    clock.pass(3_290_000);
    valueOf(await look());
    expect(server.tokens.length).toBe(1);
    clock.pass(20_000);
    valueOf(await look());
    await server.arrived(5);
    expect(server.tokens.length).toBe(2);
    clock.pass(280_000);
    valueOf(await look());
    expect(bearers()).toEqual(['Bearer 1', 'Bearer 1', 'Bearer 1', 'Bearer 2']);
  });

  it('is never used after its end', async () => {
    const { clock, look, bearers } = await world({ token: living(60) });
    valueOf(await look());
    clock.pass(60_000);
    valueOf(await look());
    expect(bearers()).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it.each([undefined, 'soon', -5, 0])(
    'lives for five minutes where its life is not told: %s',
    async (told) => {
      const { server, clock, look } = await world({ token: living(told) });
      valueOf(await look());
      clock.pass(200_000);
      valueOf(await look());
      expect(server.tokens.length).toBe(1);
      clock.pass(100_000);
      valueOf(await look());
      expect(server.tokens.length).toBe(2);
    },
  );

  it('is another one as soon as the manager credential is', async () => {
    let secret = MANAGER_SECRET;
    const { server, look, bearers } = await world({ clientSecret: () => secret });
    valueOf(await look());
    secret = new Secret('another-secret');
    valueOf(await look());
    expect(bearers()).toEqual(['Bearer access-1', 'Bearer access-2']);
    expect(new Set(server.tokens.map(({ headers }) => headers.authorization)).size).toBe(2);
  });
});

describe('an access token that cannot be had', () => {
  it('is asked for again by the next call', async () => {
    let broken = true;
    const token = living(3_600);
    const { look } = await world({
      token: (received, response, socket) =>
        broken ? json(response, { message: 'down' }, 503) : token(received, response, socket),
    });
    expect(failureIn(await look())).toMatchObject({ status: 503 });
    broken = false;
    valueOf(await look());
  });

  it('leaves a mint undone for certain', async () => {
    const { server, mint } = await world({ token: (_, response) => void response.socket?.destroy() });
    expect(FAILURES[failureIn(await mint()).kind].effect).toBe('none');
    expect(server.asked).toEqual([]);
  });

  it.each([
    ['as OAuth says it', { error: 'invalid_client', error_description: 'Unknown client' }],
    ['as the API says it', { message: 'Unknown client', code: 'invalid_client', status: 401 }],
  ])('is refused for its credential: %s', async (_, body) => {
    const { look } = await world({ token: (_received, response) => json(response, body, 401) });
    const failure = failureIn(await look());
    expect(failure).toMatchObject({ kind: 'credential-refused', id: 'invalid_client', revoked: true });
    expect(failure.message).toContain('into environment variable KEYCARD_SECRET.');
  });

  it('keeps the old one in use where it was to be renewed ahead', async () => {
    let broken = false;
    const token = living(3_600);
    const { server, clock, look, bearers } = await world({
      token: (received, response, socket) =>
        broken ? json(response, {}, 403) : token(received, response, socket),
    });
    valueOf(await look());
    broken = true;
    clock.pass(3_400_000);
    valueOf(await look());
    await server.arrived(4);
    valueOf(await look());
    expect(bearers()).toEqual(['Bearer 1', 'Bearer 1', 'Bearer 1']);
  });
});

describe('an access token that is refused', () => {
  it('is replaced once, and the call is made again', async () => {
    let isRevoked = false;
    const { look, bearers } = await world({
      script: (received, response, socket) =>
        isRevoked && received.headers.authorization === 'Bearer access-1'
          ? refused(received, response, socket)
          : shown(received, response, socket),
    });
    valueOf(await look());
    isRevoked = true;
    valueOf(await look());
    expect(bearers()).toEqual(['Bearer access-1', 'Bearer access-1', 'Bearer access-2']);
  });

  it('is not replaced where it was new and stays refused: it is the caller that is', async () => {
    const { server, clock, look } = await world({ script: refused });
    expect(failureIn(await look())).toMatchObject({ kind: 'credential-refused', status: 401 });
    expect(clock.naps.length).toBe(15);
    expect(server.asked.length).toBe(16);
    expect(server.tokens.length).toBe(1);
  });

  it('makes no mint be sent a second time: it is tried again later, with another one', async () => {
    let isRevoked = false;
    const { server, look, mint } = await world({
      script: (received, response, socket) => {
        if (isRevoked && received.headers.authorization === 'Bearer access-1')
          return refused(received, response, socket);
        return json(response, received.method === 'POST' ? CREATED : ACCOUNT);
      },
    });
    valueOf(await look());
    isRevoked = true;
    const failure = failureIn(await mint());
    expect(FAILURES[failure.kind].effect).toBe('none');
    expect(failure.message).toContain('only the access token was refused');
    expect(failure.requestId).toBe(server.asked.at(-1)?.headers['x-client-request-id']);
    expect(server.asked.filter(({ method }) => method === 'POST').length).toBe(1);
    valueOf(await mint());
  });
});
