// The rights that `rekeyd rbac` prints for consumers: enough to refresh them, and each of them needed.

import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../src/cli/program.ts';
import { configFolder } from '../../config/config-world.ts';
import { fakeHost } from '../../world/fake-host.ts';

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
