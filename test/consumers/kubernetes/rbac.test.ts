// The rights that `rekeyd rbac` prints for consumers: enough to refresh them, and each of them needed.

import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../src/cli/program.ts';
import { configFolder } from '../../config/config-world.ts';
import { describeContainers } from '../../world/containers.ts';
import { fakeHost } from '../../world/fake-host.ts';
import { endless, openConsumers } from '../open.ts';
import { until, useCluster } from './cluster.ts';
import type { Cluster, Consumer, ConsumerKind } from './cluster.ts';

const BOTH = 'stores: { cluster: { kind: kubernetes-secret } }\nconsumers: { there: { kind: kubernetes } }\n';

async function rbac(
  consumers: readonly string[],
  more: { readonly arguments?: readonly string[]; readonly main?: string; readonly store?: string } = {},
): Promise<{ readonly code: number; readonly text: string; readonly errors: string }> {
  const { main = BOTH, store = 'store: cluster, address: shop/payments/token' } = more;
  const accounts = consumers.map((words, index) => {
    const target = `${store}${index === 0 ? '' : index}, consumers: { ${words} }`;
    return `  - { name: a${index}, provider: kronup, accountId: a${index}, targets: [{ ${target} }] }\n`;
  });
  using folder = configFolder({
    'rekeyd.yaml':
      `providers: { kronup: { kind: kronup, token: { env: TOKEN } } }\n${main}` +
      `accounts:\n${accounts.join('')}`,
  });
  const host = fakeHost({ arguments: ['rbac', '--config', folder.main, ...(more.arguments ?? [])] });
  const code = await runCommand(host);
  return { code, text: host.written(), errors: host.complained() };
}

