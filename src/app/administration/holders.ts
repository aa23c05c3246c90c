/** Which targets of an account hold a credential now, told by its client id: for whoever is about to end it. */
import type { Connection } from '../../config/connections.ts';
import type { Settings } from '../../config/settings.ts';
import type { Account } from '../../domain/account.ts';
import type { Host } from '../../ports/host.ts';
import { openForCommand, openStore } from '../connections.ts';
import { formatFactory } from '../formats.ts';

export interface Holders {
  /** Ids of the targets that hold it. */
  readonly holding: readonly string[];
  /** Ids of those that could not be read: they may hold it. */
  readonly unread: readonly string[];
}

export async function holdersOf(
  host: Host,
  from: {
    readonly settings: Settings;
    readonly stores: readonly Connection[];
    readonly account: Account;
    readonly clientId: string;
    readonly signal: AbortSignal;
  },
): Promise<Holders> {
  const { settings, stores, account, clientId, signal } = from;
  const formatOf = formatFactory();
  const holding: string[] = [];
  const unread: string[] = [];
  for (const target of account.targets) {
    const connection = stores.find(({ name }) => name === target.store);
    if (connection === undefined) {
      unread.push(target.id);
      continue;
    }
    await using store = await openStore(connection, openForCommand(host, settings));
    const stored = await store.read({ address: target.address, options: target.options }, { signal });
    if (!stored.ok) unread.push(target.id);
    if (!stored.ok || stored.value.state === 'absent') continue;
    const held = formatOf(target).decode(stored.value.bytes);
    if (held.state !== 'credential' || held.credential.kind !== 'client') continue;
    if (held.credential.clientId === clientId) holding.push(target.id);
  }
  return { holding, unread };
}
