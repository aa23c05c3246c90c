/** For each kind of store a real one, with a way to put and to read values past the daemon. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager';
import { STORES } from '../../src/stores/registry.ts';
import type { Passing } from '../world/gate.ts';
import { isRolledOut, until } from '../consumers/kubernetes/cluster.ts';
import { startKubernetes } from '../world/kubernetes.ts';
import type { Kubernetes } from '../world/kubernetes.ts';
import { MOTO_REGION, startMoto } from '../world/moto.ts';
import type { Moto } from '../world/moto.ts';

/** One store of one world. */
export interface KillStore {
  readonly kind: string;
  /** The service that it is reached by, if it is one. */
  readonly service?: { readonly name: string; readonly origin: string; nameOf(request: Passing): string };
  /** Connection in the configuration's words, when the service is reached at this origin. */
  words(origin: string): object;
  /** What a target has besides store, address and format. */
  readonly targetWords: object;
  addressOf(name: string): string;
  put(address: string, text: string): Promise<void>;
  read(address: string): Promise<string | undefined>;
  /** What is left of the daemon's work that should not be there. */
  leftIn(address: string): Promise<readonly string[]>;
  /** Runs something that reads what is in it, where the same service does that. */
  readonly workload?: () => Promise<Workload>;
}

/** Something that runs, and is restarted so that it reads anew. Disposing of it ends it. */
export interface Workload extends AsyncDisposable {
  /** As the configuration names it. */
  readonly address: string;
  /** How often what it is to be was changed, and whether it is that now. */
  read(): Promise<{ readonly generation: number; readonly isThrough: boolean }>;
}

/** A kind of store, started once for all worlds. */
export interface StoreKind extends AsyncDisposable {
  readonly kind: string;
  /** A store for a world with this folder. */
  open(folder: string): Promise<KillStore>;
}

const STARTS: Readonly<Record<string, () => Promise<StoreKind>>> = {
  file: startFiles,
  'aws-secrets-manager': startAws,
  'kubernetes-secret': startCluster,
};

/** For the environment of the daemon. */
export const STORE_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'rekeyd',
  AWS_SECRET_ACCESS_KEY: 'not-a-secret',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Every kind of store that there is. Throws where one is not described here. */
export function storeKinds(): readonly string[] {
  return STORES.map(({ kind }) => {
    if (STARTS[kind] === undefined) throw new Error(`describe the store ${kind} in test/kill/stores.ts`);
    return kind;
  });
}

export async function startStores(
  kinds: readonly string[],
): Promise<ReadonlyMap<string, StoreKind> & AsyncDisposable> {
  await using undo = new AsyncDisposableStack();
  const started = new Map<string, StoreKind>();
  for (const kind of kinds) {
    const start = STARTS[kind];
    if (start === undefined) throw new Error(`there is no store ${kind}`);
    started.set(kind, undo.use(await start()));
  }
  const all = undo.move();
  return Object.assign(started, { [Symbol.asyncDispose]: () => all.disposeAsync() });
}

