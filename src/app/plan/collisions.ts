/** Minutes in which several accounts of one provider, or with targets in one store, are due together. Pure. */
import type { PlannedAccount } from './slots.ts';

export interface Collision {
  readonly of: 'provider' | 'store';
  readonly name: string;
  /** The minute's first instant, ms since the epoch. */
  readonly at: number;
  readonly count: number;
  /** The first few of them. */
  readonly accounts: readonly string[];
}

const MINUTE_MS = 60_000;
const NAMED_MAX = 5;

interface Group {
  readonly of: Collision['of'];
  readonly name: string;
  readonly at: number;
  readonly accounts: Set<string>;
}

/** Those with the most accounts first, then the earliest. */
export function collisionsOf(planned: readonly PlannedAccount[]): Collision[] {
  const groups = new Map<string, Group>();
  for (const { account, provider, stores, slots, paused } of planned) {
    if (paused) continue;
    const subjects = [['provider', provider] as const, ...stores.map((store) => ['store', store] as const)];
    for (const { dueAt, insteadAt = dueAt, replaced } of slots) {
      if (replaced || insteadAt === 'never') continue;
      const at = Math.floor(insteadAt / MINUTE_MS) * MINUTE_MS;
      for (const [of, name] of subjects) add(groups, { of, name, at }, account);
    }
  }
  return [...groups.values()]
    .filter(({ accounts }) => accounts.size > 1)
    .toSorted((one, other) => other.accounts.size - one.accounts.size || one.at - other.at)
    .map(({ accounts, ...group }) => ({
      ...group,
      count: accounts.size,
      accounts: [...accounts].slice(0, NAMED_MAX),
    }));
}

function add(groups: Map<string, Group>, group: Omit<Group, 'accounts'>, account: string): void {
  const key = `${group.of} ${group.name} ${group.at}`;
  const known = groups.get(key) ?? { ...group, accounts: new Set<string>() };
  groups.set(key, known);
  known.accounts.add(account);
}
