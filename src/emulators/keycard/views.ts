/** Service accounts, credentials and the organisation as the API shows them, and pages of them. */
import type { Credential, ServiceAccount } from './model.ts';
import type { Organisation } from './organisation.ts';

export function viewAccount(account: ServiceAccount, permissions: object | undefined): object {
  const { id, name, description, createdAt, updatedAt } = account;
  return {
    id,
    created_at: timestamp(createdAt),
    name,
    updated_at: timestamp(updatedAt),
    ...(description === undefined ? {} : { description }),
    ...(permissions && { permissions }),
  };
}

/** Without its secret. */
export function viewCredential(credential: Credential, permissions: object | undefined): object {
  const { lastUsedAt } = credential;
  return {
    ...common(credential),
    ...(lastUsedAt === undefined ? {} : { last_used_at: timestamp(lastUsedAt) }),
    ...(permissions && { permissions }),
  };
}

/** As it is shown once, at its making. */
export function viewCreated(credential: Credential, secret: string): object {
  return { ...common(credential), client_secret: secret };
}

export function viewOrganisation(organisation: Organisation, permissions: object | undefined): object {
  const { id, label } = organisation;
  const createdAt = timestamp(organisation.accounts[0]?.createdAt ?? 0);
  return {
    id,
    created_at: createdAt,
    label,
    name: 'Rehearsal, Inc.',
    updated_at: createdAt,
    ...(permissions && { permissions }),
  };
}

/** What a caller may do, by kind of resource. The names of these kinds are made up, but for the documented `organizations`. */
export function permissionsOf(caller: ServiceAccount): object {
  const { manages } = caller;
  return {
    organizations: { read: true, update: manages },
    service_accounts: { list: manages, read: manages, create: manages, update: manages, delete: manages },
  };
}

function common(credential: Credential): object {
  const { id, name, description, clientId, createdAt } = credential;
  return {
    id,
    client_id: clientId,
    created_at: timestamp(createdAt),
    name,
    ...(description === undefined ? {} : { description }),
  };
}

/** The API's form of an instant: `2019-12-27T18:11:19.117Z`. */
function timestamp(atMs: number): string {
  return new Date(atMs).toISOString();
}