interface Printed {
  readonly kind: string;
  readonly metadata: { readonly namespace: string };
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

function objectsIn(text: string): readonly Printed[] {
  return (JSON.parse(text) as { readonly items: readonly Printed[] }).items;
}

describe('rekeyd rbac', () => {
  it('prints one Role a namespace for the targets and the consumers of a cluster, by their names', async () => {
    const { text } = await rbac([
      'restart: [Deployment shop/checkout, StatefulSet shop/worker, Rollout web/front]',
      'restart: [Deployment shop/checkout, Deployment shop/api, DaemonSet shop/agent], forceSync: [ExternalSecret shop/payments]',
    ]);
    expect(text).toContain(`# What rekeyd needs for the store cluster and the consumers of there of `);
    expect(text).toContain(`
  namespace: shop
rules:
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: [payments]
    verbs: [get, patch]
  - apiGroups: [apps]
    resources: [daemonsets]
    resourceNames: [agent]
    verbs: [get, patch]
  - apiGroups: [apps]
    resources: [deployments]
    resourceNames: [api, checkout]
    verbs: [get, patch]
  - apiGroups: [apps]
    resources: [statefulsets]
    resourceNames: [worker]
    verbs: [get, patch]
  - apiGroups: [external-secrets.io]
    resources: [externalsecrets]
    resourceNames: [payments]
    verbs: [get, patch]
---`);
    expect(text).toContain(`
  namespace: web
rules:
  - apiGroups: [argoproj.io]
    resources: [rollouts]
    resourceNames: [front]
    verbs: [get, patch]
---`);
    expect(text.match(/^kind: Role$/gm)).toHaveLength(2);
  });

  it('keeps clusters apart', async () => {
    const main = BOTH.replace('kind: kubernetes }', 'kind: kubernetes, kubeconfig: /other }');
    const { text } = await rbac(['restart: [Deployment shop/checkout]'], { main });
    expect(text.match(/^# What rekeyd needs .*/gm)).toEqual([
      expect.stringContaining('for the store cluster of') as string,
      expect.stringContaining('for the consumers of there of') as string,
    ]);
  });

  it('prints the rights of one connection alone', async () => {
    const consumers = ['restart: [Deployment shop/checkout]'];
    const resources = async (...words: readonly string[]) => {
      const { text } = await rbac(consumers, { arguments: ['-o', 'json', ...words] });
      return objectsIn(text).flatMap(({ rules = [] }) => rules.flatMap((rule) => rule.resources));
    };
    expect(await resources('--store', 'cluster')).toEqual(['secrets']);
    expect(await resources('--consumers', 'there')).toEqual(['deployments']);
    expect(await resources('--consumers', 'there', '--store', 'cluster')).toEqual(['secrets', 'deployments']);
  });

  it.each([
    [['--consumers', 'their'], /--consumers: .* has no connection "their" to consumers .*; it has there/],
    [['--store', 'there'], /--store: .* has no store "there" of kind kubernetes-secret; it has cluster/],
  ])('knows no others than those of the configuration: %j', async (words, want) => {
    const { code, errors } = await rbac(['restart: [Deployment shop/checkout]'], { arguments: words });
    expect([code, errors]).toEqual([2, expect.stringMatching(want)]);
  });
});

describeContainers('the rights that rekeyd rbac prints for consumers', () => {
  const cluster = useCluster();
  const KINDS: readonly ConsumerKind[] = [
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'Rollout',
    'ExternalSecret',
  ];

  /** One of each kind, and a connection as a service account with the printed rights, some verbs aside. */
  async function granted(without: readonly string[] = []) {
    const { kubernetes, namespace, make } = await cluster();
    const consumers = await Promise.all(KINDS.map((kind) => make(kind)));
    const restart = consumers.filter(({ kind }) => kind !== 'ExternalSecret').map(({ address }) => address);
    const forceSync = consumers.filter(({ kind }) => kind === 'ExternalSecret').map(({ address }) => address);
    const words = `restart: [${restart.join(', ')}], forceSync: [${forceSync.join(', ')}]`;
    const subject = `${namespace}/rekeyd`;
    const { text } = await rbac([words], {
      arguments: ['-o', 'json', '--consumers', 'there', '--service-account', subject],
    });
    for (const object of objectsIn(text)) {
      const rules = object.rules
        ?.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => !without.includes(verb)) }))
        .filter(({ verbs }) => verbs.length > 0);
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${object.kind.toLowerCase()}s`;
      await kubernetes.call('POST', `${path}?fieldValidation=Strict`, {
        body: { ...object, ...(rules && { rules }) },
      });
    }
    const user = `system:serviceaccount:${namespace}:rekeyd`;
    await counted({ kubernetes, namespace }, user, without);
    const connection = await openConsumers({
      kind: 'kubernetes',
      config: { server: kubernetes.url, insecure: true, impersonate: user },
    });
    return { kubernetes, namespace, consumers, user, everything: () => everything(connection, consumers) };
  }

  it('are enough to look at each of them and to refresh it', async () => {
    const { everything: all } = await granted();
    const done = await all();
    for (const kind of KINDS) expect(done[kind]).toEqual(['ok', 'ok']);
  });

  it.each(['get', 'patch'])('are not enough without %s, and the message names it', async (verb) => {
    const { everything: all } = await granted([verb]);
    const done = await all();
    for (const kind of KINDS) {
      for (const said of done[kind] ?? []) {
        expect(said).toMatch(
          new RegExp(
            `^consumer-refused: .*cannot ${verb} resource .*give it the verb ${verb} there \\(rekeyd rbac`,
          ),
        );
      }
    }
  });

  it('give no right on any other workload, nor to list, delete or make them, nor on pods', async () => {
    const { kubernetes, namespace, user, consumers } = await granted();
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const own = consumers.find(({ kind }) => kind === 'Deployment')?.name ?? '';
    const tries: readonly (readonly [string, string])[] = [
      ['GET', deployments],
      ['GET', `${deployments}/other`],
      ['DELETE', `${deployments}/${own}`],
      ['GET', `/api/v1/namespaces/${namespace}/pods`],
      ['GET', `/api/v1/namespaces/${namespace}/secrets`],
      ['PATCH', `${deployments}/${own}/scale`],
    ];
    for (const [method, path] of tries) {
      const body = method === 'PATCH' ? { body: {}, contentType: 'application/merge-patch+json' } : {};
      expect([path, await kubernetes.call(method, path, { as: user, mayFail: true, ...body })]).toMatchObject(
        [path, { status: 403 }],
      );
    }
  });

  async function everything(
    connection: Awaited<ReturnType<typeof openConsumers>>,
    consumers: readonly Consumer[],
  ): Promise<Partial<Record<ConsumerKind, readonly string[]>>> {
    const about = { account: 'billing', target: 's:a#b', fingerprint: '0123456789abcdef', token: 'token' };
    const said = consumers.map(async ({ kind, address }) => {
      const step = { does: kind === 'ExternalSecret' ? 'forceSync' : 'restart', address } as const;
      const options = { signal: endless() };
      const results = [
        await connection.preflight(step, options),
        await connection.refresh({ ...step, ...about, neededAt: Date.now() }, options),
      ];
      return [
        kind,
        results.map((one) => (one.ok ? 'ok' : `${one.failure.kind}: ${one.failure.message}`)),
      ] as const;
    });
    return Object.fromEntries(await Promise.all(said));
  }
});

/** Rights count a moment after they were written: waits until those that are given do. */
async function counted(
  { kubernetes, namespace }: Pick<Cluster, 'kubernetes' | 'namespace'>,
  user: string,
  without: readonly string[],
): Promise<void> {
  const verb = without.includes('get') ? 'patch' : 'get';
  const resourceAttributes = { namespace, verb, group: 'apps', resource: 'deployments', name: 'consumer-1' };
  const review = { spec: { user, resourceAttributes } };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  await until(
    () => kubernetes.call('POST', path, { body: review }),
    ({ body }) => body.status?.['allowed'] === true,
  );
}