function startFiles(): Promise<StoreKind> {
  return Promise.resolve({
    kind: 'file',
    async open(folder) {
      const directory = join(folder, 'secrets');
      await mkdir(directory, { recursive: true });
      return {
        kind: 'file',
        words: () => ({ kind: 'file', directory }),
        targetWords: {},
        addressOf: (name) => `${name}.secret`,
        put: (address, text) => writeFile(join(directory, address), text, { mode: 0o600 }),
        read: (address) => readFile(join(directory, address), 'utf8').catch(() => undefined),
        // The folder is looked at as a whole.
        leftIn: () => Promise.resolve([]),
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

async function startAws(): Promise<StoreKind> {
  const moto = await startMoto();
  return {
    kind: 'aws-secrets-manager',
    open: () => Promise.resolve(awsStore(moto, `kill/${randomUUID()}`)),
    [Symbol.asyncDispose]: () => moto[Symbol.asyncDispose](),
  };
}

function awsStore({ url, client }: Moto, prefix: string): KillStore {
  return {
    kind: 'aws-secrets-manager',
    service: {
      name: 'aws',
      origin: url,
      nameOf: ({ headers, path }) => headers['x-amz-target']?.split('.').at(-1) ?? `STS ${path}`,
    },
    words: (endpoint) => ({ kind: 'aws-secrets-manager', region: MOTO_REGION, endpoint }),
    targetWords: { create: true },
    addressOf: (name) => `${prefix}/${name}`,
    async put(address, text) {
      await client.send(new CreateSecretCommand({ Name: address, SecretString: text }));
    },
    async read(address) {
      try {
        const command = new GetSecretValueCommand({ SecretId: address, VersionStage: 'AWSCURRENT' });
        return (await client.send(command)).SecretString;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    async leftIn(address) {
      const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId: address }));
      const labels = Versions.flatMap(({ VersionStages = [] }) => VersionStages);
      return labels
        .filter((label) => !label.startsWith('AWS'))
        .map((label) => `${address}: the label ${label}`);
    },
  };
}

async function startCluster(): Promise<StoreKind> {
  await using undo = new AsyncDisposableStack();
  const kubernetes = undo.use(await startKubernetes());
  undo.use(await keepNode(kubernetes, 'kill'));
  const all = undo.move();
  return {
    kind: 'kubernetes-secret',
    open: async () => clusterStore(kubernetes, await kubernetes.namespace()),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function clusterStore(kubernetes: Kubernetes, namespace: string): KillStore {
  const { url, call } = kubernetes;
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const nameIn = (address: string): string => address.split('/')[1] ?? '';
  return {
    kind: 'kubernetes-secret',
    service: {
      name: 'kubernetes',
      origin: url,
      nameOf({ method, path }) {
        if (path.includes('selfsubjectreviews')) return 'who am I';
        const tried = path.includes('dryRun=') ? ', tried' : '';
        return path.includes('/deployments/') ? `${method} Deployment${tried}` : `${method} Secret`;
      },
    },
    words: (server) => ({ kind: 'kubernetes-secret', server }),
    // What is there before the daemon comes belongs to somebody else.
    targetWords: { create: true, takeOver: true },
    addressOf: (name) => `${namespace}/${name}/value`,
    async put(address, text) {
      await call('POST', secrets, {
        body: { metadata: { name: nameIn(address) }, stringData: { value: text } },
      });
    },
    async read(address) {
      const { status, body } = await call('GET', `${secrets}/${nameIn(address)}`, { mayFail: true });
      const value = status === 404 ? undefined : body.data?.['value'];
      return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
    },
    async leftIn(address) {
      const { body } = await call('GET', `${secrets}/${nameIn(address)}`, { mayFail: true });
      const keys = Object.keys(body.data ?? {});
      return keys.filter((key) => key !== 'value').map((key) => `${address}: the key ${key}`);
    },
    workload: () => runDeployment(kubernetes, namespace),
  };
}

/** One pod, which is enough to be restarted. */
async function runDeployment({ call }: Kubernetes, namespace: string): Promise<Workload> {
  const name = 'reader';
  const all = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'shop' }], terminationGracePeriodSeconds: 0 },
  };
  await until(
    () => call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`, { mayFail: true }),
    ({ status }) => status === 200,
  );
  await call('POST', all, {
    body: {
      metadata: { name },
      spec: { replicas: 1, revisionHistoryLimit: 1, selector: { matchLabels: labels }, template },
    },
  });
  const read = async () => (await call('GET', `${all}/${name}`)).body;
  await until(read, isRolledOut);
  return {
    address: `Deployment ${namespace}/${name}`,
    async read() {
      const object = await read();
      return { generation: object.metadata.generation ?? 0, isThrough: isRolledOut(object) };
    },
    async [Symbol.asyncDispose]() {
      await call('DELETE', `${all}/${name}`, { mayFail: true });
    },
  };
}

/** A node counts as lost where nobody has renewed its lease for 40 s. */
const RENEWED_EVERY_MS = 10_000;

/** A node that pods run on for as long as this is not disposed of. */
async function keepNode(kubernetes: Kubernetes, name: string): Promise<Disposable> {
  const { call } = kubernetes;
  await kubernetes.node(name);
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const spec = () => ({ holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime() });
  await call('POST', leases, { body: { metadata: { name }, spec: spec() } });
  const renewing = setInterval(() => {
    const more = { body: { spec: spec() }, contentType: 'application/merge-patch+json', mayFail: true };
    // The next time will do as well.
    call('PATCH', `${leases}/${name}`, more).catch(() => undefined);
  }, RENEWED_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(renewing) };
}

/** As Kubernetes writes instants of leases. */
function microTime(): string {
  return new Date(Date.now()).toISOString().replace('Z', '000Z');
}
