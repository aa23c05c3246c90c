import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeContainers } from '../world/containers.ts';
import { daemonWorld, slotIn } from '../world/daemon-world.ts';
import type { AccountWords, Words } from '../world/daemon-world.ts';
import { startKubernetes } from '../world/kubernetes.ts';
import type { Kubernetes } from '../world/kubernetes.ts';

const CONFIG = ['--config', 'rekeyd.yaml'];

describeContainers('a daemon that delivers to Kubernetes Secrets', () => {
  let kubernetes: Kubernetes;
  beforeAll(async () => {
    kubernetes = await startKubernetes();
  });
  afterAll(async () => await kubernetes[Symbol.asyncDispose]());

  /** A service account with exactly the rights that `rekeyd rbac` prints, and two Secrets: one made, one of somebody else with our key. */
  async function clusterWorld() {
    const world = await daemonWorld();
    const namespace = await kubernetes.namespace();
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    await kubernetes.call('POST', `${secrets}?fieldManager=helm`, {
      body: { metadata: { name: 'settings' }, stringData: { colour: 'green' } },
    });
    const account = (more: Words = {}): AccountWords => ({
      ...world.account(0),
      targets: [
        { store: 'cluster', address: `${namespace}/made/token`, create: true, consumerLag: '0s' },
        {
          store: 'cluster',
          address: `${namespace}/settings`,
          format: { kind: 'key', key: 'token', details: { account: 'token-of' } },
          consumerLag: '0s',
        },
      ],
      ...more,
    });
    const configure = (words: AccountWords) =>
      world.configure([words], {
        stores: {
          cluster: {
            kind: 'kubernetes-secret',
            server: kubernetes.url,
            insecure: true,
            impersonate: `system:serviceaccount:${namespace}:rekeyd`,
          },
        },
      });
    await configure(account());
    const printed = world.run('rbac', ...CONFIG, '-o', 'json', '--service-account', `${namespace}/rekeyd`);
    await printed.ended;
    const { items } = JSON.parse(printed.output()) as {
      readonly items: readonly { readonly kind: string }[];
    };
    for (const item of items) {
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${item.kind.toLowerCase()}s`;
      await kubernetes.call('POST', path, { body: item });
    }
    const read = async (name: string) => (await kubernetes.call('GET', `${secrets}/${name}`)).body;
    return {
      world,
      account,
      configure,
      secret: read,
      keys: async (name: string): Promise<Record<string, string>> => {
        const entries = Object.entries((await read(name)).data ?? {});
        return Object.fromEntries(
          entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
        );
      },
      change: (name: string, fields: object) =>
        kubernetes.call('PATCH', `${secrets}/${name}?fieldManager=kubectl-edit`, {
          body: fields,
          contentType: 'application/merge-patch+json',
        }),
    };
  }

  async function converged() {
    const made = await clusterWorld();
    const daemon = await made.world.start();
    const { name, targets } = made.account();
    for (const [index] of targets.entries()) {
      await daemon.line((line) => line.event === 'target-confirmed' && isOf(line['target'], targets[index]));
    }
    return { ...made, name, daemon };
  }

  it('rotates at a slot into a Secret of its own and into keys beside those of others, with the rights that it prints', async () => {
    const { world, account, configure, daemon, keys, secret, name } = await converged();
    await configure(account({ schedule: slotIn(500).schedule }));
    daemon.signal('SIGHUP');
    const { fingerprint } = await daemon.line({ event: 'rotation-succeeded' });
    const { slot } = await daemon.line({ event: 'rotation-opened' });
    const live = await world.live();
    expect(await keys('made')).toEqual({ token: live });
    expect(await keys('settings')).toEqual({ colour: 'green', token: live, 'token-of': name });
    const annotations = (await secret('made')).metadata.annotations ?? {};
    expect(JSON.parse(annotations['keys.rekeyd/token'] ?? '')).toMatchObject({
      account: name,
      fingerprint,
      slot,
    });
    expect(JSON.stringify(annotations)).not.toContain(live);
  });

  it('says in a check that all is well', async () => {
    const { world, daemon } = await converged();
    daemon.signal('SIGTERM');
    await daemon.ended;
    const check = world.run('check', ...CONFIG, '--write');
    expect([(await check.ended).code, check.output()]).toEqual([
      0,
      expect.stringMatching(/ 0 warnings, 0 failed/),
    ]);
  });

  it('puts right what somebody changed with kubectl, and names him', async () => {
    const { world, daemon, change, keys, name } = await converged();
    await change('made', { stringData: { token: 'changed by hand' } });
    await world.ask({
      method: 'POST',
      path: `/v1/accounts/${name}/reconcile`,
      body: { reason: 'a test asks' },
    });
    const drifted = await daemon.line({ event: 'target-drifted' });
    await daemon.line({ event: 'target-confirmed' }, daemon.log.indexOf(drifted));
    expect(drifted).toMatchObject({ writtenBy: 'kubectl-edit' });
    expect(await keys('made')).toEqual({ token: await world.live() });
  });

  it('knows its own values again when the journal is lost', async () => {
    const { world, daemon } = await converged();
    await daemon.kill();
    for (const name of ['journal.db', 'journal.db-wal', 'journal.db-shm']) {
      await rm(join(world.folder, name), { force: true });
    }
    const again = await world.start();
    expect(await again.line({ event: 'account-adopted' })).toMatchObject({ evidence: 'store' });
  });
});

function isOf(target: unknown, words: Words | undefined): boolean {
  return typeof target === 'string' && target.startsWith(`cluster:${String(words?.['address'])}`);
}
