// What lies between the client and Kronup: certificates, HTTP/2, proxies, redirects, names. Each mint is sent once or not at all.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Http2ServerResponse } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  EXPIRED_CERTIFICATE,
  OTHER_CERTIFICATE,
  TEST_CERTIFICATE,
  TEST_CERTIFICATE_KEY,
} from '../../world/certificate.ts';
import { failureIn, MANAGER_TOKEN, never, openClient, valueOf, type Settings } from './kronup-world.ts';
import { json, scriptedServer } from '../scripted-server.ts';

const ACCOUNT = { id: 'a', serviceToken: 'new-token' };
const NOTHING_DONE =
  /was not asked to mint for account a: .+\. Check baseUrl, tls\.ca, the proxy and the network\.$/;

const cleanups: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function client(settings: Settings) {
  const opened = openClient(settings);
  cleanups.push(() => opened.client[Symbol.asyncDispose]());
  return opened;
}

function mint(settings: Settings) {
  return client(settings).client.regenerate('a', { signal: never });
}

/** Trusts this certificate and no other. */
async function trusting(certificate: string) {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-way-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, certificate);
  return { tls: { ca } };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

describe('a server whose certificate', () => {
  it.each([
    ['has expired', EXPIRED_CERTIFICATE, EXPIRED_CERTIFICATE, /certificate has expired \(CERT_HAS_EXPIRED\)/],
    ['is for another host', OTHER_CERTIFICATE, OTHER_CERTIFICATE, /ERR_TLS_CERT_ALTNAME_INVALID/],
    [
      'is of an authority that is not trusted',
      TEST_CERTIFICATE,
      OTHER_CERTIFICATE,
      /self[- ]signed certificate/,
    ],
  ])('%s is sent nothing, and the failure says so', async (_, shown, trusted, want) => {
    const server = await scriptedServer(
      (__, response) => json(response, ACCOUNT),
      (listener) => createTlsServer({ cert: shown, key: TEST_CERTIFICATE_KEY }, listener),
      'https',
    );
    cleanups.push(() => server[Symbol.asyncDispose]());
    const { client: kronup, calls } = client({ url: server.url, config: await trusting(trusted) });
    const failure = failureIn(await kronup.regenerate('a', { signal: never }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toMatch(want);
    expect(failure.message).toMatch(NOTHING_DONE);
    expect([server.received, calls]).toEqual([[], []]);
  });

  it('is none, because it speaks no TLS at all, is sent nothing', async () => {
    const server = await scriptedServer((_, response) => json(response, ACCOUNT));
    cleanups.push(() => server[Symbol.asyncDispose]());
    const failure = failureIn(await mint({ url: server.url.replace('http:', 'https:') }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain(': wrong version number (ERR_SSL_WRONG_VERSION_NUMBER). ');
    expect(failure.message).toMatch(NOTHING_DONE);
    expect(server.received).toEqual([]);
  });
});

/** Refuses every stream of HTTP/2, as a server that is overloaded may, and counts; over HTTP/1.1 it does as it is told. */
async function refusingServer(overHttp1: ((response: Http2ServerResponse) => void) | undefined) {
  const seen = { streams: 0, requests: [] as (string | undefined)[] };
  const server = createSecureServer({
    cert: TEST_CERTIFICATE,
    key: TEST_CERTIFICATE_KEY,
    allowHTTP1: overHttp1 !== undefined,
  });
  server.on('stream', (stream) => {
    seen.streams += 1;
    stream.on('error', () => undefined);
    stream.close(0x7);
  });
  server.on('request', (request, response) => {
    if (request.httpVersionMajor === 2) return;
    seen.requests.push(request.method);
    overHttp1?.(response);
  });
  const port = await listening(server);
  cleanups.push(() => closed(server));
  return { url: `https://127.0.0.1:${port}/v1`, seen };
}

describe('a server that speaks HTTP/2, and refuses its streams', () => {
  it('is spoken to in HTTP/1.1, and gets one PUT', async () => {
    const server = await refusingServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(ACCOUNT));
    });
    const config = await trusting(TEST_CERTIFICATE);
    expect(valueOf(await mint({ url: server.url, config })).value.id).toBe('a');
    expect(server.seen).toEqual({ streams: 0, requests: ['PUT'] });
  });

  it('gets one PUT also where it tears down the connection', async () => {
    const server = await refusingServer((response) => void response.socket?.destroy());
    const failure = failureIn(await mint({ url: server.url, config: await trusting(TEST_CERTIFICATE) }));
    expect(failure.kind).toBe('no-answer');
    expect(server.seen).toEqual({ streams: 0, requests: ['PUT'] });
  });

  it('and nothing else is sent nothing', async () => {
    const server = await refusingServer(undefined);
    const failure = failureIn(await mint({ url: server.url, config: await trusting(TEST_CERTIFICATE) }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toMatch(NOTHING_DONE);
    expect(server.seen).toEqual({ streams: 0, requests: [] });
  });
});

describe('a proxy that does not let through', () => {
  it.each([407, 502, 503])('answers a tunnel with %i: nothing was sent', async (status) => {
    const asked: { readonly url: string | undefined; readonly authorization: string | undefined }[] = [];
    const proxy = createPlainServer();
    proxy.on('connect', (request, socket) => {
      asked.push({ url: request.url, authorization: request.headers.authorization });
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    });
    const environment = { https_proxy: `http://127.0.0.1:${await listening(proxy)}` };
    cleanups.push(() => closed(proxy));
    const failure = failureIn(await mint({ url: 'https://kronup.invalid/v1', environment }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain(String(status));
    expect(failure.message).toMatch(NOTHING_DONE);
    expect(asked).toEqual([{ url: 'kronup.invalid:443', authorization: undefined }]);
  });

  it.each([407, 502])(
    'answers in place of Kronup with %i, where there is no TLS: it may have passed the mint on',
    async (status) => {
      const proxy = await scriptedServer((_, response) => response.writeHead(status).end('<html>'));
      cleanups.push(() => proxy[Symbol.asyncDispose]());
      const environment = { http_proxy: proxy.origin };
      const url = 'http://kronup.invalid/v1';
      const failure = failureIn(await mint({ url, environment, config: { insecure: true } }));
      expect(failure.kind).toBe('no-answer');
      expect(failure.message).toContain(String(status));
      expect(proxy.received).toHaveLength(1);
    },
  );
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])(
    'with the status %i is never followed, and the token goes nowhere else',
    async (status) => {
      const elsewhere = await scriptedServer((_, response) => json(response, ACCOUNT));
      const server = await scriptedServer((_, response) =>
        response.writeHead(status, { location: `${elsewhere.url}/service-accounts/a` }).end(),
      );
      cleanups.push(
        () => server[Symbol.asyncDispose](),
        () => elsewhere[Symbol.asyncDispose](),
      );
      const { client: kronup } = client({ url: server.url });
      for (const asked of [kronup.regenerate('a', { signal: never }), kronup.read('a', { signal: never })]) {
        const failure = failureIn(await asked);
        expect(failure).toMatchObject({ kind: 'answer-invalid', status });
        expect(failure.message).toContain('it redirects, which is never followed. Check baseUrl.');
      }
      expect(server.received.map(({ method }) => method).toSorted()).toEqual(['GET', 'PUT']);
      expect(server.received[0]?.headers.authorization).toBe(`Bearer ${MANAGER_TOKEN.reveal()}`);
      expect(elsewhere.sockets.ever).toBe(0);
    },
  );
});

describe('a name that does not resolve', () => {
  it('is named, with what to look at, and nothing was sent', async () => {
    const failure = failureIn(await mint({ url: 'https://kronup.invalid/v1' }));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toMatch(/getaddrinfo (ENOTFOUND|EAI_AGAIN) kronup\.invalid/);
    expect(failure.message).toMatch(NOTHING_DONE);
  });
});
