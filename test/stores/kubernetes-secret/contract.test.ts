// The contract of every store, against a real API server, as a service account with the rights that it needs and no others.

import { afterAll, beforeAll } from 'vitest';
import { storeContract } from '../../contract/store-contract.ts';
import { describeContainers } from '../../world/containers.ts';
import { startKubernetes } from '../../world/kubernetes.ts';
import type { Kubernetes } from '../../world/kubernetes.ts';
import { wireTo } from '../../world/moto.ts';
import { openStore } from './open.ts';

describeContainers('Kubernetes', () => {
  let kubernetes: Kubernetes;
  beforeAll(async () => {
    kubernetes = await startKubernetes();
  });
  afterAll(async () => await kubernetes[Symbol.asyncDispose]());

  storeContract('kubernetes-secret', async () => {
    const namespace = await kubernetes.namespace();
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const user = `system:serviceaccount:${namespace}:rekeyd`;
    await kubernetes.call('POST', `${rbac}/roles`, {
      body: {
        metadata: { name: 'rekeyd' },
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch', 'create'] }],
      },
    });
    await kubernetes.call('POST', `${rbac}/rolebindings`, {
      body: {
        metadata: { name: 'rekeyd' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'rekeyd' },
        subjects: [{ kind: 'ServiceAccount', name: 'rekeyd', namespace }],
      },
    });
    await granted(kubernetes, namespace, user);
    const wire = await wireTo(kubernetes.url);
    const store = await openStore({ config: { server: wire.url, impersonate: user } });
    return {
      store,
      place: (name) => ({ address: `${namespace}/${name}/value`, options: { create: true } }),
      breaks: {
        unavailable: () => wire.cut(),
        denied: async () => {
          await kubernetes.call('DELETE', `${rbac}/rolebindings/rekeyd`);
        },
      },
      cleanup: async () => {
        await store[Symbol.asyncDispose]();
        await wire[Symbol.asyncDispose]();
      },
    };
  });
});

const FORBIDDEN = 403;

/** Rights count a moment after they were written: whoever decides on them is told of them by a watch. */
async function granted(kubernetes: Kubernetes, namespace: string, as: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets/none`;
  let status = FORBIDDEN;
  while (status === FORBIDDEN) ({ status } = await kubernetes.call('GET', path, { as, mayFail: true }));
}
