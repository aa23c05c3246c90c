// How the API server is called: over TLS with the configured authorities only, and what is made of its answers.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TEST_CERTIFICATE } from '../../world/certificate.ts';
import { privateFiles } from '../../world/private-files.ts';
import type { PrivateFiles } from '../../world/private-files.ts';
import { fakeServer, secretWith, status } from './fake-server.ts';
import { endless, openStore } from './open.ts';

let files: PrivateFiles;

beforeEach(async () => {
  files = await privateFiles();
});

afterEach(async () => await files[Symbol.asyncDispose]());

const PLACE = { address: 'n/s/token', options: {} };

describe('a call of the API server', () => {
  it('carries the token and whom to act as, over TLS with the configured authorities only', async () => {
    await using server = await fakeServer({ tls: true });
    server.answer(secretWith('value'));
    const token = { file: await files.put('token', 'the-token') };
    const ca = await files.put('ca.pem', TEST_CERTIFICATE);
    await using store = await openStore({
      config: { server: server.url, ca, token, impersonate: 'somebody' },
    });
    expect((await store.read(PLACE, { signal: endless() })).ok).toBe(true);
    expect(server.asked[0]).toMatchObject({
      method: 'GET',
      path: '/api/v1/namespaces/n/secrets/s',
      headers: { authorization: 'Bearer the-token', 'impersonate-user': 'somebody' },
    });
    await using trusting = await openStore({ config: { server: server.url, token } });
    expect(await trusting.read(PLACE, { signal: endless() })).toMatchObject({
      failure: { kind: 'not-connected', message: expect.stringContaining('not trusted') as string },
    });
    expect(server.asked).toHaveLength(1);
  });

  it('goes on with the new certificate authorities when they were renewed', async () => {
    await using server = await fakeServer({ tls: true });
    server.answer(secretWith('value'));
    const ca = await files.put('ca.pem', 'no certificate yet');
    await using store = await openStore({ config: { server: server.url, ca } });
    expect((await store.read(PLACE, { signal: endless() })).ok).toBe(false);
    await files.put('ca.pem', TEST_CERTIFICATE);
    expect((await store.read(PLACE, { signal: endless() })).ok).toBe(true);
  });

  it.each<[code: number, reason: string, message: string, wantKind: string, wantWords: RegExp]>([
    [401, 'Unauthorized', 'Unauthorized', 'credential-refused', /refuses rekeyd's own credential/],
    [
      403,
      'Forbidden',
      'secrets "s" is forbidden: User "x" cannot get resource "secrets"',
      'target-refused',
      /verb get/,
    ],
    [403, 'Forbidden', 'denied by policy p', 'target-refused', /is forbidden: denied by policy p$/],
    [429, 'TooManyRequests', 'slow down', 'rate-limited', /asks to wait/],
    [422, 'Invalid', 'data: Invalid value', 'target-refused', /does not take .*Invalid value/],
    [500, 'InternalError', 'etcd', 'store-unavailable', /failed \(InternalError, status 500\): etcd/],
    [503, '', '', 'store-unavailable', /status 503/],
  ])(
    'that is answered with %i %s says what that means',
    async (code, reason, message, wantKind, wantWords) => {
      await using server = await fakeServer();
      server.answer(status(code, { reason, message }, { 'retry-after': '7' }));
      await using store = await openStore({ config: { server: server.url } });
      const read = await store.read(PLACE, { signal: endless() });
      expect(read).toMatchObject({ ok: false, failure: { kind: wantKind, status: code } });
      expect(read.ok ? '' : read.failure.message).toMatch(wantWords);
      expect(read.ok ? 0 : read.failure.retryAfterMs).toBe(code === 429 ? 7_000 : undefined);
    },
  );

  it('that is to wait for a day waits for five minutes', async () => {
    await using server = await fakeServer();
    server.answer(status(429, {}, { 'retry-after': '86400' }));
    await using store = await openStore({ config: { server: server.url } });
    const read = await store.read(PLACE, { signal: endless() });
    expect(read).toMatchObject({ failure: { kind: 'rate-limited', retryAfterMs: 300_000 } });
  });

  it('never repeats a credential that an answer quotes', async () => {
    await using server = await fakeServer();
    const token = { file: await files.put('token', 'eyJhbGciOiJIUzI1NiJ9.sensitive.value') };
    server.answer(status(422, { message: 'got eyJhbGciOiJIUzI1NiJ9.sensitive.value' }));
    await using store = await openStore({ config: { server: server.url, token } });
    expect(JSON.stringify(await store.read(PLACE, { signal: endless() }))).not.toContain('sensitive');
  });

  it.each<[what: string, body: string]>([
    ['a page', '<html>'],
    ['another object', '{"kind":"List"}'],
    ['a Secret with broken values', '{"metadata":{"uid":"u","resourceVersion":"1"},"data":{"token":"%"}}'],
  ])('that is answered with %s says that this is no API server', async (_, body) => {
    await using server = await fakeServer();
    server.answer((_asked, response) => response.end(body));
    await using store = await openStore({ config: { server: server.url } });
    expect(await store.read(PLACE, { signal: endless() })).toMatchObject({
      failure: {
        kind: 'store-unavailable',
        message: expect.stringContaining('not one of a Kubernetes') as string,
      },
    });
  });

  it('takes a Secret for missing only where the API server itself says that it is', async () => {
    await using server = await fakeServer();
    await using store = await openStore({ config: { server: server.url } });
    server.answer(status(404, { reason: 'NotFound', message: 'secrets "s" not found' }));
    expect(await store.read(PLACE, { signal: endless() })).toEqual({ ok: true, value: { state: 'absent' } });
    for (const body of [
      'default backend - 404',
      '{"type":"error","code":"NotFound","message":"no such cluster"}',
    ]) {
      server.answer((_asked, response) => response.writeHead(404).end(body));
      expect(await store.read(PLACE, { signal: endless() })).toMatchObject({
        failure: {
          kind: 'store-unavailable',
          message: expect.stringContaining('not from a Kubernetes API server') as string,
        },
      });
    }
  });

  it('is made again where a kept connection was just closed', async () => {
    await using server = await fakeServer();
    let calls = 0;
    server.answer((asked, response) => {
      calls += 1;
      if (calls === 2) response.destroy();
      else secretWith('value')(asked, response);
    });
    await using store = await openStore({ config: { server: server.url } });
    expect((await store.read(PLACE, { signal: endless() })).ok).toBe(true);
    expect((await store.read(PLACE, { signal: endless() })).ok).toBe(true);
    expect(calls).toBe(3);
  });

  it('ends with its time where no answer comes', async () => {
    await using server = await fakeServer();
    server.answer(() => undefined);
    await using store = await openStore({ config: { server: server.url, timeout: '100ms' } });
    expect(await store.read(PLACE, { signal: endless() })).toMatchObject({
      failure: { kind: 'store-unavailable', message: expect.stringContaining('within 100 ms') as string },
    });
  });

  it('says so where nothing listens', async () => {
    const server = await fakeServer();
    await server[Symbol.asyncDispose]();
    await using store = await openStore({ config: { server: server.url } });
    expect(await store.read(PLACE, { signal: endless() })).toMatchObject({
      failure: { kind: 'not-connected', id: 'ECONNREFUSED' },
    });
  });

  it('tells what time it is there, from the API server’s own answers alone', async () => {
    await using server = await fakeServer();
    const told: number[] = [];
    await using store = await openStore({
      config: { server: server.url },
      onTime: ({ date }) => void told.push(date),
    });
    const date = 'Mon, 05 Jan 2026 00:00:00 GMT';
    server.answer(status(404, {}, { date }));
    await store.read(PLACE, { signal: endless() });
    server.answer(status(404, {}, { date, 'audit-id': 'a' }));
    await store.read(PLACE, { signal: endless() });
    expect(told).toEqual([Date.parse(date) + 500]);
  });
});
