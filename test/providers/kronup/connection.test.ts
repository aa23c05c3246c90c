import { createServer as createTlsServer } from 'node:https';
import { createServer as createProxy, type Server } from 'node:http';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from '../../world/certificate.ts';
import { FakeClock, settle } from '../../world/fake-clock.ts';
import { failureIn, never, openClient, valueOf, type Settings } from './kronup-world.ts';
import { json, scriptedServer } from '../scripted-server.ts';

const ACCOUNT = { id: 'a' };

let folder: string;
const cleanups: AsyncDisposable[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-kronup-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function client(settings: Settings) {
  const opened = openClient(settings);
  cleanups.push(opened.client);
  return opened.client;
}

async function tlsServer() {
  const server = await scriptedServer(
    (_, response) => json(response, ACCOUNT),
    (listener) => createTlsServer({ cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY }, listener),
    'https',
  );
  cleanups.push(server);
  return server;
}

async function plainServer() {
  const server = await scriptedServer((_, response) => json(response, ACCOUNT));
  cleanups.push(server);
  return server;
}

async function fileWith(text: string): Promise<string> {
  const path = join(folder, 'ca.pem');
  await writeFile(path, text);
  return path;
}

describe('TLS', () => {
  it('refuses a server whose authority is not known, and sends it nothing', async () => {
    const server = await tlsServer();
    const failure = failureIn(await client({ url: server.url }).read('a', { signal: never }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toMatch(/self[- ]signed/i);
    expect(server.received).toEqual([]);
  });

  it('trusts the authorities of the configured file', async () => {
    const server = await tlsServer();
    const config = { tls: { ca: await fileWith(TEST_CERTIFICATE) } };
    expect(valueOf(await client({ url: server.url, config }).read('a', { signal: never })).value.id).toBe(
      'a',
    );
  });

  it('is spoken as HTTP/1.1, also to a server that has HTTP/2', async () => {
    const protocols: (string | false | null)[] = [];
    const server = await scriptedServer(
      (_, response) => json(response, ACCOUNT),
      (listener) => {
        const tls = { cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY, ALPNProtocols: ['h2', 'http/1.1'] };
        const made = createTlsServer(tls, listener);
        made.on('secureConnection', (socket) => protocols.push(socket.alpnProtocol));
        return made;
      },
      'https',
    );
    cleanups.push(server);
    const config = { tls: { ca: await fileWith(TEST_CERTIFICATE) } };
    valueOf(await client({ url: server.url, config }).read('a', { signal: never }));
    expect(protocols).toEqual(['http/1.1']);
  });

  it('that is there only after the time limit carries no request any more', async () => {
    const server = await tlsServer();
    const { promise: asked, resolve: ask } = Promise.withResolvers<Socket>();
    const slow = createNetServer(ask);
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    cleanups.push({
      [Symbol.asyncDispose]: () => new Promise((resolve) => void slow.close(() => resolve())),
    });
    const clock = new FakeClock();
    const config = { tls: { ca: await fileWith(TEST_CERTIFICATE) } };
    const url = `https://127.0.0.1:${(slow.address() as AddressInfo).port}/v1`;

    const minting = client({ url, config, clock }).regenerate('a', { signal: never });
    const socket = await asked;
    await clock.advance(10_000);
    expect(failureIn(await minting).kind).toBe('not-connected');

    socket.pipe(connect(Number(new URL(server.origin).port), '127.0.0.1')).pipe(socket);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await Promise.race([closed, server.arrived(1)]);
    expect(server.sockets.ever).toBe(1);
    expect(server.received).toEqual([]);
  });

  it('is not tried with a file that cannot be read; once it can be, it is', async () => {
    const server = await tlsServer();
    const path = join(folder, 'ca.pem');
    const kronup = client({ url: server.url, config: { tls: { ca: path } } });
    const failure = failureIn(await kronup.read('a', { signal: never }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain(`${path} cannot be read (ENOENT)`);
    await fileWith(TEST_CERTIFICATE);
    valueOf(await kronup.read('a', { signal: never }));
  });

  it('is not tried with a file that others may write: they would say whose server gets the token', async () => {
    const server = await tlsServer();
    const path = await fileWith(TEST_CERTIFICATE);
    await chmod(path, 0o666);
    const failure = failureIn(
      await client({ url: server.url, config: { tls: { ca: path } } }).read('a', { signal: never }),
    );
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain(`${path} are not trusted: others may write it`);
    expect(failure.message).toContain(`chmod go-w ${path}`);
    expect(server.sockets.ever).toBe(0);
  });

  it.each([
    ['nothing of the kind', 'hello', 'there is no PEM certificate in it'],
    [
      'a broken certificate',
      '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n',
      'are no PEM certificates',
    ],
  ])('is not tried with a file that holds %s', async (_, text, want) => {
    const server = await tlsServer();
    const config = { tls: { ca: await fileWith(text) } };
    const failure = failureIn(await client({ url: server.url, config }).read('a', { signal: never }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain(want);
    expect(server.sockets.ever).toBe(0);
  });
});

/** Takes `CONNECT`, notes what for, and refuses. */
async function tunnelProxy() {
  const asked: string[] = [];
  const server: Server = createProxy();
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push({
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('a proxy', () => {
  const plain = { url: 'http://kronup.invalid/v1', config: { insecure: true } };

  it('of the given environment is used', async () => {
    const proxy = await plainServer();
    const kronup = client({ ...plain, environment: { HTTP_PROXY: proxy.origin } });
    expect(valueOf(await kronup.read('a', { signal: never })).value.id).toBe('a');
    expect(proxy.received[0]).toMatchObject({ path: 'http://kronup.invalid/v1/service-accounts/a' });
  });

  it('is asked for a tunnel to an https URL, and where it refuses, nothing was sent', async () => {
    const proxy = await tunnelProxy();
    const kronup = client({ url: 'https://kronup.invalid/v1', environment: { https_proxy: proxy.url } });
    const failure = failureIn(await kronup.regenerate('a', { signal: never }));
    expect(failure.kind).toBe('not-connected');
    expect(proxy.asked).toEqual(['kronup.invalid:443']);
  });

  it('is passed by for hosts in NO_PROXY', async () => {
    const proxy = await plainServer();
    const server = await plainServer();
    const environment = { HTTP_PROXY: proxy.origin, NO_PROXY: 'localhost,127.0.0.1' };
    valueOf(await client({ url: server.url, environment }).read('a', { signal: never }));
    expect([server.received.length, proxy.received.length]).toEqual([1, 0]);
  });

  it("of the process's own environment is not used", async () => {
    const proxy = await plainServer();
    vi.stubEnv('HTTP_PROXY', proxy.origin);
    vi.stubEnv('http_proxy', proxy.origin);
    const failure = failureIn(await client(plain).read('a', { signal: never }));
    expect(failure.kind).toBe('not-connected');
    // Neither where another one is given.
    const other = await tunnelProxy();
    failureIn(
      await client({ ...plain, environment: { HTTPS_PROXY: other.url } }).read('a', { signal: never }),
    );
    expect([proxy.received.length, other.asked.length]).toEqual([0, 0]);
  });

  it('whose address is none is said to be so, without that address', async () => {
    const environment = { HTTPS_PROXY: 'http://user:pass word@:nonsense' };
    const failure = failureIn(await client({ ...plain, environment }).read('a', { signal: never }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain('HTTPS_PROXY is not the URL of a proxy');
    expect(failure.message).not.toContain('pass word');
  });
});

describe('connections', () => {
  it('are kept and used again', async () => {
    const server = await plainServer();
    const kronup = client({ url: server.url });
    for (let call = 0; call < 5; call++) {
      valueOf(await kronup.read('a', { signal: never }));
      await settle();
    }
    expect(server.sockets).toEqual({ open: 1, ever: 1 });
  });

  it('are closed when the client is, and no call is sent any more', async () => {
    const server = await plainServer();
    const { client: kronup } = openClient({ url: server.url });
    valueOf(await kronup.read('a', { signal: never }));
    await kronup[Symbol.asyncDispose]();
    await server.quiet();
    expect(failureIn(await kronup.regenerate('a', { signal: never })).kind).toBe('not-connected');
    expect(server.received).toHaveLength(1);
  });

  it('are no more than calls that may be under way at once', async () => {
    const held: (() => void)[] = [];
    const server = await scriptedServer((_, response) => void held.push(() => json(response, ACCOUNT)));
    cleanups.push(server);
    const kronup = client({ url: server.url, config: { concurrency: 2 } });
    const reads = ['a', 'a', 'a', 'a', 'a'].map((id) => kronup.read(id, { signal: never }));
    for (let answered = 0; answered < reads.length; answered++) {
      await server.arrived(Math.min(answered + 2, reads.length));
      expect(server.received.length).toBeLessThanOrEqual(answered + 2);
      held[answered]?.();
      await Promise.race(reads.slice(answered));
    }
    for (const read of reads) valueOf(await read);
  });
});
