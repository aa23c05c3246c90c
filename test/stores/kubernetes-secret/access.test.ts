// As whom and where the API server is called: from inside a cluster, from a kubeconfig, and as configured.

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessSource } from '../../../src/kubernetes/access-source.ts';
import type { AccessSource } from '../../../src/kubernetes/access.ts';
import { kubernetesSecret } from '../../../src/stores/kubernetes-secret/entry.ts';
import { systemRandom } from '../../../src/system/random.ts';
import { secretSource } from '../../../src/system/secret-source.ts';
import { TEST_CERTIFICATE } from '../../world/certificate.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { fakeServer, secretWith, status } from './fake-server.ts';
import { endless, openStore } from './open.ts';

let folder: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-kubernetes-'));
  clock = new FakeClock('2026-01-05T00:00:00Z');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const CLUSTER = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };
const PLACE = { address: 'n/s/token', options: {} };

async function put(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

function source(
  config: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
): AccessSource {
  const options = {
    name: 'cluster',
    config: kubernetesSecret.schema.parse(config),
    installation: 'test',
    clock,
    random: systemRandom(),
    environment,
    secretOf: (reference: Parameters<typeof secretSource>[0]) => secretSource(reference, environment),
  };
  return accessSource(options, folder);
}

/** What an access is, with its secrets in the clear. */
async function accessOf(from: AccessSource): Promise<unknown> {
  const access = await from.current(endless());
  if (!access.ok) return `${access.failure.kind}: ${access.failure.message}`;
  const { token, ...rest } = access.value;
  return { ...rest, ...(token && { token: token.reveal() }) };
}

describe('inside a cluster', () => {
  it('is what Kubernetes gives a pod, and the token is read again when it is renewed', async () => {
    await put('ca.crt', 'authorities');
    await put('token', 'first');
    const access = source({}, CLUSTER);
    const want = { server: 'https://10.0.0.1:6443', tls: { ca: 'authorities' } };
    expect(await accessOf(access)).toEqual({ ...want, token: 'first' });
    await put('token', 'the second');
    expect(await accessOf(access)).toEqual({ ...want, token: 'the second' });
  });

  it('has an address of IPv6 in brackets', async () => {
    await put('ca.crt', 'authorities');
    await put('token', 'first');
    const access = source({}, { ...CLUSTER, KUBERNETES_SERVICE_HOST: 'fd00::1' });
    expect(await accessOf(access)).toMatchObject({ server: 'https://[fd00::1]:6443' });
  });

  it('is refused in words where there is no cluster around, or no token', async () => {
    expect(await accessOf(source({}))).toMatch(/^not-connected: .*give a kubeconfig/);
    await put('ca.crt', 'authorities');
    expect(await accessOf(source({}, CLUSTER))).toMatch(
      /^credential-refused: .*automountServiceAccountToken/,
    );
  });
});

describe('as configured', () => {
  it('has the token of a file or a variable, read again when it changes', async () => {
    const file = await put('my-token', 'one');
    const access = source({ server: 'https://api.example:6443/', token: { file } });
    expect(await accessOf(access)).toEqual({ server: 'https://api.example:6443', tls: {}, token: 'one' });
    await put('my-token', 'another');
    expect(await accessOf(access)).toMatchObject({ token: 'another' });
  });

  it('refuses authorities that others may write', async () => {
    const ca = await put('ca.pem', 'authorities');
    await chmod(ca, 0o666);
    expect(await accessOf(source({ server: 'https://api.example', ca }))).toMatch(
      /^target-refused: the certificates in .* are not trusted: others may write it/,
    );
  });
});

describe('a kubeconfig', () => {
  const base = (user: object, cluster: object = { server: 'https://api.example:6443' }): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'one',
      contexts: [
        { name: 'one', context: { cluster: 'c', user: 'u' } },
        { name: 'two', context: { cluster: 'c', user: 'nobody' } },
      ],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
    });
  const from = async (text: string, more: object = {}) =>
    source({ kubeconfig: await put('config', text), ...more }, { PATH: '/usr/bin:/bin' });

  it('gives server, authorities, token and whom to act as', async () => {
    const cluster = {
      server: 'https://api.example:6443/base',
      'certificate-authority-data': Buffer.from('authorities').toString('base64'),
      'tls-server-name': 'other.example',
    };
    const access = await from(base({ token: 'abc', as: 'somebody', 'as-groups': ['g'] }, cluster));
    expect(await accessOf(access)).toEqual({
      server: 'https://api.example:6443/base',
      tls: { ca: 'authorities', servername: 'other.example' },
      token: 'abc',
      impersonate: { user: 'somebody', groups: ['g'] },
    });
  });

  it('gives a client certificate, from files beside it too', async () => {
    await put('client.crt', 'certificate');
    const user = {
      'client-certificate': 'client.crt',
      'client-key-data': Buffer.from('key').toString('base64'),
    };
    expect(await accessOf(await from(base(user)))).toMatchObject({
      tls: { cert: 'certificate', key: 'key' },
    });
  });

  it('gives the token of a file, and another context', async () => {
    await put('its-token', 'from a file');
    const text = base({ tokenFile: 'its-token' });
    expect(await accessOf(await from(text))).toMatchObject({ token: 'from a file' });
    expect(await accessOf(await from(text, { context: 'two' }))).not.toHaveProperty('token');
  });

  it('asks a program for a token, and again only when that is about to expire or was refused', async () => {
    const script = `#!/bin/sh
echo x >> ${join(folder, 'runs')}
printf '{"status":{"token":"%s-%s","expirationTimestamp":"2026-01-05T01:00:00Z"}}' "$1" "$(wc -l < ${join(folder, 'runs')} | tr -d ' ')"
`;
    await put('plugin', script);
    await chmod(join(folder, 'plugin'), 0o700);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', args: ['run'] };
    const access = await from(base({ exec }));
    expect(await accessOf(access)).toMatchObject({ token: 'run-1' });
    expect(await accessOf(access)).toMatchObject({ token: 'run-1' });
    access.forget();
    expect(await accessOf(access)).toMatchObject({ token: 'run-2' });
    await clock.advance(59 * 60_000);
    expect(await accessOf(access)).toMatchObject({ token: 'run-3' });
  });

  it.each([
    ['exit 3', /it ended with 3/],
    ['echo secret-looking text', /no ExecCredential/],
    [`echo '{"status":{}}'`, /neither a token nor a certificate/],
  ])('says what became of a program that does: %s', async (command, wantWhy) => {
    await put('plugin', `#!/bin/sh\n${command}\n`);
    await chmod(join(folder, 'plugin'), 0o700);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin' };
    const said = await accessOf(await from(base({ exec })));
    expect(said).toMatch(/^credential-refused: the program .*plugin/);
    expect(said).toMatch(wantWhy);
    expect(said).not.toContain('secret-looking');
  });

  it.each<[what: string, text: string, more: object, wantWhy: RegExp]>([
    ['no YAML', '{', {}, /it is no kubeconfig/],
    ['something else', 'a: b', {}, /it is no kubeconfig/],
    ['no such context', base({}), { context: 'three' }, /no context three; it has one, two/],
    [
      'trust in anybody',
      base({}, { server: 'https://x', 'insecure-skip-tls-verify': true }),
      {},
      /to anybody/,
    ],
    ['plain http', base({}, { server: 'http://x' }), {}, /insecure: true/],
    ['a server without https', base({}, { server: 'x.example:6443' }), {}, /no URL such as https/],
    ['a proxy', base({}, { server: 'https://x', 'proxy-url': 'http://y' }), {}, /HTTPS_PROXY/],
    ['a provider of old', base({ 'auth-provider': { name: 'gcp' } }), {}, /auth-provider/],
    ['a password', base({ username: 'a', password: 'b' }), {}, /password/],
  ])('is refused with the reason where it has %s', async (_, text, more, wantWhy) => {
    const said = await accessOf(await from(text, more));
    expect(said).toMatch(/^target-refused: the kubeconfig .*config cannot be used: /);
    expect(said).toMatch(wantWhy);
  });

  it('is refused where others may write it, and where it is not there', async () => {
    const path = await put('config', base({}));
    await chmod(path, 0o622);
    expect(await accessOf(source({ kubeconfig: path }))).toMatch(/not trusted: others may write it/);
    expect(await accessOf(source({ kubeconfig: join(folder, 'none') }))).toMatch(/cannot be read \(ENOENT\)/);
  });
});

describe('a call of the API server', () => {
  it('carries the token and whom to act as, over TLS with the configured authorities only', async () => {
    await using server = await fakeServer({ tls: true });
    server.answer(secretWith('value'));
    const token = { file: await put('token', 'the-token') };
    const ca = await put('ca.pem', TEST_CERTIFICATE);
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
    const ca = await put('ca.pem', 'no certificate yet');
    await using store = await openStore({ config: { server: server.url, ca } });
    expect((await store.read(PLACE, { signal: endless() })).ok).toBe(false);
    await put('ca.pem', TEST_CERTIFICATE);
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
      expect(read.ok ? 0 : read.failure.retryAfterMs).toBe(7_000);
    },
  );

  it('never repeats a credential that an answer quotes', async () => {
    await using server = await fakeServer();
    const token = { file: await put('token', 'eyJhbGciOiJIUzI1NiJ9.sensitive.value') };
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
