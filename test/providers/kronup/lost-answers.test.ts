import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { FAILURES } from '../../../src/domain/failure.ts';
import { settle } from '../../world/fake-clock.ts';
import { failureIn, NapClock, never, openClient, valueOf } from './kronup-world.ts';
import { json, scriptedServer, type Script } from '../scripted-server.ts';

const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJvcmdfaWQiOiJvcmctMSJ9.c2lnbmF0dXJl';
const ACCOUNT = { id: 'a', serviceToken: TOKEN, closedTime: 0 };

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

async function world(script: Script) {
  const server = await scriptedServer(script);
  const clock = new NapClock();
  const opened = openClient({ url: server.url, clock });
  cleanups.push(server, opened.client);
  return { server, ...opened, clock };
}

describe('a mint whose answer is lost', () => {
  it('was not sent where nobody listens', async () => {
    const { server, client, calls } = await world(() => undefined);
    await server[Symbol.asyncDispose]();
    const sent: number[] = [];
    const failure = failureIn(
      await client.regenerate('a', { signal: never, onSent: (at) => void sent.push(at) }),
    );
    expect(failure).toMatchObject({ kind: 'not-connected' });
    expect(failure.message).toContain('ECONNREFUSED');
    expect([sent, calls]).toEqual([[], []]);
  });

  it('has an unknown outcome, and reaches the server once, when the connection is torn down', async () => {
    const { server, client } = await world((_, __, socket) => socket.destroy());
    const failure = failureIn(await client.regenerate('a', { signal: never }));
    expect(failure.kind).toBe('no-answer');
    expect(server.received.map(({ method }) => method)).toEqual(['PUT']);
  });

  it('is not sent again when a connection that was kept alive turns out to be closed', async () => {
    const { server, client } = await world(({ method }, response, socket) => {
      if (method === 'GET') json(response, ACCOUNT);
      else socket.destroy();
    });
    valueOf(await client.read('a', { signal: never }));
    await settle();
    expect(failureIn(await client.regenerate('a', { signal: never })).kind).toBe('no-answer');
    expect(server.received.map(({ method }) => method)).toEqual(['GET', 'PUT']);
    expect(server.sockets.ever).toBe(1);
  });

  it('has an unknown outcome when the body is cut', async () => {
    const { client } = await world((_, response, socket) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write(JSON.stringify(ACCOUNT), () => socket.destroy());
    });
    expect(failureIn(await client.regenerate('a', { signal: never })).kind).toBe('no-answer');
  });

  it('is not repeated after an error inside the service, whose body may be anything', async () => {
    const { server, client } = await world((_, response) => response.writeHead(502).end('<html>'));
    expect(failureIn(await client.regenerate('a', { signal: never }))).toMatchObject({
      kind: 'no-answer',
      status: 502,
    });
    expect(server.received).toHaveLength(1);
  });

  it('follows no redirect', async () => {
    const { server, client } = await world((_, response) =>
      response.writeHead(307, { location: '/v1/elsewhere' }).end(),
    );
    expect(failureIn(await client.regenerate('a', { signal: never }))).toMatchObject({
      kind: 'answer-invalid',
      status: 307,
    });
    expect(server.received).toHaveLength(1);
  });

  it('tells when it was handed to the socket, before the answer', async () => {
    const { client, clock } = await world((_, response) => json(response, ACCOUNT));
    const sent: number[] = [];
    const reply = valueOf(
      await client.regenerate('a', { signal: never, onSent: (at) => void sent.push(at) }),
    );
    expect(sent).toEqual([clock.now()]);
    expect(reply.sentAt).toBe(clock.now());
  });

  it.each([400, 401, 403, 404, 429])('has not minted when the answer is %i in HTML', async (status) => {
    const { client } = await world((_, response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>'),
    );
    const failure = failureIn(await client.regenerate('a', { signal: never }));
    expect(FAILURES[failure.kind].effect).toBe('none');
  });
});

