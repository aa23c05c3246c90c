// The rights that `rekeyd rbac` prints: enough for everything that the store does, and each of them needed.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../src/cli/program.ts';
import { configFolder } from '../../config/config-world.ts';
import { describeContainers } from '../../world/containers.ts';
import { fakeHost } from '../../world/fake-host.ts';
import { outcomeOf, useCluster } from './cluster-world.ts';
import type { ClusterWorld } from './cluster-world.ts';

interface Role {
  readonly kind: 'Role' | 'RoleBinding';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly rules: readonly { readonly verbs: readonly string[]; readonly resourceNames: readonly string[] }[];
}

async function rbac(
  targets: readonly string[],
  more: { readonly arguments?: readonly string[]; readonly main?: string } = {},
): Promise<{ readonly code: number; readonly text: string; readonly errors: string }> {
  using folder = configFolder({});
  const lines = targets.map(
    (words, index) =>
      `  - { name: a${index}, provider: kronup, accountId: a${index}, targets: [{ store: cluster, ${words} }] }\n`,
  );
  const main = more.main ?? 'stores: { cluster: { kind: kubernetes-secret } }\n';
  const path = join(folder.folder, 'rekeyd.yaml');
  writeFileSync(
    path,
    `providers: { kronup: { kind: kronup, token: { env: TOKEN } } }\n${main}accounts:\n${lines.join('')}`,
    { mode: 0o644 },
  );
  const host = fakeHost({ arguments: ['rbac', '--config', path, ...(more.arguments ?? [])] });
  const code = await runCommand(host);
  return { code, text: host.written(), errors: host.complained() };
}

async function rolesOf(targets: readonly string[], subject: string): Promise<Role[]> {
  const { text } = await rbac(targets, { arguments: ['-o', 'json', '--service-account', subject] });
  return (JSON.parse(text) as { readonly items: Role[] }).items;
}

describe('rekeyd rbac', () => {
  it('prints a Role and a RoleBinding for each namespace, with the names of the Secrets', async () => {
    const { code, text } = await rbac([
      'address: payments/billing/token, create: true',
      'address: payments/billing/other',
      'address: payments/123/token',
      'address: shop/app/token',
    ]);
    expect(code).toBe(0);
    expect(text).toContain(`---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: rekeyd
  namespace: payments
rules:
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: ["123", billing]
    verbs: [get, patch]
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: [billing]
    verbs: [create]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: rekeyd
  namespace: payments
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: rekeyd
subjects:
  - kind: ServiceAccount
    namespace: rekeyd
    name: rekeyd
---
`);
    expect(text.match(/namespace: shop/g)).toHaveLength(2);
  });

  it('refuses a service account without its namespace', async () => {
    const { code, errors } = await rbac([], { arguments: ['--service-account', 'rekeyd'] });
    expect([code, errors]).toEqual([2, expect.stringContaining('NAMESPACE/NAME')]);
  });

  it('says so where nothing is kept in Kubernetes', async () => {
    const { code, errors } = await rbac([], { main: 'stores: { files: { kind: file, directory: /srv } }\n' });
    expect([code, errors]).toEqual([2, expect.stringContaining('no store of kind kubernetes-secret')]);
  });

  it('knows no other store than those of the configuration', async () => {
    const { code, errors } = await rbac([], { arguments: ['--store', 'clutser'] });
    expect([code, errors]).toEqual([2, expect.stringContaining('it has cluster')]);
  });
});

describeContainers('the rights that rekeyd rbac prints', () => {
  const world = useCluster();

  /** Grants them, without some verbs, to a service account, and opens a store as that. */
  async function grantedStore(without: readonly string[] = []) {
    const { namespace, kubernetes, open } = world();
    const targets = [`address: ${namespace}/app/token, create: true`, `address: ${namespace}/there/token`];
    for (const role of await rolesOf(targets, `${namespace}/rekeyd`)) {
      const rules = role.rules?.map((rule) => ({
        ...rule,
        verbs: rule.verbs.filter((verb) => !without.includes(verb)),
      }));
      const plural = role.kind === 'Role' ? 'roles' : 'rolebindings';
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${plural}?fieldValidation=Strict`;
      await kubernetes.call('POST', path, {
        body: { ...role, ...(rules && { rules: rules.filter(hasVerbs) }) },
      });
    }
    return await open({ config: { impersonate: `system:serviceaccount:${namespace}:rekeyd` } });
  }

  it('are enough for everything that the store does', async () => {
    const store = await grantedStore();
    expect(await everythingBy(store)).toEqual({
      whoAmI: true,
      read: true,
      preflight: 'ready',
      make: 'written',
      probe: 'ready',
      change: 'written',
    });
  });

  it.each<[verb: string, wantFailing: string, wantWord: string]>([
    ['get', 'read', 'get'],
    ['patch', 'change', 'patch'],
    ['create', 'make', 'create'],
  ])('are not enough without %s, and the message names it', async (verb, wantFailing, wantWord) => {
    const store = await grantedStore([verb]);
    const done = await everythingBy(store);
    expect(done[wantFailing]).toMatch(
      new RegExp(`^target-refused: .*cannot ${wantWord} resource "secrets".*rekeyd rbac`),
    );
  });

  it('give no right on any other Secret, nor to list them', async () => {
    const store = await grantedStore();
    const { namespace, kubernetes, write } = world();
    expect(outcomeOf(await write('x', { address: 'other/token', options: { create: true }, store }))).toMatch(
      /cannot get resource/,
    );
    const as = `system:serviceaccount:${namespace}:rekeyd`;
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    expect(await kubernetes.call('GET', path, { as, mayFail: true })).toMatchObject({ status: 403 });
  });

  async function everythingBy(
    store: Awaited<ReturnType<ClusterWorld['open']>>,
  ): Promise<Record<string, unknown>> {
    const { preflight, write, read, make } = world();
    await make({ metadata: { name: 'there' } });
    const options = { create: true };
    const who = await store.whoAmI({ signal: new AbortController().signal });
    return {
      whoAmI: who.ok,
      read: await read({ store }).then(
        () => true,
        (error: unknown) => `target-refused: ${String(error)}`,
      ),
      preflight: outcomeOf(await preflight({ store, options, realWrite: true })),
      make: outcomeOf(await write('one', { store, options })),
      probe: outcomeOf(await preflight({ store, options, realWrite: true })),
      change: outcomeOf(await write('two', { store, address: 'there/token' })),
    };
  }
});

function hasVerbs({ verbs }: { readonly verbs: readonly string[] }): boolean {
  return verbs.length > 0;
}
