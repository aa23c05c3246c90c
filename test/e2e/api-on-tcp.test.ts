// The API for other machines, by the program itself: a daemon that serves it, and commands that reach it with a token.

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { OTHER_CERTIFICATE, TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from '../world/certificate.ts';
import { leaks } from '../world/canary.ts';
import { daemonWorld } from '../world/daemon-world.ts';
import type { DaemonWorld } from '../world/daemon-world.ts';
import type { RunningProcess } from '../world/daemon-process.ts';

interface Served {
  readonly world: DaemonWorld;
  readonly daemon: RunningProcess;
  readonly url: string;
  readonly name: string;
  readonly token: string;
  /** Runs a command that knows nothing but the URL and the token file. */
  readonly run: (...args: readonly string[]) => Promise<{ readonly code?: number; readonly output: string }>;
}

async function tokenIn(world: DaemonWorld, file: string): Promise<string> {
  const made = world.run('token', '--token-file', file);
  expect(await made.ended).toEqual({ code: 0 });
  return made.output().trim();
}

function configure(world: DaemonWorld, api: object): Promise<void> {
  const defaults = { provider: 'kronup', minInterval: '1s' };
  return world.configure([world.account(0)], { api: { address: '127.0.0.1:0', ...api }, defaults });
}

async function serve(api: (hash: string, world: DaemonWorld) => object): Promise<Served> {
  const world = await daemonWorld();
  const hash = await tokenIn(world, 'token');
  await writeFile(join(world.folder, 'tls.crt'), TEST_CERTIFICATE);
  await writeFile(join(world.folder, 'tls.key'), TEST_CERTIFICATE_KEY, { mode: 0o600 });
  await configure(world, api(hash, world));
  const daemon = await world.start();
  const { address } = await daemon.line({ event: 'listener-started', listener: 'api' });
  const url = String(address);
  return {
    world,
    daemon,
    url,
    name: world.emulated(0).name,
    token: (await readFile(join(world.folder, 'token'), 'utf8')).trim(),
    async run(...args) {
      const command = world.run(...args, '--url', url, '--token-file', 'token');
      const { code } = await command.ended;
      return { ...(code === undefined ? {} : { code }), output: command.output() };
    },
  };
}

const operator = (hash: string) => ({ tokens: { oncall: { role: 'operator', hash } } });

describe('the API for other machines', () => {
  it('rotates for an operator, whose token stands in the history and in the log', async () => {
    const { world, daemon, name, token, run } = await serve(operator);
    expect((await stat(join(world.folder, 'token'))).mode & 0o777).toBe(0o600);
    const before = await world.live(0);
    const rotated = await run('rotate', name, '--reason', 'leaked', '--wait', '30s');
    expect(rotated).toMatchObject({ code: 0 });
    expect(await world.live(0)).not.toBe(before);
    expect((await world.history(name))[0]).toMatchObject({ trigger: 'manual', outcome: 'succeeded' });
    const called = await daemon.line({ event: 'api-called' });
    expect(called).toMatchObject({
      method: 'POST',
      path: '/v1/rotations',
      by: 'token:oncall',
      from: '127.0.0.1',
    });
    const asked = await daemon.line({ event: 'request-received' });
    expect(asked).toMatchObject({ does: 'rotate', from: 'token:oncall' });
    const places = [rotated, { output: daemon.output() }].map(({ output: content }, index) => ({
      name: String(index),
      content,
    }));
    expect(leaks(places, [token])).toEqual([]);
  });

  it('shows a viewer everything, and does nothing for it', async () => {
    const { daemon, name, run } = await serve((hash) => ({
      tokens: { dashboard: { role: 'viewer', hash } },
    }));
    expect(await run('status')).toMatchObject({ code: 0, output: expect.stringContaining(name) as string });
    const refused = await run('pause', name, '--reason', 'x');
    expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('role viewer') as string });
    const line = await daemon.line({ event: 'api-refused' });
    expect(line).toMatchObject({ why: 'role', by: 'token:dashboard', from: '127.0.0.1', level: 'warn' });
  });

  it('refuses a token from the moment on that it left the configuration, and takes a hash that came into a file', async () => {
    const { world, daemon, run } = await serve((hash, { folder }) => {
      const file = join(folder, 'other-hash');
      return { tokens: { oncall: { role: 'operator', hash }, later: { role: 'viewer', hash: { file } } } };
    });
    expect((await run('status')).code).toBe(0);
    const unusable = await daemon.line({ event: 'api-token-unusable' });
    expect(unusable).toMatchObject({
      name: 'later',
      detail: expect.stringContaining('other-hash') as string,
    });
    await configure(world, {
      tokens: { later: { role: 'viewer', hash: { file: join(world.folder, 'other-hash') } } },
    });
    daemon.signal('SIGHUP');
    await daemon.line({ event: 'config-applied' }, daemon.log.length);
    const refused = await run('status');
    expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('not known here') as string });
    const own = (await tokenHash(world)).trim();
    await writeFile(join(world.folder, 'other-hash'), `${own}\n`);
    expect((await run('status')).code).toBe(0);
  });

  it('speaks TLS with the certificate that is in its files now', async () => {
    const { world, daemon, url, run } = await serve((hash, { folder }) => ({
      ...operator(hash),
      tls: tlsFiles(folder),
    }));
    expect(url).toMatch(/^https:/);
    const untrusted = await run('status');
    expect(untrusted).toMatchObject({ code: 4, output: expect.stringContaining('--ca-file') as string });
    expect((await run('status', '--ca-file', 'tls.crt')).code).toBe(0);
    await writeFile(join(world.folder, 'tls.crt'), 'nonsense');
    const refused = await daemon.line({ event: 'api-certificate-refused' });
    expect(refused['detail']).toContain('is no PEM certificate');
    expect(await nameShownAt(url)).toBe('localhost');
    await writeFile(join(world.folder, 'tls.crt'), OTHER_CERTIFICATE);
    await daemon.line({ event: 'api-certificate-loaded', subject: 'CN=other.example' });
    expect(await nameShownAt(url)).toBe('other.example');
  });

  it('opens, moves and closes its listener with the configuration', async () => {
    const { world, daemon } = await serve(operator);
    const hash = (await tokenHash(world)).trim();
    const reloaded = async (api: object) => {
      const from = daemon.log.length;
      await configure(world, api);
      daemon.signal('SIGHUP');
      await daemon.line({ event: 'config-applied' }, from);
      return from;
    };
    const closed = world.ask({ method: 'GET', path: '/v1/status' });
    expect((await closed).body).toHaveProperty('api');
    await reloaded({});
    expect((await world.ask({ method: 'GET', path: '/v1/status' })).body).not.toHaveProperty('api');
    const from = await reloaded({ address: '[::1]:0', ...operator(hash) });
    const line = await daemon.line({ event: 'listener-started', listener: 'api' }, from);
    expect(line['address']).toMatch(/^http:\/\/\[::1\]:/);
    const failing = await reloaded({ address: '192.0.2.1:8443', insecure: true, ...operator(hash) });
    expect(await daemon.line({ event: 'api-listener-failed' }, failing)).toMatchObject({
      detail: expect.stringContaining('192.0.2.1:8443') as string,
    });
    const { api } = (await world.ask({ method: 'GET', path: '/v1/status' })).body as { api: string };
    expect(api).toMatch(/^http:\/\/\[::1\]:/);
  });
});

function tlsFiles(folder: string): { readonly certificate: string; readonly key: string } {
  return { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
}

/** Of the token in the world's file `token`, calculated as the documentation says. */
async function tokenHash({ folder }: DaemonWorld): Promise<string> {
  const { createHash } = await import('node:crypto');
  const token = (await readFile(join(folder, 'token'), 'utf8')).trim();
  return `sha256:${createHash('sha256').update(token).digest('hex')}`;
}

async function nameShownAt(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
    resolve(String(socket.getPeerCertificate().subject.CN));
    socket.destroy();
  });
  socket.once('error', reject);
  return await promise;
}
