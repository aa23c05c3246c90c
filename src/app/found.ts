/** Loads a configuration for a command, with the accounts that `accountsFrom` would take now. Changes nothing. */
import { loadConfig } from '../config/load.ts';
import type { LoadedConfig, LoadOutcome } from '../config/load.ts';
import type { Host } from '../ports/host.ts';
import type { Found } from '../ports/journal.ts';
import { openForCommand, openProvider } from './connections.ts';
import { lookFor } from './finder.ts';
import { openKnown } from './known.ts';
import type { DaemonPlace } from './known.ts';

export interface LoadedWithFound {
  readonly loaded: LoadOutcome;
  /** Providers whose list could not be had, each with why: what was known of them before is taken. */
  readonly notes: readonly string[];
}

const NOT_ASKED = 'No provider was asked for its list: what a daemon has taken before counts, if one has.';

/** `ask`: providers may be asked; else only what the daemon or its journal knows is taken. */
export async function loadWithFound(
  options: DaemonPlace & {
    readonly host: Host;
    readonly path: string;
    readonly ask: boolean;
    readonly signal: AbortSignal;
  },
): Promise<LoadedWithFound> {
  const { host, path } = options;
  const { clock } = host;
  const loaded = await loadConfig({ path, clock, appliedFiles: new Map() });
  if (!loaded.ok || loaded.config.accountsFrom.length === 0) return { loaded, notes: [] };
  await using config = loaded.config;
  const known = await knownFound(options, config);
  const { found, notes } = options.ask
    ? await foundNow(options, config, known)
    : { found: known, notes: [NOT_ASKED] };
  return { loaded: await loadConfig({ path, clock, appliedFiles: new Map(), found }), notes };
}

async function knownFound(
  place: DaemonPlace & { readonly host: Host },
  { settings }: LoadedConfig,
): Promise<Found> {
  const outcome = await openKnown({ ...place, settings });
  if (outcome.kind === 'unknown') return new Map();
  await using known = outcome.known;
  return await known.found();
}

async function foundNow(
  { host, signal }: { readonly host: Host; readonly signal: AbortSignal },
  { settings, providers, accountsFrom }: LoadedConfig,
  known: Found,
): Promise<{ readonly found: Found; readonly notes: readonly string[] }> {
  const found = new Map(known);
  const notes: string[] = [];
  for (const [name, ways] of Map.groupBy(accountsFrom, ({ provider }) => provider)) {
    const connection = providers.find((each) => each.name === name);
    if (connection === undefined) continue;
    await using provider = await openProvider(connection, openForCommand(host, settings));
    const looked = await lookFor(provider, { ways, known: known.get(name) ?? [], signal });
    if (!looked.ok) {
      const before = known.get(name) === undefined ? 'none is taken' : 'those that were taken before stay';
      notes.push(`${looked.failure.message.replace(/\.$/, '')}. Until its list can be had, ${before}.`);
      continue;
    }
    const { accounts, over, unseen } = looked.value;
    found.set(name, accounts);
    if (unseen !== undefined)
      notes.push(
        `${unseen.message.replace(/\.$/, '')}. Until it can be looked at, that account is not taken.`,
      );
    if (over !== undefined)
      notes.push(
        `${name}: ${over.matched} accounts match, more than the limit of ${over.limit}: none is added. ` +
          'Narrow match, or raise limit.',
      );
  }
  return { found, notes };
}
