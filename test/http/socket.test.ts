import { chmod, link, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketClient } from '../../src/http/client.ts';
import { listenOnSocket } from '../../src/http/socket.ts';
import { PATIENCE_MS } from '../world/patience.ts';

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-socket-'));
  await mkdir(join(folder, 'data'));
  path = join(folder, 'data', 'rekeyd.sock');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function api() {
  const app = fastify({ forceCloseConnections: true });
  app.get('/v1/hello', () => ({ hello: 'world' }));
  return app;
}

describe('the socket', () => {
  it('answers, with the mode that was asked for, and is gone when it is closed', async () => {
    const listening = await listenOnSocket(api(), { path, mode: 0o660 });
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    await using client = socketClient(path);
    const answer = await client.call({ method: 'GET', path: '/v1/hello', timeoutMs: PATIENCE_MS });
    expect(answer).toEqual({ status: 200, body: { hello: 'world' } });
    await listening[Symbol.asyncDispose]();
    expect(await readdir(join(folder, 'data'))).toEqual([]);
  });

  it('touches nothing outside its own folder', async () => {
    await chmod(folder, 0o500);
    const before = (await stat(folder)).mtimeMs;
    await using _listening = await listenOnSocket(api(), { path, mode: 0o600 });
    expect((await stat(folder)).mtimeMs).toBe(before);
    expect(await readdir(folder)).toEqual(['data']);
  });

  it('takes the place of a socket that a killed process left behind', async () => {
    const left = createServer();
    await new Promise<void>((resolve) => left.listen(path, resolve));
    // Closing would remove it: a hard link keeps what nobody listens on any more.
    await link(path, `${path}.kept`);
    await new Promise((resolve) => left.close(resolve));
    await link(`${path}.kept`, path);
    await rm(`${path}.kept`);
    await using _listening = await listenOnSocket(api(), { path, mode: 0o600 });
    await using client = socketClient(path);
    expect((await client.call({ method: 'GET', path: '/v1/hello', timeoutMs: PATIENCE_MS })).status).toBe(
      200,
    );
  });

  it('leaves nothing of a start behind that was killed while the socket was being made', async () => {
    const killed = Promise.withResolvers<void>();
    const never = Object.assign(api(), {
      listen() {
        killed.resolve();
        return new Promise<string>(() => undefined);
      },
    });
    void listenOnSocket(never, { path, mode: 0o600 });
    await killed.promise;
    await using _listening = await listenOnSocket(api(), { path, mode: 0o600 });
    expect(await readdir(join(folder, 'data'))).toEqual(['rekeyd.sock']);
  });

  it('refuses to replace a socket at which another process answers', async () => {
    await using _first = await listenOnSocket(api(), { path, mode: 0o600 });
    await expect(listenOnSocket(api(), { path, mode: 0o600 })).rejects.toThrow(
      `cannot listen on the socket ${path}: another process answers there. Put that right, or change socket.path`,
    );
  });

  it('refuses to replace what is no socket', async () => {
    await writeFile(path, 'precious');
    await expect(listenOnSocket(api(), { path, mode: 0o600 })).rejects.toThrow('something that is no socket');
  });

  it('says by how much a path is too long', async () => {
    const long = join(folder, 'data', 'x'.repeat(120));
    await expect(listenOnSocket(api(), { path: long, mode: 0o600 })).rejects.toThrow(/bytes too long/);
  });
});