describe('an answer that does not fit', () => {
  const REFUSED: readonly (readonly [string, Script, string])[] = [
    ['is no JSON', (_, response) => text(response, `{"serviceToken": "${TOKEN}"`), 'the body is no JSON'],
    [
      'is of another kind',
      (_, response) => text(response, '<html>', 'text/html'),
      'content type is text/html',
    ],
    ['is of no kind', (_, response) => response.end(JSON.stringify(ACCOUNT)), 'content type is missing'],
    ['is not UTF-8', (_, response) => text(response, Buffer.from([0x22, 0xff, 0x22])), 'the body is no JSON'],
    [
      'is compressed unasked',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(gzipSync(JSON.stringify(ACCOUNT)));
      },
      'it is compressed',
    ],
    ['is nothing', (_, response) => json(response, null), 'the body: expected object, received null'],
    [
      'has no id',
      (_, response) => json(response, { serviceToken: TOKEN }),
      'id: expected string, received undefined',
    ],
    ['has an empty id', (_, response) => json(response, { ...ACCOUNT, id: '' }), 'id: '],
    ['has no token', (_, response) => json(response, { id: 'a' }), 'serviceToken: expected the new token'],
    [
      'has an empty token',
      (_, response) => json(response, { ...ACCOUNT, serviceToken: '' }),
      'serviceToken: ',
    ],
    [
      'has a number as token',
      (_, response) => json(response, { ...ACCOUNT, serviceToken: 5 }),
      'serviceToken: ',
    ],
    [
      'has a token that no header can carry',
      (_, response) => json(response, { ...ACCOUNT, serviceToken: `${TOKEN}\r\nx: y` }),
      'serviceToken: expected a token without spaces',
    ],
    [
      'has a closedTime that is no number',
      (_, response) => json(response, { ...ACCOUNT, closedTime: 'never' }),
      'closedTime: expected number, received string',
    ],
    [
      'has a closedTime below 0',
      (_, response) => json(response, { ...ACCOUNT, closedTime: -1 }),
      'closedTime: ',
    ],
  ];

  it.each(REFUSED)(
    '%s: it is refused, with the path that is wrong and without any of its text',
    async (_, script, want) => {
      const { server, client } = await world(script);
      const failure = failureIn(await client.regenerate('a', { signal: never }));
      expect(failure.kind).toBe('answer-invalid');
      expect(failure.message).toContain(want);
      expect(failure.message).not.toContain(TOKEN.slice(0, 12));
      expect(server.received).toHaveLength(1);
    },
  );

  it.each([201, 202, 204, 206])('has the status %i, which is not documented', async (status) => {
    const { client } = await world((_, response) =>
      json(response, status === 204 ? undefined : ACCOUNT, status),
    );
    const failure = failureIn(await client.regenerate('a', { signal: never }));
    expect(failure).toMatchObject({ kind: 'answer-invalid', status });
  });

  it('is that of another account, for calls that are about one', async () => {
    const { client } = await world((_, response) => json(response, { ...ACCOUNT, id: 'b' }));
    for (const call of [
      client.read('a', { signal: never }),
      client.update('a', {}, { signal: never }),
      client.close('a', { signal: never }),
    ]) {
      const failure = failureIn(await call);
      expect(failure.kind).toBe('answer-invalid');
      expect(failure.message).toContain('id: expected the id that was asked for');
    }
  });

  it('fits in spite of fields that nothing rests on', async () => {
    const { client } = await world((_, response) =>
      json(response, {
        ...ACCOUNT,
        userName: null,
        userColor: 'mauve',
        teams: 'none',
        apiCalls: { x: 'y' },
        added: 1,
      }),
    );
    const { value } = valueOf(await client.regenerate('a', { signal: never }));
    expect(value).toMatchObject({ id: 'a', closedTime: 0, userColor: 'mauve' });
    expect(value.teams).toBeUndefined();
  });

  it('may be announced by early hints', async () => {
    const { client } = await world((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      json(response, ACCOUNT);
    });
    expect(valueOf(await client.regenerate('a', { signal: never })).value.id).toBe('a');
  });
});

describe('a call that is safe to repeat', () => {
  it('is tried three times, with longer and longer waits', async () => {
    const { server, client, clock } = await world((_, response) => response.writeHead(503).end());
    expect(failureIn(await client.read('a', { signal: never })).kind).toBe('no-answer');
    expect(server.received).toHaveLength(3);
    expect(clock.naps).toHaveLength(2);
    expect(clock.naps[0]).toBeLessThan(500);
    expect(clock.naps[1]).toBeLessThan(1_000);
  });

  it('succeeds when a later try does', async () => {
    const { server, client } = await world((_, response, socket) => {
      if (server.received.length < 3) socket.destroy();
      else json(response, ACCOUNT);
    });
    expect(valueOf(await client.read('a', { signal: never })).value.id).toBe('a');
  });

  it('is tried again when the service could not fetch its own key', async () => {
    const { server, client } = await world((_, response) => {
      if (server.received.length > 1) json(response, ACCOUNT);
      else json(response, { id: 'jwt-public-key', message: 'Could not fetch JWT public key' }, 401);
    });
    expect(valueOf(await client.read('a', { signal: never })).value.id).toBe('a');
  });

  it.each([
    ['refused', 401, 'auth-api-expired'],
    ['limited', 429, 'auth-api-limited'],
    ['not found', 404, 'not-found'],
  ])('is not tried again when it is %s', async (_, status, id) => {
    const { server, client } = await world((__, response) => json(response, { id, message: '' }, status));
    failureIn(await client.read('a', { signal: never }));
    expect(server.received).toHaveLength(1);
  });

  it('waits as long as it is told, and not at all where that is too long', async () => {
    const { server, client, clock } = await world((_, response) =>
      response.writeHead(503, { 'retry-after': server.received.length === 1 ? '2' : '60' }).end(),
    );
    expect(failureIn(await client.read('a', { signal: never })).retryAfterMs).toBe(60_000);
    expect(clock.naps).toEqual([2_000]);
    expect(server.received).toHaveLength(2);
  });
});

function text(
  response: Parameters<Script>[1],
  body: string | Buffer,
  type = 'application/json; charset=utf-8',
): void {
  response.writeHead(200, { 'content-type': type });
  response.end(body);
}
