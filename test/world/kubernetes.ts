// A real Kubernetes API server, with its controllers and RBAC, in a container, once a test file. Its nodes and pods are simulated.

import { GenericContainer, Wait } from 'testcontainers';

const IMAGE = 'registry.k8s.io/kwok/cluster:v0.8.0-k8s.v1.36.1';
const PORT = 8_080;

export interface Kubernetes extends AsyncDisposable {
  /** Whoever calls it is administrator of the cluster, unless he impersonates somebody. */
  readonly url: string;
  /** The id of its container, whose network others may share: there it answers at 127.0.0.1:8080. */
  readonly container: string;
  /** One call, as an administrator or as somebody else. Throws for an answer that is no success, unless told otherwise. */
  readonly call: (
    method: string,
    path: string,
    more?: CallOptions,
  ) => Promise<{ readonly status: number; readonly body: KubernetesObject }>;
  /** Makes a namespace with a new name. */
  namespace(): Promise<string>;
  /** Makes a node, on which pods run as soon as it is ready. */
  node(name: string): Promise<void>;
}

interface CallOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly as?: string;
  readonly mayFail?: boolean;
}

/** What tests look at of the objects that the API server answers. */
export interface KubernetesObject {
  readonly message?: string;
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly time?: string;
    }[];
  };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export async function startKubernetes(): Promise<Kubernetes> {
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forHttp('/readyz', PORT).withStartupTimeout(120_000))
    .start();
  const url = `http://${container.getHost()}:${container.getMappedPort(PORT)}`;
  let namespaces = 0;

  async function call(method: string, path: string, more: CallOptions = {}) {
    const { body, contentType = 'application/json', as, mayFail = false } = more;
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': contentType }),
        ...(as !== undefined && { 'impersonate-user': as }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok && !mayFail) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return { status: answer.status, body: objectIn(text) };
  }

  return {
    url,
    container: container.getId(),
    call,
    async namespace() {
      namespaces += 1;
      const name = `test-${namespaces}`;
      await call('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
      return name;
    },
    async node(name) {
      await call('POST', '/api/v1/nodes', { body: { metadata: { name } } });
    },
    async [Symbol.asyncDispose]() {
      await container.stop();
    },
  };
}

/** Of a path that the API server does not serve it answers a plain text. */
function objectIn(text: string): KubernetesObject {
  return text.startsWith('{') ? (JSON.parse(text) as KubernetesObject) : { message: text, metadata: {} };
}
