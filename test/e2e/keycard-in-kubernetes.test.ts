// A client id and its secret, with where they are exchanged, as keys of one Secret: from the real daemon to a real API server.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startKeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { describeContainers } from '../world/containers.ts';
import { daemonWorld } from '../world/daemon-world.ts';
import { startKubernetes } from '../world/kubernetes.ts';
import type { Kubernetes } from '../world/kubernetes.ts';

const NAME = 'shipping';

describeContainers('a Keycard credential in a Kubernetes Secret', () => {
  let kubernetes: Kubernetes;
  beforeAll(async () => {
    kubernetes = await startKubernetes();
  });
  afterAll(async () => await kubernetes[Symbol.asyncDispose]());

  /** A Secret of somebody who keeps something else there, and an account whose credential goes beside that. */
  async function secretWorld() {
    const world = await daemonWorld();
    const keycard = await startKeycardEmulator({ clock: systemClock(), random: systemRandom(), accounts: 1 });
    onTestFinished(() => keycard[Symbol.asyncDispose]());
    const [{ id }] = keycard.accounts as [(typeof keycard.accounts)[number]];
    const { clientId, clientSecret } = keycard.manager;
    await writeFile(join(world.folder, 'keycard-secret'), clientSecret.reveal(), { mode: 0o600 });
    const namespace = await kubernetes.namespace();
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    await kubernetes.call('POST', `${path}?fieldManager=helm`, {
      body: { metadata: { name: NAME }, stringData: { colour: 'green' } },
    });
    const format = {
      kind: 'key',
      clientIdKey: 'client-id',
      clientSecretKey: 'client-secret',
      details: { tokenEndpoint: 'token-url', account: 'of' },
    };
    const target = { store: 'cluster', address: `${namespace}/${NAME}`, format, consumerLag: '0s' };
    const account = {
      name: NAME,
      provider: 'keycard',
      strategy: 'overlap',
      accountId: id,
      targets: [target],
    };
    await world.configure([account], {
      providers: {
        keycard: {
          kind: 'keycard',
          baseUrl: keycard.url,
          clientId,
          clientSecret: { file: join(world.folder, 'keycard-secret') },
        },
      },
      stores: { cluster: { kind: 'kubernetes-secret', server: kubernetes.url, insecure: true } },
      defaults: { minInterval: '1s', rotateOnAdopt: true },
    });
    return {
      world,
      keycard,
      id,
      keys: async (): Promise<Record<string, string>> => {
        const { body } = await kubernetes.call('GET', `${path}/${NAME}`);
        const entries = Object.entries(body.data ?? {});
        return Object.fromEntries(
          entries.map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
        );
      },
    };
  }

  it('has all its fields replaced by one write, beside the keys of others, and is accepted as they stand there', async () => {
    const { world, keycard, id, keys } = await secretWorld();
    const daemon = await world.start();
    const adopted = await daemon.line({ event: 'rotation-succeeded' });
    const first = await keys();
    expect(await world.rotate(NAME, { wait: '20s' })).toMatchObject({
      rotation: { rotation: { outcome: 'succeeded' } },
    });
    const written = await daemon.line({ event: 'target-written' }, daemon.log.indexOf(adopted));
    expect(daemon.log.filter(({ event }) => event === 'target-written')).toHaveLength(2);
    const now = await keys();
    const live = keycard.liveCredential(id);
    const endpoint = now['token-url'] ?? '';
    expect(now).toEqual({
      colour: 'green',
      'client-id': live.clientId,
      'client-secret': live.clientSecret.reveal(),
      'token-url': endpoint,
      of: NAME,
    });
    expect([first['client-id'], first['client-secret']]).not.toContain(live.clientId);
    expect(written['fingerprint']).not.toBe(adopted['fingerprint']);
    for (const held of [first, now]) expect(await statusAt(held)).toBe(200);
    expect(world.kronup.mints()).toBe(0);
    expect(daemon.output()).not.toContain(live.clientSecret.reveal());
  });
});

/** Asks for an access token as a consumer would, with nothing but what the Secret says. */
async function statusAt(held: Record<string, string>): Promise<number> {
  const { 'token-url': url = '', 'client-id': id = '', 'client-secret': secret = '' } = held;
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  return (await fetch(url, { method: 'POST', headers: { authorization }, body })).status;
}
