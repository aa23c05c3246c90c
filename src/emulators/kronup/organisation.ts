/**
 * The emulated organisation: its service accounts and what can be done to them. Knows nothing of HTTP, roles of
 * callers or tokens' texts; every change is told to whoever keeps it on disk.
 */
import { hexId, newServiceAccount, seedName } from './service-account.ts';
import type { Role, ServiceAccount } from './service-account.ts';

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
  renew(account: ServiceAccount, now: number): void;
  /** Its token changes, and neither the new one nor the last one is accepted. */
  close(account: ServiceAccount, now: number): void;
  /** As if it had never been. */
  remove(account: ServiceAccount): void;
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
  onChange: () => void,
): Organisation {
  let accounts = [...initial];
  const byId = new Map(accounts.map((account) => [account.id, account]));
  let made = accounts.length;

  function renew(account: ServiceAccount, now: number, closedAt: number): void {
    account.generation += 1;
    account.token = undefined;
    account.issuedAt = now;
    account.updatedAt = now;
    account.closedAt = closedAt;
    onChange();
  }

  return {
    id,
    get accounts() {
      return accounts;
    },
    find: (accountId) => byId.get(accountId),
    countOpen: () => accounts.reduce((count, account) => count + (account.closedAt === 0 ? 1 : 0), 0),
    create({ name, role }, now) {
      let accountId: string;
      do {
        made += 1;
        accountId = hexId(id, 'created', made, now);
      } while (byId.has(accountId));
      const account = newServiceAccount({ id: accountId, name, role, now });
      accounts.push(account);
      byId.set(accountId, account);
      onChange();
      return account;
    },
    update(account, { name, role }, now) {
      account.name = name ?? account.name;
      account.role = role ?? account.role;
      account.updatedAt = now;
      onChange();
    },
    renew: (account, now) => renew(account, now, 0),
    // At an epoch of 0 it would seem open.
    close: (account, now) => renew(account, now, Math.max(now, 1_000)),
    remove(account) {
      accounts = accounts.filter((other) => other !== account);
      byId.delete(account.id);
      onChange();
    },
  };
}
