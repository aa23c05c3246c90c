/** The rights in Kubernetes that a configuration needs, for each cluster: for its targets there, and for its consumers. */
import type { Connection } from '../config/connections.ts';
import { rightFor } from '../consumers/kubernetes/rights.ts';
import type { Account } from '../domain/account.ts';
import { clusterOf } from '../kubernetes/cluster-config.ts';
import type { ClusterConfig } from '../kubernetes/cluster-config.ts';
import { rbacFor } from '../kubernetes/rbac.ts';
import type { RbacObject, Right, Subject } from '../kubernetes/rbac.ts';
import { rightsFor } from '../stores/kubernetes-secret/rights.ts';

export type { RbacObject, Subject } from '../kubernetes/rbac.ts';

/** A store of Kubernetes Secrets, or a cluster whose consumers are refreshed. */
export interface ClusterConnection {
  readonly of: 'stores' | 'consumers';
  readonly name: string;
}

export interface ClusterRights {
  /** Those that lead to the same cluster, as far as the configuration says that. */
  readonly connections: readonly ClusterConnection[];
  /** One Role a namespace for all of them together. None where nothing is there that needs a right. */
  readonly objects: readonly RbacObject[];
}

interface Configured {
  readonly stores: readonly Connection[];
  readonly consumers: readonly Connection[];
  readonly accounts: readonly Account[];
}

/** In the order of the configuration, stores first. */
export function clusterConnections({
  stores,
  consumers,
}: Omit<Configured, 'accounts'>): (ClusterConnection & { readonly cluster: string })[] {
  const ofKind = (of: ClusterConnection['of'], all: readonly Connection[], wanted: string) =>
    all
      .filter(({ kind }) => kind === wanted)
      .map(({ name, config }) => ({ of, name, cluster: clusterOf(config as ClusterConfig) }));
  return [...ofKind('stores', stores, 'kubernetes-secret'), ...ofKind('consumers', consumers, 'kubernetes')];
}

/** What `chosen` ones of those connections need. */
export function clusterRights(
  chosen: readonly (ClusterConnection & { readonly cluster: string })[],
  accounts: readonly Account[],
  as: { readonly subject: Subject; readonly name: string },
): ClusterRights[] {
  const clusters = Map.groupBy(chosen, ({ cluster }) => cluster);
  return [...clusters.values()].map((connections) => ({
    connections,
    objects: rbacFor(
      connections.flatMap((connection) => rightsOf(connection, accounts)),
      as.subject,
      as.name,
    ),
  }));
}

function rightsOf({ of, name }: ClusterConnection, accounts: readonly Account[]): Right[] {
  const targets = accounts.flatMap((account) => account.targets);
  if (of === 'stores') {
    return targets
      .filter(({ store }) => store === name)
      .flatMap(({ address, options }) => rightsFor(address, { create: options['create'] === true }));
  }
  return targets
    .flatMap(({ consumers = [] }) => consumers)
    .filter(({ connection }) => connection === name)
    .map(({ address }) => rightFor(address));
}
