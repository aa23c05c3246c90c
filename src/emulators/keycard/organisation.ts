/** One organisation with its service accounts and their credentials, and every change of them. Nothing here knows HTTP. */
import { idOf, newAccount, newCredential } from './model.ts';
import type { Credential, ServiceAccount } from './model.ts';

export interface Change {
  readonly kind:
    | 'account-created'
    | 'account-updated'
    | 'account-deleted'
    | 'minted'
    | 'credential-updated'
    | 'credential-deleted';
  readonly at: number;
  readonly by: 'api' | 'person';
  readonly accountId: string;
  readonly credentialId?: string;
  /** Of a credential. */
  readonly name?: string;
}

/** What people call it. */
export interface Naming {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

export type By = Pick<Change, 'at' | 'by'>;

export interface Organisation {
  readonly id: string;
  readonly label: string;
  /** In the order of their making, as all lists. */
  readonly accounts: readonly ServiceAccount[];
  /** How much was ever made: the next serial. */
  readonly made: number;
  account(id: string): ServiceAccount | undefined;
  credentialsOf(accountId: string): readonly Credential[];
  credential(id: string): Credential | undefined;
  withClientId(clientId: string): Credential | undefined;
  createAccount(naming: Naming & { readonly name: string }, by: By): ServiceAccount;
  updateAccount(account: ServiceAccount, naming: Naming, by: By): void;
  deleteAccount(account: ServiceAccount, by: By): void;
  /** Known everywhere, and so accepted, from `usableAt` on. */
  mint(
    account: ServiceAccount,
    naming: { readonly name: string } & Naming,
    by: By & { readonly usableAt: number },
  ): Credential;
  updateCredential(credential: Credential, naming: Naming, by: By): void;
  deleteCredential(credential: Credential, by: By): void;
}

export interface Kept {
  readonly accounts: readonly ServiceAccount[];
  readonly credentials: readonly Credential[];
  readonly made: number;
}

/** What the organisation holds, and how it tells of changes. */
interface Held {
  readonly id: string;
  readonly accounts: Map<string, ServiceAccount>;
  readonly credentials: Map<string, Credential>;
  readonly nextSerial: () => number;
  readonly tell: (kind: Change['kind'], by: By, accountId: string, credential?: Credential) => void;
}

/** `onChange` is called after each change, before the call that made it returns. */
export function createOrganisation(
  named: { readonly id: string; readonly label: string },
  kept: Kept,
  onChange: (change: Change) => void,
): Organisation {
  let { made } = kept;
  const held: Held = {
    id: named.id,
    accounts: new Map(kept.accounts.map((account) => [account.id, account])),
    credentials: new Map(kept.credentials.map((credential) => [credential.id, credential])),
    nextSerial() {
      made += 1;
      return made;
    },
    tell(kind, { at, by }, accountId, credential) {
      const about = credential && { credentialId: credential.id, name: credential.name };
      onChange({ kind, at, by, accountId, ...about });
    },
  };
  const { accounts, credentials } = held;
  return {
    ...named,
    get accounts() {
      return [...accounts.values()];
    },
    get made() {
      return made;
    },
    account: (accountId) => accounts.get(accountId),
    credentialsOf: (accountId) => [...credentials.values()].filter((one) => one.accountId === accountId),
    credential: (credentialId) => credentials.get(credentialId),
    withClientId: (clientId) => [...credentials.values()].find((one) => one.clientId === clientId),
    ...changesOfAccounts(held),
    ...changesOfCredentials(held),
  };
}

type ChangesOfAccounts = Pick<Organisation, 'createAccount' | 'updateAccount' | 'deleteAccount'>;

function changesOfAccounts({ id, accounts, credentials, nextSerial, tell }: Held): ChangesOfAccounts {
  return {
    createAccount(naming, by) {
      const serial = nextSerial();
      const account = newAccount({ id: idOf(id, 'made', serial, by.at), serial, ...naming, at: by.at });
      accounts.set(account.id, account);
      tell('account-created', by, account.id);
      return account;
    },
    updateAccount(account, { name, description }, by) {
      account.name = name ?? account.name;
      account.description = description ?? account.description;
      account.updatedAt = by.at;
      tell('account-updated', by, account.id);
    },
    deleteAccount(account, by) {
      accounts.delete(account.id);
      for (const one of credentials.values()) if (one.accountId === account.id) credentials.delete(one.id);
      tell('account-deleted', by, account.id);
    },
  };
}

type ChangesOfCredentials = Pick<Organisation, 'mint' | 'updateCredential' | 'deleteCredential'>;

function changesOfCredentials({ id, credentials, nextSerial, tell }: Held): ChangesOfCredentials {
  return {
    mint(account, naming, by) {
      const serial = nextSerial();
      const { at, usableAt } = by;
      const made = { id: idOf(id, account.id, serial, at), serial, accountId: account.id, at, usableAt };
      const credential = newCredential({ ...made, ...naming });
      credentials.set(credential.id, credential);
      tell('minted', by, account.id, credential);
      return credential;
    },
    updateCredential(credential, { name, description }, by) {
      credential.name = name ?? credential.name;
      credential.description = description ?? credential.description;
      tell('credential-updated', by, credential.accountId, credential);
    },
    deleteCredential(credential, by) {
      credentials.delete(credential.id);
      tell('credential-deleted', by, credential.accountId, credential);
    },
  };
}
