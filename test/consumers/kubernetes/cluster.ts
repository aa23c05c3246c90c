// A real cluster with consumers in it: workloads that its own controllers roll out on a simulated node, and objects of two controllers that
// are not there, whom a test plays.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { startKubernetes } from '../../world/kubernetes.ts';
import type { Kubernetes, KubernetesObject } from '../../world/kubernetes.ts';
import { PATIENCE_MS } from '../../world/patience.ts';

export interface Consumer {
  readonly kind: ConsumerKind;
  readonly name: string;
  /** As the configuration names it. */
  readonly address: string;
  readonly read: () => Promise<KubernetesObject>;
  /** What somebody does with kubectl. */
  readonly change: (fields: object) => Promise<KubernetesObject>;
  /** What its controller says of it. */
  readonly say: (status: object) => Promise<void>;
  /** Asks until it is as wanted, as `kubectl wait` does. */
  readonly until: (isWanted: (object: KubernetesObject) => boolean) => Promise<KubernetesObject>;
  readonly remove: () => Promise<void>;
}

export interface Cluster {
  readonly kubernetes: Kubernetes;
  readonly namespace: string;
  /** Makes one, with a name of its own, and waits until it runs. */
  readonly make: (kind: ConsumerKind, spec?: object) => Promise<Consumer>;
}

const API = {
  Deployment: '/apis/apps/v1',
  StatefulSet: '/apis/apps/v1',
  DaemonSet: '/apis/apps/v1',
  Rollout: '/apis/argoproj.io/v1alpha1',
  ExternalSecret: '/apis/external-secrets.io/v1',
} as const;

export type ConsumerKind = keyof typeof API;

const MERGE = 'application/merge-patch+json';

