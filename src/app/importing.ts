/** Which accounts of a provider could be written into a configuration, and which could not, and why. Changes nothing. */
import { isTakenBy } from '../config/accounts-from.ts';
import type { Connection } from '../config/connections.ts';
import type { Settings } from '../config/settings.ts';
import type { Account } from '../domain/account.ts';
import { succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import type { Host } from '../ports/host.ts';
import type { FoundAccount } from '../ports/journal.ts';
import { openForCommand, openProvider } from './connections.ts';
import { listAll, withoutOwn } from './finder.ts';

export interface Importable {
  /** In the order of the provider's list. */
  readonly accounts: readonly FoundAccount[];
  /** Left out: those of the configuration, by their names there. */
  readonly configured: readonly string[];
  readonly closed: readonly FoundAccount[];
  /** Left out: the account that rekeyd authenticates with. */
  readonly own: readonly FoundAccount[];
}

export async function importable(
  host: Host,
  settings: Settings,
  about: {
    readonly connection: Connection;
    readonly match: readonly string[];
    readonly except: readonly string[];
    readonly configured: readonly Account[];
    readonly signal: AbortSignal;
  },
): Promise<Result<Importable>> {
  const { connection, configured, signal } = about;
  await using provider = await openProvider(connection, openForCommand(host, settings));
  const listed = await listAll(provider, signal);
  if (!listed.ok) return listed;
  const own = await provider.manager({ signal });
  if (!own.ok) return own;
  const isTaken = isTakenBy(about);
  const matching = [...listed.value.values()].filter(({ name }) => isTaken(name));
  const names = new Map(
    configured
      .filter(({ origin }) => origin === provider.origin)
      .flatMap(({ accountIds, name }) => accountIds.map((id) => [id, name] as const)),
  );
  const free = matching.filter(({ id }) => !names.has(id));
  const candidates = free.filter(({ id, open }) => open && id !== own.value.accountId);
  const others = await withoutOwn(provider, candidates, { clientId: own.value.clientId, signal });
  if (!others.ok) return others;
  if (others.value.unseen !== undefined) return { ok: false, failure: others.value.unseen };
  const { accounts } = others.value;
  const taken = new Set(accounts.map(({ id }) => id));
  return succeeded({
    accounts: accounts.map(({ id, name }) => ({ id, name })),
    configured: matching.flatMap(({ id }) => names.get(id) ?? []),
    closed: free.filter(({ open }) => !open),
    own: free.filter(({ id, open }) => open && !taken.has(id)),
  });
}
