import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../world/fake-clock.ts';
import { failureIn, never, openClient, valueOf, type Settings } from './kronup-world.ts';
import { json, scriptedServer, type Script } from '../scripted-server.ts';

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

async function world(script: Script, settings: Partial<Settings> = {}) {
  const server = await scriptedServer(script);
  const opened = openClient({ url: server.url, clock: new FakeClock(), ...settings });
  cleanups.push(server, opened.client);
  return { server, ...opened };
}

/** Takes connections and what comes over them, and never says a word. */
async function silentListener() {
  const bytes: Buffer[] = [];
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (chunk) => {
      bytes.push(chunk);
      hear();
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const text = () => Buffer.concat(bytes).toString('latin1');
  return { port: (server.address() as AddressInfo).port, heard, text };
}

describe('the time limit of a call', () => {
  it('holds against a server that takes the request and says nothing', async () => {
    const { server, client, clock } = await world(() => undefined);
    const minting = client.regenerate('a', { signal: never });
    await server.arrived(1);
    await clock.advance(9_999);
    expect(clock.sleeping).toBe(1);
    await clock.advance(1);
    const failure = failureIn(await minting);
    expect(failure.kind).toBe('no-answer');
    expect(failure.message).toContain('no whole answer came within 10s');
    await server.quiet();
  });

  it('holds against a body that comes byte by byte', async () => {
    let trickle: (() => boolean) | undefined;
    const { server, client, clock } = await world((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"id":"a",');
      trickle = () => response.write(' ');
    });
    const minting = client.regenerate('a', { signal: never });
    await server.arrived(1);
    for (let second = 0; second < 10; second++) {
      trickle?.();
      await clock.advance(1_000);
    }
    expect(failureIn(await minting)).toMatchObject({ kind: 'no-answer' });
    await server.quiet();
  });

  it('holds against a connection whose TLS handshake never ends, and then nothing was sent', async () => {
    const listener = await silentListener();
    const clock = new FakeClock();
    const { client, calls } = openClient({ url: `https://127.0.0.1:${listener.port}/v1`, clock });
    cleanups.push(client);
    const minting = client.regenerate('a', { signal: never });
    await listener.heard;
    await clock.advance(10_000);
    const failure = failureIn(await minting);
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain('no connection within 10s; it is blocked on the way');
    expect(calls).toEqual([]);
    expect(listener.text()).not.toContain('PUT');
  });

  it('holds against a credential source that never answers', async () => {
    const { client, clock, options } = await world(() => undefined);
    options.source.read = () => new Promise(() => undefined);
    const minting = client.regenerate('a', { signal: never });
    await clock.advance(10_000);
    expect(failureIn(await minting).kind).toBe('not-connected');
  });

  it('includes, for a mint, the wait for its turn', async () => {
    const { server, client, clock } = await world(() => undefined, { config: { concurrency: 1 } });
    const hanging = client.close('a', { signal: never });
    await server.arrived(1);
    await clock.advance(5_000);
    const minting = client.regenerate('b', { signal: never });
    // The hanging call ends first and lets the mint through, which then has what is left of its own time.
    await clock.advance(5_000);
    await server.arrived(2);
    await clock.advance(5_000);
    expect(failureIn(await hanging).kind).toBe('no-answer');
    expect(failureIn(await minting).kind).toBe('no-answer');
  });

  it('ends a mint that never got its turn, and then nothing was sent', async () => {
    const { server, client, clock } = await world(() => undefined, { config: { rate: 0.01 } });
    const hanging = client.close('a', { signal: never });
    await server.arrived(1);
    const minting = client.regenerate('b', { signal: never });
    await clock.advance(10_000);
    expect(failureIn(await minting)).toMatchObject({ kind: 'not-connected' });
    expect(failureIn(await hanging).kind).toBe('no-answer');
    expect(server.received).toHaveLength(1);
  });

  it('does not ask whether a mint may be sent before its turn has come and it is connected', async () => {
    const answers: (() => void)[] = [];
    const { server, client } = await world(
      (_, response) => void answers.push(() => json(response, { id: 'a', serviceToken: 'new-token' })),
      { config: { concurrency: 1 } },
    );
    const first = client.regenerate('a', { signal: never });
    await server.arrived(1);
    let stopping = false;
    const maySend = () => (stopping ? 'the daemon is stopping' : undefined);
    const second = client.regenerate('a', { signal: never, maySend });
    await settle();
    stopping = true;
    answers[0]?.();
    valueOf(await first);
    const failure = failureIn(await second);
    expect(failure).toMatchObject({ kind: 'not-connected' });
    expect(failure.message).toMatch(/was not asked to mint for account a: the daemon is stopping\.$/);
    expect(server.received).toHaveLength(1);
  });

  it('leaves no timer behind when the call is over', async () => {
    const { client, clock } = await world((_, response) =>
      json(response, { id: 'a', serviceToken: 'new-token' }),
    );
    valueOf(await client.regenerate('a', { signal: never }));
    expect(clock.sleeping).toBe(0);
  });
});

describe('the size limit of an answer', () => {
  it('ends a body that never ends', async () => {
    const { server, client } = await world((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      };
      response.on('drain', more);
      response.on('error', () => undefined);
      more();
    });
    const failure = failureIn(await client.regenerate('a', { signal: never }));
    expect(failure).toMatchObject({ kind: 'answer-invalid', status: 200 });
    expect(failure.message).toContain('longer than allowed');
    await server.quiet();
  });
});

describe('a call that is stopped by its signal', () => {
  it('sends nothing when that was before', async () => {
    const { server, client } = await world((_, response) => json(response, {}));
    const failure = failureIn(await client.regenerate('a', { signal: AbortSignal.abort() }));
    expect(failure.kind).toBe('not-connected');
    expect(server.sockets.ever).toBe(0);
  });

  it('is over at once, with an unknown outcome, when that is after it was sent', async () => {
    const { server, client } = await world(() => undefined);
    const stop = new AbortController();
    const minting = client.regenerate('a', { signal: stop.signal });
    await server.arrived(1);
    stop.abort();
    expect(failureIn(await minting).kind).toBe('no-answer');
    await server.quiet();
  });

  it('is not repeated', async () => {
    const { server, client, clock } = await world(() => undefined);
    const stop = new AbortController();
    const reading = client.read('a', { signal: stop.signal });
    await server.arrived(1);
    stop.abort();
    expect(failureIn(await reading).kind).toBe('no-answer');
    await settle();
    expect(server.received).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });
});
