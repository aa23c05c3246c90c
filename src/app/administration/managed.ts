/** Which accounts are managed here: those of the configuration, and those that the daemon or its journal knows. */
import type { LoadedConfig } from '../../config/load.ts';
import type { Account } from '../../domain/account.ts';
import type { Host } from '../../ports/host.ts';
import { openKnown } from '../known.ts';

export interface Managed {
  readonly accounts: readonly Account[];
  /** The one with this id at this origin, if it is managed here. */
  find(origin: string, accountId: string): Account | undefined;
  /** Why neither the daemon nor its journal could be asked; absent where one was, or there is none. */
  readonly note?: string;
}

/** `configured`: the accounts of the configuration. */
export async function managedAccounts(
  host: Host,
  { settings }: Pick<LoadedConfig, 'settings'>,
  from: { readonly configured: readonly Account[]; readonly socketPath?: string },
): Promise<Managed> {
  const byKey = new Map<string, Account>();
  const add = (account: Account): void => {
    for (const id of account.accountIds) {
      const key = keyOf(account.origin, id);
      if (!byKey.has(key)) byKey.set(key, account);
    }
  };
  for (const account of from.configured) add(account);
  const { socketPath } = from;
  const outcome = await openKnown({ host, settings, ...(socketPath === undefined ? {} : { socketPath }) });
  if (outcome.kind === 'known') {
    await using known = outcome.known;
    for await (const rows of known.rows()) for (const { policy } of rows) add(policy);
  }
  return {
    accounts: [...new Set(byKey.values())],
    find: (origin, accountId) => byKey.get(keyOf(origin, accountId)),
    ...(outcome.kind === 'known' || outcome.never === true ? {} : { note: outcome.why }),
  };
}

/** Without the organisation: the manager credential sees only its own. */
function keyOf(origin: string, accountId: string): string {
  return `${origin}\0${accountId}`;
}
