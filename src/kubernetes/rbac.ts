/** The Role and RoleBinding that a service account needs for single objects of a cluster, in each namespace, and no right more. */

/** Verbs on one object, by its name: never on all of a kind. */
export interface Right {
  readonly namespace: string;
  /** Of the API; empty for its core. */
  readonly group: string;
  /** Such as `deployments`. */
  readonly resource: string;
  readonly name: string;
  readonly verbs: readonly string[];
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
export function rbacFor(rights: readonly Right[], subject: Subject, name: string): RbacObject[] {
  const namespaces = Map.groupBy(rights, ({ namespace }) => namespace);
  return [...namespaces.keys()].toSorted().flatMap((namespace): RbacObject[] => {
    const metadata = { name, namespace };
    const rules = rulesFor(namespaces.get(namespace) ?? []);
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

/** One for each resource and what may be done there, the most first. */
function rulesFor(rights: readonly Right[]): Rule[] {
  const alike = Map.groupBy(rights, ({ group, resource, verbs }) => JSON.stringify([group, resource, verbs]));
  return [...alike.values()]
    .map((some) => {
      const [{ group, resource, verbs } = { group: '', resource: '', verbs: [] }] = some;
      const resourceNames = [...new Set(some.map((right) => right.name))].toSorted();
      return { apiGroups: [group], resources: [resource], resourceNames, verbs };
    })
    .toSorted((a, b) => placeOf(a).localeCompare(placeOf(b)) || b.verbs.length - a.verbs.length);
}

function placeOf({ apiGroups, resources }: Rule): string {
  return `${apiGroups.join('')}/${resources.join('')}`;
}
