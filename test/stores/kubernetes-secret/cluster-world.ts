// A namespace of a real cluster with a store upon it, anew for each test, and short words for what tests do with them.

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Result } from '../../../src/domain/failure.ts';
import { SecretBytes } from '../../../src/domain/secret.ts';
import type { JsonObject } from '../../../src/domain/target.ts';
import type {
  PreflightOptions,
  Ready,
  Store,
  Stored,
  WriteOptions,
  Written,
} from '../../../src/ports/store.ts';
import { startKubernetes } from '../../world/kubernetes.ts';
import type { Kubernetes, KubernetesObject } from '../../world/kubernetes.ts';
import { endless, openStore } from './open.ts';

export interface At {
  /** `SECRET/KEY`, or `SECRET`; without a word: one key of one Secret. */
  readonly address?: string;
  readonly options?: JsonObject;
  readonly store?: Store;
}

export interface ClusterWorld {
  readonly kubernetes: Kubernetes;
  readonly namespace: string;
  readonly store: Store;
  readonly open: (more?: { readonly installation?: string; readonly config?: JsonObject }) => Promise<Store>;
  readonly write: (text: string, how?: At & Partial<WriteOptions>) => Promise<Result<Written>>;
  readonly read: (at?: At) => Promise<Stored>;
  readonly preflight: (how?: At & Partial<PreflightOptions>) => Promise<Result<Ready>>;
  /** The Secret as an administrator sees it. */
  readonly secret: (name?: string) => Promise<KubernetesObject>;
  /** What somebody does with kubectl: makes a Secret, or changes some fields of it. */
  readonly make: (fields: object, manager?: string) => Promise<void>;
  readonly change: (fields: object, manager?: string) => Promise<void>;
}

const NAME = 'app';

/** Registers the hooks for a suite; its tests call what this gives. */
export function useCluster(): () => ClusterWorld {
  let kubernetes: Kubernetes;
  let world: ClusterWorld & AsyncDisposable;
  beforeAll(async () => {
    kubernetes = await startKubernetes();
  });
  afterAll(async () => await kubernetes[Symbol.asyncDispose]());
  beforeEach(async () => {
    world = await makeWorld(kubernetes);
  });
  afterEach(async () => await world[Symbol.asyncDispose]());
  return () => world;
}

async function makeWorld(kubernetes: Kubernetes): Promise<ClusterWorld & AsyncDisposable> {
  const namespace = await kubernetes.namespace();
  const opened: Store[] = [];
  const open: ClusterWorld['open'] = async ({ installation = 'test', config = {} } = {}) => {
    const store = await openStore({
      config: { server: kubernetes.url, insecure: true, ...config },
      installation,
    });
    opened.push(store);
    return store;
  };
  const store = await open();
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const placeOf = ({ address = `${NAME}/token`, options = {} }: At) => ({
    address: `${namespace}/${address}`,
    options,
  });
  return {
    kubernetes,
    namespace,
    store,
    open,
    write: (text, { address, options, store: by = store, ...how } = {}) =>
      by.write(placeOf({ ...(address && { address }), ...(options && { options }) }), new SecretBytes(text), {
        signal: endless(),
        writeToken: randomUUID(),
        ...how,
      }),
    async read(at = {}) {
      const read = await (at.store ?? store).read(placeOf(at), { signal: endless() });
      if (!read.ok) throw new Error(read.failure.message);
      return read.value;
    },
    preflight: ({ address, options, store: by = store, ...how } = {}) =>
      by.preflight(placeOf({ ...(address && { address }), ...(options && { options }) }), {
        signal: endless(),
        size: 100,
        realWrite: false,
        ...how,
      }),
    secret: async (name = NAME) => (await kubernetes.call('GET', `${secrets}/${name}`)).body,
    async make(fields, manager = 'kubectl-create') {
      const body = { metadata: { name: NAME }, ...fields };
      await kubernetes.call('POST', `${secrets}?fieldManager=${manager}`, { body });
    },
    async change(fields, manager = 'kubectl-edit') {
      const contentType = 'application/merge-patch+json';
      await kubernetes.call('PATCH', `${secrets}/${NAME}?fieldManager=${manager}`, {
        body: fields,
        contentType,
      });
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one[Symbol.asyncDispose]();
    },
  };
}

/** The text of a key. */
export function textIn({ data }: KubernetesObject, key: string): string | undefined {
  const value = data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

/** What came of it, or the message of the failure. */
export function outcomeOf(result: Result<Written | Ready>): string {
  if (!result.ok) return `${result.failure.kind}: ${result.failure.message}`;
  return 'outcome' in result.value ? result.value.outcome : 'ready';
}
