// A daemon that rotates into a Kubernetes Secret and restarts who reads it, with exactly the rights that it prints.

import { expect, it } from 'vitest';
import { isRolledOut, useCluster } from '../consumers/kubernetes/cluster.ts';
import { describeContainers } from '../world/containers.ts';
import { daemonWorld } from '../world/daemon-world.ts';
import type { KubernetesObject } from '../world/kubernetes.ts';
import { LONG_LIMIT_MS } from '../world/patience.ts';

const CONFIG = ['--config', 'rekeyd.yaml'];
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

describeContainers('a daemon that delivers to a Secret and restarts a Deployment', () => {
  const cluster = useCluster();

  async function shop(spec: object = {}) {
    const world = await daemonWorld();
    const { kubernetes, namespace, make } = await cluster();
    const deployment = await make('Deployment', spec);
    const target = {
      store: 'cluster',
      address: `${namespace}/payments/token`,
      create: true,
      consumerLag: '0s',
      consumers: { restart: [deployment.address] },
    };
    const connection = {
      server: kubernetes.url,
      insecure: true,
      impersonate: `system:serviceaccount:${namespace}:rekeyd`,
    };
    await world.configure([{ ...world.account(0), targets: [target] }], {
      stores: { cluster: { kind: 'kubernetes-secret', ...connection } },
      consumers: { cluster: { kind: 'kubernetes', ...connection } },
    });
    const printed = world.run('rbac', ...CONFIG, '-o', 'json', '--service-account', `${namespace}/rekeyd`);
    await printed.ended;
    const { items } = JSON.parse(printed.output()) as {
      readonly items: readonly { readonly kind: string }[];
    };
    for (const item of items) {
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${item.kind.toLowerCase()}s`;
      await kubernetes.call('POST', path, { body: item });
    }
    await deployment.until(isRolledOut);
    const secret = async (): Promise<string> => {
      const path = `/api/v1/namespaces/${namespace}/secrets/payments`;
      const { data } = (await kubernetes.call('GET', path)).body;
      return Buffer.from(data?.['token'] ?? '', 'base64').toString();
    };
    return { world, deployment, secret, name: world.account(0).name };
  }

  it(
    'waits until it is through with each new value, and says how long that took',
    { timeout: LONG_LIMIT_MS },
    async () => {
      const { world, deployment, secret, name } = await shop();
      const daemon = await world.start();
      const first = await daemon.line({ event: 'consumer-through' });
      const { generation: before = 0 } = (await deployment.read()).metadata;
      await world.run('rotate', name, '--reason', 'a drill').ended;
      const succeeded = await daemon.line({ event: 'rotation-succeeded' });
      const refreshing = await daemon.line({ event: 'consumer-refreshing' }, daemon.log.indexOf(first));
      const through = await daemon.line({ event: 'consumer-through' }, daemon.log.indexOf(refreshing));
      const now = await deployment.read();
      expect(isRolledOut(now)).toBe(true);
      expect(now.metadata.generation).toBe(before + 1);
      expect(restartedAt(now)).toBe(Date.parse(String(refreshing['neededAt'])) || refreshing['neededAt']);
      expect(await secret()).toBe(await world.live());
      expect(through).toMatchObject({
        account: name,
        consumer: `cluster restart ${deployment.address}`,
        lagMs: expect.any(Number) as number,
      });
      expect(daemon.log.filter(({ event }) => event === 'credential-minted')).toHaveLength(1);
      expect(succeeded).toMatchObject({ account: name });
    },
  );

  it(
    'restarts it no second time when the daemon was killed in the middle of it, and waits on',
    { timeout: LONG_LIMIT_MS },
    async () => {
      const { world, deployment, name } = await shop({ minReadySeconds: 4 });
      const daemon = await world.start();
      await daemon.line({ event: 'consumer-through' });
      const before = restartedAt(await deployment.read());
      await world.run('rotate', name, '--reason', 'a drill').ended;
      const sent = await deployment.until((object) => restartedAt(object) !== before);
      await daemon.kill();
      expect(isRolledOut(sent)).toBe(false);
      const again = await world.start();
      await again.line({ event: 'consumer-through' });
      const now = await deployment.read();
      expect(isRolledOut(now)).toBe(true);
      expect(now.metadata.generation).toBe(sent.metadata.generation);
      expect(restartedAt(now)).toBe(restartedAt(sent));
    },
  );

  it(
    'says in a check that it may be restarted, and warns where it is not there',
    { timeout: LONG_LIMIT_MS },
    async () => {
      const { world, deployment } = await shop();
      const daemon = await world.start();
      await daemon.line({ event: 'consumer-through' });
      daemon.signal('SIGTERM');
      await daemon.ended;
      const check = world.run('check', ...CONFIG);
      expect([(await check.ended).code, check.output()]).toEqual([
        0,
        expect.stringMatching(/ 0 warnings, 0 failed/),
      ]);
      await deployment.remove();
      const warning = world.run('check', ...CONFIG);
      await warning.ended;
      expect(warning.output()).toMatch(/there is no Deployment .* make it, or correct the consumers/);
    },
  );
});

function restartedAt({ spec }: KubernetesObject): number {
  const template = spec?.['template'] as KubernetesObject;
  return Date.parse(template.metadata.annotations?.[RESTARTED_AT] ?? '');
}
