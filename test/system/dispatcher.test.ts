import { describe, expect, it, onTestFinished } from 'vitest';
import { dispatcherWith } from '../../src/system/dispatcher.ts';
import { exchange } from '../../src/system/exchange.ts';
import { never } from '../providers/http-world.ts';
import { json, scriptedServer, type ScriptedServer } from '../providers/scripted-server.ts';

async function serverWith(headers: Record<string, string> = {}): Promise<ScriptedServer> {
  const server = await scriptedServer((_, response) => json(response, {}, 200, headers));
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function dispatcher(options: Partial<Parameters<typeof dispatcherWith>[1]> = {}) {
  const made = dispatcherWith({}, { connectTimeoutMs: 5_000, environment: {}, ...options });
  onTestFinished(() => made.destroy());
  return made;
}

function get(through: ReturnType<typeof dispatcher>, origin: string) {
  const headers = { authorization: 'Bearer token' };
  return exchange(through, { origin, path: '/', method: 'GET', headers, bytesMax: 1_000, signal: never });
}

/** A server of Node's closes an idle connection by itself after five seconds. */
const TIME_LIMIT_MS = 3_000;

describe('an idle connection', () => {
  it(
    'is not kept for longer because the server would',
    async () => {
      const server = await serverWith({ 'keep-alive': 'timeout=600' });
      expect(await get(dispatcher({ keepAliveMs: 20 }), server.origin)).toMatchObject({ kind: 'answered' });
      await server.quiet();
      expect(server.sockets).toEqual({ open: 0, ever: 1 });
    },
    TIME_LIMIT_MS,
  );
});

describe('a proxy', () => {
  it.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])(
    'sees nothing of what is for this machine (%s), which may be in the clear for that reason alone',
    async (host) => {
      const proxy = await serverWith();
      const environment = { HTTP_PROXY: proxy.origin, HTTPS_PROXY: proxy.origin };
      const through = dispatcher({ environment });
      const { port } = new URL((await serverWith()).origin);
      await get(through, `http://${host}:${port}`);
      expect(proxy.received).toEqual([]);
    },
  );

  it('is gone through to every other machine', async () => {
    const proxy = await serverWith();
    const through = dispatcher({ environment: { HTTP_PROXY: proxy.origin } });
    expect(await get(through, 'http://localhost.example')).toMatchObject({ kind: 'answered' });
    expect(proxy.received.map(({ path }) => path)).toEqual(['http://localhost.example/']);
  });

  it.each([
    ['0.0.0.0', '10.0.0.0/8, 0.0.0.0/8', 'is passed by'],
    ['[::]', '::/127', 'is passed by'],
    ['0.0.0.0', '10.0.0.0/8,::1/128', 'is gone through'],
    ['0.0.0.0', '0.0.0.0/33,nonsense/8,/8', 'is gone through'],
    ['name.example', '0.0.0.0/0,::/0', 'is gone through'],
  ])('to %s with NO_PROXY %s %s', async (host, noProxy, outcome) => {
    const proxy = await serverWith();
    const through = dispatcher({ environment: { HTTP_PROXY: proxy.origin, NO_PROXY: noProxy } });
    const { port } = new URL((await serverWith()).origin);
    await get(through, `http://${host}:${port}`);
    expect(proxy.received.length).toBe(outcome === 'is passed by' ? 0 : 1);
  });

  it('or none: nothing is sent once it is closed', async () => {
    const server = await serverWith();
    const through = dispatcher({ environment: { HTTP_PROXY: 'http://proxy.invalid' } });
    expect(await get(through, server.origin)).toMatchObject({ kind: 'answered' });
    await through.destroy();
    await server.quiet();
    expect(await get(through, server.origin)).toMatchObject({ kind: 'not-sent' });
  });
});
