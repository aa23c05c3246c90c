/** The rights in Kubernetes that a configuration's targets need, for each store of Kubernetes Secrets. */
import type { Connection } from '../config/connections.ts';
import type { Account } from '../domain/account.ts';
import { rbacFor } from '../stores/kubernetes-secret/rbac.ts';
import type { RbacObject, Subject } from '../stores/kubernetes-secret/rbac.ts';

export type { RbacObject, Subject } from '../stores/kubernetes-secret/rbac.ts';

export interface StoreRights {
  readonly store: string;
  /** None where no target is in this store. */
  readonly objects: readonly RbacObject[];
}

const KIND = 'kubernetes-secret';

/** In the order of the configuration; none where it has no such store. */
export function storeRights(
  { stores, accounts }: { readonly stores: readonly Connection[]; readonly accounts: readonly Account[] },
  subject: Subject,
  name: string,
): StoreRights[] {
  return stores
    .filter(({ kind }) => kind === KIND)
    .map((store) => {
      const targets = accounts
        .flatMap((account) => account.targets)
        .filter((target) => target.store === store.name)
        .map(({ address, options }) => ({ address, create: options['create'] === true }));
      return { store: store.name, objects: rbacFor(targets, subject, name) };
    });
}
