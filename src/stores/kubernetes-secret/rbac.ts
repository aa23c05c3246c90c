/** The Role and RoleBinding that a service account needs for the Secrets of a configuration, in each namespace, and no right more. */
import { addressOf } from './address.ts';

/** A target, as far as rights depend on it. */
export interface RightsTarget {
  readonly address: string;
  /** Whether the Secret may be made. */
  readonly create: boolean;
}

export interface Subject {
  readonly namespace: string;
  readonly name: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly verbs: readonly string[];
}

interface Metadata {
  readonly name: string;
  readonly namespace: string;
}

const GROUP = 'rbac.authorization.k8s.io';

export type RbacObject =
  | {
      readonly apiVersion: `${typeof GROUP}/v1`;
      readonly kind: 'Role';
      readonly metadata: Metadata;
      readonly rules: readonly Rule[];
    }
  | {
      readonly apiVersion: `${typeof GROUP}/v1`;
      readonly kind: 'RoleBinding';
      readonly metadata: Metadata;
      readonly roleRef: { readonly apiGroup: typeof GROUP; readonly kind: 'Role'; readonly name: string };
      readonly subjects: readonly ({ readonly kind: 'ServiceAccount' } & Subject)[];
    };

/** A Role and a RoleBinding for each namespace, both with this name, in the order of the namespaces. */
export function rbacFor(targets: readonly RightsTarget[], subject: Subject, name: string): RbacObject[] {
  const namespaces = new Map<string, Map<string, boolean>>();
  for (const { address, create } of targets) {
    const { namespace, name: secret } = addressOf(address);
    const secrets = namespaces.get(namespace) ?? new Map<string, boolean>();
    namespaces.set(namespace, secrets);
    secrets.set(secret, (secrets.get(secret) ?? false) || create);
  }
  return [...namespaces.keys()].toSorted().flatMap((namespace): RbacObject[] => {
    const secrets = namespaces.get(namespace) ?? new Map<string, boolean>();
    const metadata = { name, namespace };
    const names = [...secrets.keys()].toSorted();
    const made = names.filter((secret) => secrets.get(secret) === true);
    const rules = [
      ruleFor(names, ['get', 'patch']),
      // An apply that makes a Secret asks for this right on its name.
      ...(made.length === 0 ? [] : [ruleFor(made, ['create'])]),
    ];
    return [
      { apiVersion: `${GROUP}/v1`, kind: 'Role', metadata, rules },
      {
        apiVersion: `${GROUP}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: GROUP, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', ...subject }],
      },
    ];
  });
}

function ruleFor(resourceNames: readonly string[], verbs: readonly string[]): Rule {
  return { apiGroups: [''], resources: ['secrets'], resourceNames, verbs };
}