/** Registers the hooks for a suite; each of its tests calls what this gives once, for a namespace and a node of its own. */
export function useCluster(): () => Promise<Cluster> {
  let kubernetes: Kubernetes;
  beforeAll(async () => {
    kubernetes = await startKubernetes();
    await define(kubernetes, { group: 'argoproj.io', kind: 'Rollout', versions: ['v1alpha1'] });
    await define(kubernetes, {
      group: 'external-secrets.io',
      kind: 'ExternalSecret',
      versions: ['v1', 'v1beta1'],
    });
  });
  afterAll(async () => await kubernetes[Symbol.asyncDispose]());
  let last: string | undefined;
  return async () => {
    const namespace = await kubernetes.namespace();
    // A node whose kubelet is simulated counts as lost after 50 s: so each test has one of its own, and alone.
    if (last !== undefined) await forget(kubernetes, last);
    await kubernetes.node(namespace);
    last = namespace;
    // A pod needs it, and a controller makes it a moment after the namespace.
    await until(
      () =>
        kubernetes.call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`, { mayFail: true }),
      ({ status }) => status === 200,
    );
    let made = 0;
    return {
      kubernetes,
      namespace,
      async make(kind, spec = {}) {
        made += 1;
        const consumer = consumerAt(kubernetes, { kind, namespace, name: `consumer-${made}` });
        const path = `${API[kind]}/namespaces/${namespace}/${pluralOf(kind)}`;
        await kubernetes.call('POST', path, { body: bodyOf(kind, consumer.name, spec) });
        return consumer;
      },
    };
  };
}

async function forget(kubernetes: Kubernetes, namespace: string): Promise<void> {
  await kubernetes.call('DELETE', `/api/v1/namespaces/${namespace}`);
  await kubernetes.call('DELETE', `/api/v1/nodes/${namespace}`);
}

/** Rolled out, as far as its controllers are there. */
export function isRolledOut({ metadata, spec, status }: KubernetesObject): boolean {
  const wanted = status?.['desiredNumberScheduled'] ?? spec?.['replicas'];
  const ready = status?.['numberAvailable'] ?? status?.['readyReplicas'] ?? 0;
  const updated = status?.['updatedNumberScheduled'] ?? status?.['updatedReplicas'] ?? 0;
  const isSeen = status?.['observedGeneration'] === metadata.generation;
  // A DaemonSet counts its nodes a moment after they are there.
  return isSeen && wanted === ready && wanted === updated && ready !== 0;
}

/** A definition that takes any field, with a status of its own. */
export async function define(
  kubernetes: Kubernetes,
  { group, kind, versions }: { readonly group: string; readonly kind: string; readonly versions: string[] },
): Promise<void> {
  const plural = pluralOf(kind);
  const schema = {
    openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await kubernetes.call('POST', definitions, {
    body: {
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind, plural, singular: kind.toLowerCase() },
        versions: versions.map((name, index) => ({
          name,
          served: true,
          storage: index === 0,
          schema,
          subresources: { status: {} },
        })),
      },
    },
  });
  await until(
    () => kubernetes.call('GET', `/apis/${group}/${versions[0]}/${plural}`, { mayFail: true }),
    ({ status }) => status === 200,
  );
}

const FORBIDDEN = 403;

/** A service account with the verbs get and patch on one consumer alone. Rights count, or no longer, a moment after they were written. */
export async function grant(
  kubernetes: Kubernetes,
  namespace: string,
  { kind, name }: Consumer,
): Promise<{ readonly user: string; readonly revoke: () => Promise<void> }> {
  const user = `system:serviceaccount:${namespace}:rekeyd`;
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rule = {
    apiGroups: [API[kind].split('/')[2]],
    resources: [pluralOf(kind)],
    resourceNames: [name],
    verbs: ['get', 'patch'],
  };
  await kubernetes.call('POST', `${rbac}/roles`, { body: { metadata: { name: 'rekeyd' }, rules: [rule] } });
  await kubernetes.call('POST', `${rbac}/rolebindings`, {
    body: {
      metadata: { name: 'rekeyd' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'rekeyd' },
      subjects: [{ kind: 'ServiceAccount', name: 'rekeyd', namespace }],
    },
  });
  const path = `${API[kind]}/namespaces/${namespace}/${pluralOf(kind)}/${name}`;
  const ask = () => kubernetes.call('GET', path, { as: user, mayFail: true });
  await until(ask, ({ status }) => status !== FORBIDDEN);
  return {
    user,
    async revoke() {
      await kubernetes.call('DELETE', `${rbac}/rolebindings/rekeyd`);
      await until(ask, ({ status }) => status === FORBIDDEN);
    },
  };
}

const PAUSE_MS = 50;

/** What controllers are given between two looks. */
export const pause = (): Promise<void> => sleep(PAUSE_MS);

/** Asks again and again, with pauses that leave the controllers their time. Throws with the last answer where it is never as wanted. */
export async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const endAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > endAt) throw new Error(`not as wanted: ${JSON.stringify(answer)}`);
    await pause();
  }
}

function consumerAt(
  kubernetes: Kubernetes,
  {
    kind,
    namespace,
    name,
  }: { readonly kind: ConsumerKind; readonly namespace: string; readonly name: string },
): Consumer {
  const path = `${API[kind]}/namespaces/${namespace}/${pluralOf(kind)}/${name}`;
  const read = async (): Promise<KubernetesObject> => (await kubernetes.call('GET', path)).body;
  return {
    kind,
    name,
    address: `${kind} ${namespace}/${name}`,
    read,
    change: async (fields) =>
      (await kubernetes.call('PATCH', path, { body: fields, contentType: MERGE })).body,
    async say(status) {
      await kubernetes.call('PATCH', `${path}/status`, { body: { status }, contentType: MERGE });
    },
    until: (isWanted) => until(read, isWanted),
    async remove() {
      await kubernetes.call('DELETE', path);
      await until(
        () => kubernetes.call('GET', path, { mayFail: true }),
        ({ status }) => status === 404,
      );
    },
  };
}

function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

function bodyOf(kind: ConsumerKind, name: string, spec: object): object {
  const apiVersion = API[kind].replace('/apis/', '');
  if (kind === 'ExternalSecret') {
    return { apiVersion, kind, metadata: { name }, spec: { refreshInterval: '1h', ...spec } };
  }
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'shop' }], terminationGracePeriodSeconds: 0 },
  };
  return {
    apiVersion,
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template,
      ...(kind === 'DaemonSet' ? {} : { replicas: 2 }),
      ...(kind === 'StatefulSet' && { serviceName: name }),
      ...spec,
    },
  };
}
