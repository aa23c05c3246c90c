// What reads and writes become at servers, and on ways, that do what AWS never does: over in time, in few bytes, called by name.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAILURES } from '../../../src/domain/failure.ts';
import type { Failure, Result } from '../../../src/domain/failure.ts';
import { SecretBytes } from '../../../src/domain/secret.ts';
import type { Store } from '../../../src/ports/store.ts';
import { EXPIRED_CERTIFICATE, OTHER_CERTIFICATE } from '../../world/certificate.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { EXCESSIVE, SLOW, startRudeServer, SUDDEN } from '../../world/rude-server.ts';
import type { Rudeness } from '../../world/rude-server.ts';
import { startFakeAws } from './fake-aws.ts';
import { endless, openStore, useStaticCredentials } from './open.ts';
import type { Opening } from './open.ts';

const PLACE = { address: 'prod/app', options: {} };
const VALUE = 'opaque-credential-in-a-target';
const SENT_BYTES_MAX = 16 * 1_024 * 1_024;
const WANT_START =
  /^secretsmanager:(GetSecretValue|PutSecretValue) on prod\/app in eu-central-1 failed: \S.+; \S/;

const cleanups: (() => PromiseLike<unknown>)[] = [];
beforeEach(() => {
  useStaticCredentials();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function storeAt(endpoint: string, more: Partial<Opening> = {}) {
  const clock = new FakeClock();
  const { config, ...rest } = more;
  const store = await openStore({ clock, config: { endpoint, region: 'eu-central-1', ...config }, ...rest });
  cleanups.push(() => store[Symbol.asyncDispose]());
  return { store, clock };
}

async function world(rudeness: Rudeness) {
  const server = await startRudeServer(rudeness);
  cleanups.push(() => server[Symbol.asyncDispose]());
  return { server, ...(await storeAt(server.origin)) };
}

function read(store: Store): ReturnType<Store['read']> {
  return store.read(PLACE, { signal: endless() });
}

function write(store: Store): ReturnType<Store['write']> {
  return store.write(PLACE, new SecretBytes(VALUE), { signal: endless(), writeToken: 'x'.repeat(32) });
}

function failureIn(result: Result<unknown>): Failure {
  if (result.ok) throw new Error('it succeeded');
  expect(result.failure.message).toMatch(WANT_START);
  expect(result.failure.message).not.toContain(VALUE);
  return result.failure;
}

describe('a server in place of AWS that', () => {
  it.each([...Object.entries(SUDDEN), ...Object.entries(EXCESSIVE)])(
    '%s is unavailable at once',
    async (_, rudeness) => {
      const { server, store, clock } = await world(rudeness);
      for (const asked of [read(store), write(store)]) {
        const failure = failureIn(await asked);
        expect(failure.kind).toBe('store-unavailable');
        expect(FAILURES[failure.kind].effect).toBe('unknown');
      }
      expect(clock.sleeping).toBe(0);
      expect(server.requests.length).toBeLessThanOrEqual(4);
      expect(server.sent).toBeLessThan(SENT_BYTES_MAX);
    },
  );

  it.each(Object.entries(SLOW))('%s is unavailable at the store’s timeout', async (_, rudeness) => {
    const { server, store, clock } = await world(rudeness);
    const writing = write(store);
    await server.arrived(1);
    for (let second = 0; second < 10; second++) {
      server.goOn();
      await clock.advance(1_000);
    }
    const failure = failureIn(await writing);
    expect(failure.kind).toBe('store-unavailable');
    expect(failure.message).toContain('no answer within 10000 ms');
    await server.quiet();
    expect(server.requests).toHaveLength(1);
  });

  it('redirects is not followed', async () => {
    const elsewhere = await startRudeServer(() => undefined);
    cleanups.push(() => elsewhere[Symbol.asyncDispose]());
    const { store } = await world(
      (socket) =>
        void socket.end(`HTTP/1.1 307 No\r\nlocation: ${elsewhere.origin}/\r\ncontent-length: 0\r\n\r\n`),
    );
    const failure = failureIn(await write(store));
    expect(failure).toMatchObject({ kind: 'store-unavailable', status: 307 });
    expect(elsewhere.connections).toBe(0);
  });

  it('always has one page more is left after some', async () => {
    const aws = await startFakeAws();
    cleanups.push(() => aws[Symbol.asyncDispose]());
    aws.on('DescribeSecret', { json: { ARN: 'arn', Name: 'prod/app' } });
    aws.on('ListSecretVersionIds', { json: { Versions: [{ VersionId: 'x' }], NextToken: 'again' } });
    const { store } = await storeAt(aws.url);
    const ready = await store.preflight(PLACE, { signal: endless(), size: 1, realWrite: false });
    expect(ready).toMatchObject({ ok: false, failure: { kind: 'store-unavailable' } });
    expect(ready.ok ? '' : ready.failure.message).toMatch(/ListSecretVersionIds on prod\/app .*pages/);
  });
});

describe('a server in place of AWS whose certificate', () => {
  it.each([
    ['has expired', EXPIRED_CERTIFICATE, 'CERT_HAS_EXPIRED', /its certificate has expired/],
    [
      'is for another host',
      OTHER_CERTIFICATE,
      'ERR_TLS_CERT_ALTNAME_INVALID',
      /its certificate is for another name/,
    ],
  ])('%s is sent nothing', async (_, certificate, id, want) => {
    const folder = await mkdtemp(join(tmpdir(), 'rekeyd-aws-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, certificate);
    const aws = await startFakeAws({ tls: true, certificate });
    cleanups.push(() => aws[Symbol.asyncDispose]());
    const { store } = await storeAt(aws.url, { config: { ca } });
    const failure = failureIn(await write(store));
    expect(failure).toMatchObject({ kind: 'not-connected', id });
    expect(failure.message).toMatch(want);
    expect(failure.message).toMatch(/; see the store’s region, endpoint and ca, and the proxy settings$/);
    expect(aws.calls).toEqual([]);
  });

  it('is none, because it speaks no TLS at all, is sent nothing', async () => {
    const aws = await startFakeAws();
    cleanups.push(() => aws[Symbol.asyncDispose]());
    const { store } = await storeAt(aws.url.replace('http:', 'https:'));
    expect(failureIn(await write(store))).toMatchObject({ kind: 'not-connected' });
    expect(aws.calls).toEqual([]);
  });
});

describe('a proxy before AWS that does not let through', () => {
  it.each([407, 502])('answers a tunnel with %i: nothing was sent', async (status) => {
    const asked: (string | undefined)[] = [];
    const proxy = createPlainServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url);
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => void proxy.close(resolve)));
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const { store } = await storeAt('https://secretsmanager.example.invalid', { environment });
    const failure = failureIn(await write(store));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain(String(status));
    expect(asked).toEqual(['secretsmanager.example.invalid:443']);
  });
});

describe('a name of AWS that does not resolve', () => {
  it('is not connected to, and the failure says what to look at', async () => {
    const { store } = await storeAt('https://secretsmanager.example.invalid');
    const failure = failureIn(await write(store));
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toMatch(
      /(the name of the service is not known|the name service does not answer)/,
    );
  });
});
