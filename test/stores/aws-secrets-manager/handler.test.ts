// The way of the SDK's requests: as they are given, and never longer than they may take. Errors on the way: `rude-servers.test.ts`.

import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpHandler } from '../../../src/stores/aws-secrets-manager/handler.ts';
import type { HttpRequest } from '../../../src/stores/aws-secrets-manager/handler.ts';
import { dispatcherWith } from '../../../src/system/dispatcher.ts';
import { FakeClock } from '../../world/fake-clock.ts';

const TIME_LIMIT_MS = 11_000;

const cleanups: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function world(listener: RequestListener, connectionsMax = 8) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const dispatcher = dispatcherWith({}, { connectTimeoutMs: 10_000, environment: {}, connectionsMax });
  cleanups.push(() => dispatcher.destroy());
  const clock = new FakeClock();
  const handler = httpHandler({ dispatcher, clock, timeLimitMs: TIME_LIMIT_MS });
  const { port } = server.address() as AddressInfo;
  const ask = (request: Partial<HttpRequest> = {}): HttpRequest => ({
    protocol: 'http:',
    hostname: '127.0.0.1',
    port,
    method: 'GET',
    path: '/',
    headers: {},
    ...request,
  });
  return { handler, clock, ask };
}

describe('a request of the SDK', () => {
  it('carries its query in the form in which it was signed', async () => {
    const asked: (string | undefined)[] = [];
    const { handler, ask } = await world((request, response) => {
      asked.push(request.url);
      response.end();
    });
    const query = { role_name: "it's (mine)", account_id: '1 2', tag: ['b', 'a*'], flag: null };
    await handler.handle(ask({ path: '/federation/credentials', query }));
    const want = '/federation/credentials?account_id=1%202&flag&role_name=it%27s%20%28mine%29&tag=b&tag=a%2A';
    expect(asked).toEqual([want]);
  });

  it('is answered with status, whole body, and each header as one text', async () => {
    const { handler, ask } = await world((_request, response) => {
      response.writeHead(418, { 'x-two': ['a', 'b'] });
      response.write('half and ');
      response.end('half');
    });
    const { response } = await handler.handle(ask());
    expect(response.statusCode).toBe(418);
    expect(response.headers['x-two']).toBe('a,b');
    expect(Buffer.from(response.body).toString()).toBe('half and half');
  });

  it('without a signal is given up at the time limit, and leaves no timer where it is answered', async () => {
    const arrived = Promise.withResolvers<IncomingMessage>();
    const { handler, clock, ask } = await world((request, response) => {
      if (request.url === '/answered') response.end();
      else arrived.resolve(request);
    });
    await handler.handle(ask({ path: '/answered' }));
    expect(clock.sleeping).toBe(0);
    const handling = handler.handle(ask());
    const closed = new Promise(
      (resolve) => void arrived.promise.then((request) => request.once('close', resolve)),
    );
    await arrived.promise;
    await Promise.all([expect(handling).rejects.toThrow(/given up/), clock.advance(TIME_LIMIT_MS)]);
    await closed;
  });

  it('that is stopped while it waits for a connection is never sent', async () => {
    const asked: (string | undefined)[] = [];
    const answers: (() => void)[] = [];
    const arrived = Promise.withResolvers<void>();
    const { handler, ask } = await world((request, response) => {
      asked.push(request.url);
      answers.push(() => response.end());
      arrived.resolve();
    }, 1);
    const first = handler.handle(ask({ path: '/first' }));
    await arrived.promise;
    const stopping = new AbortController();
    const second = handler.handle(ask({ path: '/second' }), { abortSignal: stopping.signal });
    stopping.abort();
    await expect(second).rejects.toThrow(/given up/);
    answers[0]?.();
    await first;
    const third = handler.handle(ask({ path: '/third' }));
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.();
    await third;
    expect(asked).toEqual(['/first', '/third']);
  });
});
