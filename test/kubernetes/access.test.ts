// As whom and where the API server is called: from inside a cluster, from a kubeconfig, and as configured.

import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessSource } from '../../src/kubernetes/access-source.ts';
import type { AccessSource } from '../../src/kubernetes/access.ts';
import { clusterSchema } from '../../src/kubernetes/cluster-config.ts';
import { systemRandom } from '../../src/system/random.ts';
import { secretSource } from '../../src/system/secret-source.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { privateFiles } from '../world/private-files.ts';
import type { PrivateFiles } from '../world/private-files.ts';
import { endless } from '../consumers/open.ts';

let files: PrivateFiles;

let clock: FakeClock;

beforeEach(async () => {
  files = await privateFiles();
  clock = new FakeClock('2026-01-05T00:00:00Z');
});

afterEach(async () => await files[Symbol.asyncDispose]());

const CLUSTER = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };

function source(
  config: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
): AccessSource {
  const options = {
    name: 'cluster',
    config: clusterSchema.parse(config),
    installation: 'test',
    clock,
    random: systemRandom(),
    environment,
    secretOf: (reference: Parameters<typeof secretSource>[0]) => secretSource(reference, environment),
  };
  return accessSource(options, files.folder);
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
    await files.put('ca.crt', 'authorities');
    await files.put('token', 'first');
    const access = source({}, CLUSTER);
    const want = { server: 'https://10.0.0.1:6443', tls: { ca: 'authorities' } };
    expect(await accessOf(access)).toEqual({ ...want, token: 'first' });
    await files.put('token', 'the second');
    expect(await accessOf(access)).toEqual({ ...want, token: 'the second' });
  });

  it('has an address of IPv6 in brackets', async () => {
    await files.put('ca.crt', 'authorities');
    await files.put('token', 'first');
    const access = source({}, { ...CLUSTER, KUBERNETES_SERVICE_HOST: 'fd00::1' });
    expect(await accessOf(access)).toMatchObject({ server: 'https://[fd00::1]:6443' });
  });

  it('is refused in words where there is no cluster around, or no token', async () => {
    expect(await accessOf(source({}))).toMatch(/^not-connected: .*give a kubeconfig/);
    await files.put('ca.crt', 'authorities');
    expect(await accessOf(source({}, CLUSTER))).toMatch(
      /^credential-refused: .*automountServiceAccountToken/,
    );
  });
});

describe('as configured', () => {
  it('has the token of a file or a variable, read again when it changes', async () => {
    const file = await files.put('my-token', 'one');
    const access = source({ server: 'https://api.example:6443/', token: { file } });
    expect(await accessOf(access)).toEqual({ server: 'https://api.example:6443', tls: {}, token: 'one' });
    await files.put('my-token', 'another');
    expect(await accessOf(access)).toMatchObject({ token: 'another' });
  });

  it('refuses authorities that others may write', async () => {
    const ca = await files.put('ca.pem', 'authorities');
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
    source({ kubeconfig: await files.put('config', text), ...more }, { PATH: '/usr/bin:/bin' });

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
    await files.put('client.crt', 'certificate');
    const user = {
      'client-certificate': 'client.crt',
      'client-key-data': Buffer.from('key').toString('base64'),
    };
    expect(await accessOf(await from(base(user)))).toMatchObject({
      tls: { cert: 'certificate', key: 'key' },
    });
  });

  it('gives the token of a file, and another context', async () => {
    await files.put('its-token', 'from a file');
    const text = base({ tokenFile: 'its-token' });
    expect(await accessOf(await from(text))).toMatchObject({ token: 'from a file' });
    expect(await accessOf(await from(text, { context: 'two' }))).not.toHaveProperty('token');
  });

  it('asks a program for a token, and again only when that is about to expire or was refused', async () => {
    const runs = join(files.folder, 'runs');
    const script = `#!/bin/sh
echo x >> ${runs}
printf '{"status":{"token":"%s-%s","expirationTimestamp":"2026-01-05T01:00:00Z"}}' "$1" "$(wc -l < ${runs} | tr -d ' ')"
`;
    await files.put('plugin', script);
    await chmod(join(files.folder, 'plugin'), 0o700);
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
    await files.put('plugin', `#!/bin/sh\n${command}\n`);
    await chmod(join(files.folder, 'plugin'), 0o700);
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
    const path = await files.put('config', base({}));
    await chmod(path, 0o622);
    expect(await accessOf(source({ kubeconfig: path }))).toMatch(/not trusted: others may write it/);
    expect(await accessOf(source({ kubeconfig: join(files.folder, 'none') }))).toMatch(
      /cannot be read \(ENOENT\)/,
    );
  });
});
