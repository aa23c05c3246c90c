import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketClient } from '../../src/http/client.ts';
import type { ApiAnswer, ApiCall } from '../../src/http/client.ts';
import { daemonWorld } from '../cli/daemon-world.ts';
import type { DaemonWorld } from '../cli/daemon-world.ts';
import { leaks } from '../world/canary.ts';
import { PATIENCE_MS } from '../world/patience.ts';

let world: DaemonWorld;
let name = '';

beforeEach(async () => {
  world = await daemonWorld();
  await mkdir(join(world.folder, 'secrets'), { mode: 0o700 });
  name = world.names[0] ?? '';
  await world.start();
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

async function call(given: Pick<ApiCall, 'method' | 'path'> & Partial<ApiCall>): Promise<ApiAnswer> {
  await using client = socketClient(world.socketPath);
  return await client.call({ timeoutMs: PATIENCE_MS, ...given });
}

function rotate(reason: string): Promise<ApiAnswer> {
  const body = { accounts: [name], reason };
  return call({ method: 'POST', path: '/v1/rotations?wait=20s', body });
}

describe('the API of a daemon that runs', () => {
  it('shows no credential in any answer, neither of now nor of before', async () => {
    const before = await world.token(name);
    const asked = await rotate('leaked');
    expect(asked).toMatchObject({
      status: 200,
      body: { rotations: [{ rotation: { outcome: 'succeeded' } }] },
    });
    const after = await world.token(name);
    expect(after).not.toBe(before);
    const { rotations } = asked.body as {
      rotations: readonly { request: string; rotation: { id: string } }[];
    };
    const paths = [
      '/v1/status',
      '/v1/accounts',
      '/v1/rows',
      `/v1/accounts/${name}`,
      `/v1/accounts/${name}/facts`,
      '/v1/rotations',
      `/v1/rotations/${rotations[0]?.rotation.id}`,
      `/v1/requests/${encodeURIComponent(rotations[0]?.request ?? '')}`,
    ];
    const places = [{ name: 'POST /v1/rotations', content: JSON.stringify(asked.body) }];
    for (const path of paths) {
      const { status, body } = await call({ method: 'GET', path });
      expect(status).toBe(200);
      places.push({ name: path, content: JSON.stringify(body) });
    }
    expect(leaks(places, [before, after, world.kronup.manager.token.reveal()])).toEqual([]);
  });

  it('keeps no manager credential that somebody has put into a reason', async () => {
    const token = world.kronup.manager.token.reveal();
    const asked = await rotate(`replace ${token}`);
    expect(asked.status).toBe(200);
    const facts = await call({ method: 'GET', path: `/v1/accounts/${name}/facts` });
    expect(JSON.stringify(facts.body)).toContain('replace ');
    const places = [asked, facts].map(({ body }, index) => ({
      name: String(index),
      content: JSON.stringify(body),
    }));
    expect(leaks(places, [token])).toEqual([]);
  });

  it('refuses to accept a target that the account does not have', async () => {
    const path = `/v1/accounts/${name}/accept`;
    const answer = await call({ method: 'POST', path, body: { reason: 'x', target: 'files:other' } });
    expect(answer.status).toBe(409);
    expect((answer.body as { error: string }).error).toContain('files:other');
  });

  it('unparks and reconciles', async () => {
    for (const does of ['unpark', 'reconcile']) {
      const path = `/v1/accounts/${name}/${does}`;
      const answer = await call({ method: 'POST', path, body: { reason: 'x' } });
      expect(answer).toMatchObject({ status: 200, body: { account: name, does, state: 'taken' } });
    }
  });
});
