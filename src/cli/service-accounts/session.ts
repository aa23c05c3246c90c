/** What every command on service accounts begins with: the configuration, the provider's administration, and what it offers. */
import { administeredKinds, openAdministration } from '../../app/administration/open.ts';
import type { OpenAdministration } from '../../app/administration/open.ts';
import { loadConfig } from '../../config/load.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { formatProblem } from '../../config/problem.ts';
import type { Account } from '../../domain/account.ts';
import type { Result } from '../../domain/failure.ts';
import type { Collection, CollectionWords, Verb } from '../../ports/administration.ts';
import { EXIT } from '../../ports/host.ts';
import type { Host } from '../../ports/host.ts';
import { accountsOf } from '../accounts-of.ts';
import { CommandError } from '../explain.ts';
import { configPath } from '../places.ts';

/** Options of every command on service accounts. */
export interface ServiceAccountOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly provider?: string;
  readonly output: 'table' | 'json' | 'yaml';
}

/** Accounts themselves, or the credentials of one. */
export type Of = 'accounts' | 'credentials';

export interface Session {
  readonly host: Host;
  readonly config: LoadedConfig;
  /** All accounts of the configuration. */
  readonly configured: readonly Account[];
  /** Name of the provider. */
  readonly provider: string;
  readonly connection: LoadedConfig['providers'][number];
  readonly opened: OpenAdministration;
  readonly of: Of;
  readonly words: CollectionWords;
  readonly collection: Collection;
  /** Aborted when the command is to stop. Not for what makes or delivers a credential. */
  readonly signal: AbortSignal;
}

/** Rejects with `CommandError` where the provider's kind has no such verb, or the command was stopped. */
export async function inSession(
  host: Host,
  options: ServiceAccountOptions,
  asked: { readonly of: Of; readonly verb: Verb },
  work: (session: Session) => Promise<number>,
): Promise<number> {
  await using config = await goodConfig(host, configPath(host, options));
  const configured = await accountsOf(config);
  const connection = providerOf(config, options.provider);
  await using opened = await openAdministration(host, config, connection);
  if (opened === undefined) {
    throw new CommandError(
      `provider ${connection.name} is of kind ${connection.kind}, whose accounts cannot be reached by commands; ` +
        `those of kind ${administeredKinds().join(', ')} can`,
    );
  }
  const { words, collection } = offered(connection, opened, asked);
  const stopped = new AbortController();
  const { signal } = stopped;
  using _listening = host.onSignal(['SIGINT', 'SIGTERM'], () => stopped.abort(new Error('stopped')));
  const { of } = asked;
  const about = { host, config, configured, provider: connection.name, connection };
  const session = { ...about, opened, of, words, collection, signal };
  try {
    return await work(session);
  } catch (error) {
    if (signal.aborted && !(error instanceof CommandError)) throw stoppedEarly();
    throw error;
  }
}

function stoppedEarly(): CommandError {
  return new CommandError('stopped before it was finished', EXIT.failed);
}

/** For what must be carried through once it was begun: aborted by nobody. */
export function unstoppable(): AbortSignal {
  return new AbortController().signal;
}

/** Rejects with `CommandError` where it has problems. */
async function goodConfig(host: Host, path: string): Promise<LoadedConfig> {
  const loaded = await loadConfig({ path, clock: host.clock, appliedFiles: new Map() });
  if (loaded.ok) return loaded.config;
  const lines = loaded.problems.map((problem) => `  ${formatProblem(problem)}`);
  throw new CommandError(`the configuration ${path} has problems:\n${lines.join('\n')}`);
}

export function providerOf(
  { providers }: Pick<LoadedConfig, 'providers'>,
  name: string | undefined,
): LoadedConfig['providers'][number] {
  const [only, ...others] = providers;
  const found =
    name === undefined && others.length === 0 ? only : providers.find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = providers.map((each) => each.name).join(', ');
  if (name === undefined)
    throw new CommandError(`say which provider with --provider NAME; configured: ${known}`);
  throw new CommandError(`--provider ${name}: there is no such provider; configured: ${known}`);
}

function offered(
  { name, kind }: LoadedConfig['providers'][number],
  { words, administration }: OpenAdministration,
  { of, verb }: { readonly of: Of; readonly verb: Verb },
): Pick<Session, 'words' | 'collection'> {
  const own = words[of];
  const collection = administration[of];
  if (own === undefined || collection === undefined) {
    throw new CommandError(
      `provider ${name} is of kind ${kind}, where each account has one credential, which is part of the account: ` +
        'leave the word credentials out',
    );
  }
  if (own.verbs.includes(verb)) return { words: own, collection };
  const way =
    of === 'accounts' && verb === 'regenerate' && words.credentials !== undefined
      ? '; make another credential with: rekeyd service-accounts credentials create'
      : '';
  throw new CommandError(
    `provider ${name} is of kind ${kind}, which has no ${verb} for a ${own.noun}; it has: ${own.verbs.join(', ')}${way}`,
  );
}

/** The value; rejects with `CommandError` where it failed. */
export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new CommandError(result.failure.message, EXIT.failed);
}
