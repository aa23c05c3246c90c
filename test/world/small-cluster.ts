/**
 * Keeps Secrets and Deployments as an API server does, as far as rekeyd looks: versions, who owns which keys, trials. A Deployment that
 * is changed is rolled out at once.
 */
import type { Asked, Said } from './repeater.ts';

type Texts = Readonly<Record<string, string>>;

interface Secret {
  readonly version: number;
  readonly data: Texts;
  readonly annotations: Texts;
  /** Who owns which keys. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
}

interface Deployment {
  readonly generation: number;
  readonly annotations: Texts;
}

export interface SmallCluster {
  readonly answer: (asked: Asked) => Said;
  /** What the keys of a Secret hold. */
  secret(name: string): Texts;
}

interface Applied {
  readonly metadata: { readonly resourceVersion?: string; readonly annotations?: Texts };
  readonly data?: Texts;
}

/** With these Secrets, which are somebody's, and a Deployment for whoever asks for one. */
export function smallCluster(given: Readonly<Record<string, Texts>>): SmallCluster {
  const secrets = new Map<string, Secret>();
  const deployments = new Map<string, Deployment>();
  let version = 0;
  for (const [name, texts] of Object.entries(given)) {
    version += 1;
    const entries = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
    const data = Object.fromEntries(entries) as Texts;
    secrets.set(name, { version, data, annotations: {}, owners: new Map([['helm', Object.keys(texts)]]) });
  }

  function secretAnswer({ method, body }: Asked, name: string, query: URLSearchParams): Said {
    const known = secrets.get(name);
    if (known === undefined) return refusal(404, 'NotFound');
    if (method === 'GET') return json(secretObject(name, known));
    const applied = JSON.parse(body) as Applied;
    const { resourceVersion, annotations = {} } = applied.metadata;
    if (resourceVersion !== String(known.version)) return refusal(409, 'Conflict');
    version += 1;
    const keys = Object.keys(applied.data ?? {});
    const others = [...known.owners].map(([manager, owned]): [string, readonly string[]] => [
      manager,
      owned.filter((key) => !keys.includes(key)),
    ]);
    const changed: Secret = {
      version,
      data: { ...known.data, ...applied.data },
      annotations: { ...known.annotations, ...annotations },
      owners: new Map([...others, [query.get('fieldManager') ?? '', keys]]),
    };
    if (!query.has('dryRun')) secrets.set(name, changed);
    return json(secretObject(name, changed));
  }

  function deploymentAnswer({ method, body }: Asked, name: string, query: URLSearchParams): Said {
    const known = deployments.get(name) ?? { generation: 1, annotations: {} };
    if (method === 'GET' || query.has('dryRun')) return json(deploymentObject(known));
    const { spec } = JSON.parse(body) as {
      readonly spec: { readonly template: { readonly metadata: { readonly annotations: Texts } } };
    };
    const { annotations } = spec.template.metadata;
    deployments.set(name, { generation: known.generation + 1, annotations });
    return json(deploymentObject({ generation: known.generation + 1, annotations }));
  }

  return {
    answer(asked) {
      const { pathname, searchParams } = new URL(asked.path, 'http://cluster');
      const [, kind, name = ''] =
        /\/(secrets|deployments|selfsubjectreviews)(?:\/(.+))?$/.exec(pathname) ?? [];
      if (kind === 'secrets') return secretAnswer(asked, name, searchParams);
      if (kind === 'deployments') return deploymentAnswer(asked, name, searchParams);
      return json({ status: { userInfo: { username: 'system:serviceaccount:shop:rekeyd' } } });
    },
    secret(name) {
      const entries = Object.entries(secrets.get(name)?.data ?? {});
      return Object.fromEntries(
        entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
      );
    },
  };
}

function secretObject(name: string, { version, data, annotations, owners }: Secret): object {
  const managedFields = [...owners].map(([manager, keys]) => ({
    manager,
    operation: 'Apply',
    fieldsV1: { 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
  }));
  const metadata = { name, uid: `uid-${name}`, resourceVersion: String(version), annotations, managedFields };
  return { kind: 'Secret', apiVersion: 'v1', type: 'Opaque', metadata, data };
}

function deploymentObject({ generation, annotations }: Deployment): object {
  return {
    kind: 'Deployment',
    metadata: { resourceVersion: String(generation), generation },
    spec: { replicas: 1, template: { metadata: { annotations } } },
    status: { observedGeneration: generation, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
  };
}

function json(object: object): Said {
  return { status: 200, text: JSON.stringify(object) };
}

function refusal(code: number, reason: string): Said {
  return { status: code, text: JSON.stringify({ kind: 'Status', reason, message: reason, code }) };
}
