/**
 * The emulated organisation: its service accounts and what can be done to them. Knows nothing of HTTP, roles of
 * callers or tokens' texts; every change is told to whoever keeps it on disk.
 */
import { seedName } from '../seed-name.ts';
import { hexId, newServiceAccount } from './service-account.ts';
import type { Role, ServiceAccount } from './service-account.ts';

/** Who did it: a client, or a person at the console. */
export type Actor = 'api' | 'person';

/** One change of an account. `reopened`: it was closed before. */
export interface Change {
  readonly kind: 'created' | 'updated' | 'minted' | 'closed' | 'removed';
  readonly at: number;
  readonly by: Actor;
  readonly account: ServiceAccount;
  readonly reopened: boolean;
}

export interface Organisation {
  readonly id: string;
  /** In the order of their making, closed ones included; the manager's is the first. */
  readonly accounts: readonly ServiceAccount[];
  find(accountId: string): ServiceAccount | undefined;
  /** How many are open: these count towards the organisation's limit. */
  countOpen(): number;
  create(details: { readonly name: string; readonly role: Role }, now: number): ServiceAccount;
  update(
    account: ServiceAccount,
    details: { readonly name?: string | undefined; readonly role?: Role | undefined },
    now: number,
  ): void;
  /** A new token takes the place of the last one; a closed account is open afterwards. */
  renew(account: ServiceAccount, now: number, by: Actor): void;
  /** Its token changes, and neither the new one nor the last one is accepted. */
  close(account: ServiceAccount, now: number, by: Actor): void;
  /** As if it had never been. */
  remove(account: ServiceAccount, now: number): void;
}

/** How many seeded accounts there are to be, beside the manager's. */
export interface Seed {
  readonly organisation: string;
  readonly count: number;
  readonly role: Role;
  readonly managerRole: Role;
}

/** The manager's account, then `count` others, with ids that are the same each time. */
export function seedAccounts(seed: Seed, now: number): ServiceAccount[] {
  const manager = { id: managerIdOf(seed.organisation), name: 'rekeyd-manager', role: seed.managerRole, now };
  return [newServiceAccount(manager), ...moreSeeds(seed, 0, now)];
}

/** The seeded accounts from index `from` up to the seed's count. */
export function moreSeeds(seed: Seed, from: number, now: number): ServiceAccount[] {
  const accounts: ServiceAccount[] = [];
  for (let index = from; index < seed.count; index += 1) {
    const id = hexId(seed.organisation, 'account', index);
    accounts.push(newServiceAccount({ id, name: seedName(index), role: seed.role, now }));
  }
  return accounts;
}

export function managerIdOf(organisation: string): string {
  return hexId(organisation, 'manager');
}

/** `onChange` is called after each change, before the call that made it returns. */
export function createOrganisation(
  id: string,
  initial: readonly ServiceAccount[],
  onChange: (change: Change) => void,
): Organisation {
  let accounts = [...initial];
  const byId = new Map(accounts.map((account) => [account.id, account]));
  let made = accounts.length;

  /** A made-up id that no account has. */
  function freeId(now: number): string {
    for (;;) {
      made += 1;
      const accountId = hexId(id, 'created', made, now);
      if (!byId.has(accountId)) return accountId;
    }
  }

  return {
    id,
    get accounts() {
      return accounts;
    },
    find: (accountId) => byId.get(accountId),
    countOpen: () => accounts.reduce((count, account) => count + (account.closedAt === 0 ? 1 : 0), 0),
    create({ name, role }, now) {
      const account = newServiceAccount({ id: freeId(now), name, role, now });
      accounts.push(account);
      byId.set(account.id, account);
      onChange({ kind: 'created', at: now, by: 'api', account, reopened: false });
      return account;
    },
    update(account, { name, role }, now) {
      account.name = name ?? account.name;
      account.role = role ?? account.role;
      account.updatedAt = now;
      onChange({ kind: 'updated', at: now, by: 'api', account, reopened: false });
    },
    renew(account, now, by) {
      const reopened = account.closedAt !== 0;
      if (by === 'api') account.mints += 1;
      changeToken(account, { now, closedAt: 0 });
      onChange({ kind: 'minted', at: now, by, account, reopened });
    },
    close(account, now, by) {
      // Closed at the epoch itself it would seem open.
      changeToken(account, { now, closedAt: Math.max(now, 1_000) });
      onChange({ kind: 'closed', at: now, by, account, reopened: false });
    },
    remove(account, now) {
      accounts = accounts.filter((other) => other !== account);
      byId.delete(account.id);
      onChange({ kind: 'removed', at: now, by: 'person', account, reopened: false });
    },
  };
}

function changeToken(account: ServiceAccount, to: { readonly now: number; readonly closedAt: number }): void {
  account.generation += 1;
  account.token = undefined;
  account.issuedAt = to.now;
  account.updatedAt = to.now;
  account.closedAt = to.closedAt;
}
