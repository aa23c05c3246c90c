/** `rekeyd import`: writes the accounts that exist at a provider as configuration, to start from. Changes nothing. */
import { loadWithFound } from '../app/found.ts';
import { importable } from '../app/importing.ts';
import type { Importable } from '../app/importing.ts';
import { accountOf, plainName } from '../config/accounts-from.ts';
import { formatProblem } from '../config/problem.ts';
import { yamlText } from '../config/yaml-text.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Account } from '../domain/account.ts';
import { sanitiseText } from '../domain/credential-shapes.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import type { FoundAccount } from '../ports/journal.ts';
import { accountsOf } from './accounts-of.ts';
import { CommandError } from './explain.ts';
import { configPath } from './places.ts';
import { untilSignal } from './progress.ts';
import { providerOf } from './service-accounts/session.ts';
import { count } from './text.ts';

export interface ImportOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly provider?: string;
  readonly match?: readonly string[];
  readonly except?: readonly string[];
  readonly store?: string;
  readonly address?: string;
  readonly schedule?: string;
  readonly output: 'yaml' | 'jsonl';
}

export async function importAccounts(host: Host, options: ImportOptions): Promise<number> {
  return await untilSignal(host, async (signal) => {
    await using config = await goodConfig(host, options, signal);
    const configured = await accountsOf(config);
    const connection = providerOf(config, options.provider);
    const store = storeOf(config, options);
    const found = await importable(host, config.settings, {
      connection,
      match: options.match ?? ['*'],
      except: options.except ?? [],
      configured,
      signal,
    });
    if (!found.ok) throw new CommandError(found.failure.message, EXIT.failed);
    const written = accountsFor(found.value.accounts, configured, {
      ...options,
      provider: connection.name,
      store,
    });
    const text = options.output === 'jsonl' ? linesOf(written) : yamlOf(written, connection.name);
    // Somebody may have pasted a credential where a name belongs.
    host.output.write(sanitiseText(text));
    for (const line of leftOut(found.value)) host.errors.write(`${sanitiseText(line)}\n`);
    if (store === undefined && written.length > 0) host.errors.write(`${FILL_IN}\n`);
    return EXIT.ok;
  });
}

/** In place of what is still to be said: a check names each of them. */
const OPEN = 'FILL-IN';
const FILL_IN =
  'Each target is still to be filled in: say where they go with --store NAME --address TEMPLATE, or edit what was written.';

/** Accounts that are taken by their names count as configured where a daemon has taken them. */
async function goodConfig(host: Host, options: ImportOptions, signal: AbortSignal): Promise<LoadedConfig> {
  const path = configPath(host, options);
  const socketPath = options.socket === undefined ? {} : { socketPath: options.socket };
  const { loaded } = await loadWithFound({ host, path, ask: false, signal, ...socketPath });
  if (loaded.ok) return loaded.config;
  const lines = loaded.problems.map((problem) => `  ${formatProblem(problem)}`);
  throw new CommandError(`the configuration ${path} has problems:\n${lines.join('\n')}`);
}

function storeOf({ stores }: LoadedConfig, { store, address, output }: ImportOptions): string | undefined {
  if (store !== undefined && stores.every(({ name }) => name !== store)) {
    const known = stores.map(({ name }) => name).join(', ');
    throw new CommandError(`--store ${store}: there is no such store; configured: ${known}`);
  }
  if (store !== undefined && address === undefined)
    throw new CommandError('--store: say which address in it, such as --address "ci/<name>/token"');
  if (store === undefined && address !== undefined)
    throw new CommandError('--address: say in which store, with --store NAME');
  if (address !== undefined && !/<(?:name|id)>/.test(address))
    throw new CommandError('--address: all accounts would share one target; put <name> or <id> into it');
  if (store === undefined && output === 'jsonl')
    throw new CommandError(
      '-o jsonl: each line is a whole account; say where they go with --store and --address',
    );
  return store;
}

/** Names that are taken get the id behind them: names are unique. */
function accountsFor(
  accounts: readonly FoundAccount[],
  configured: readonly Account[],
  words: Omit<ImportOptions, 'store'> & { readonly provider: string; readonly store: string | undefined },
): readonly object[] {
  const names = new Set(configured.map(({ name }) => name));
  const { store = OPEN, address = OPEN, schedule } = words;
  return accounts.map((found) => {
    const plain = plainName(found);
    const name = names.has(plain) ? `${plain}-${found.id}` : plain;
    names.add(name);
    const template = {
      ...(schedule === undefined ? {} : { schedule }),
      targets: [{ store, address }],
    };
    const from = { provider: words.provider, template };
    const { accountId, provider, targets, ...rest } = accountOf(from, { id: found.id, name });
    return { name, provider, accountId, ...rest, targets };
  });
}

function yamlOf(accounts: readonly object[], provider: string): string {
  const many = count(accounts.length, 'account');
  const head = `# Written by rekeyd import: ${many} of ${provider}. A whole file to include, or to copy from.\n`;
  return head + yamlText({ accounts });
}

function linesOf(accounts: readonly object[]): string {
  return accounts.map((account) => `${JSON.stringify(account)}\n`).join('');
}

const NAMED_MAX = 10;

function leftOut({ configured, closed, own }: Importable): string[] {
  const lines = [
    ['configured already', configured],
    ['closed', closed.map(({ name }) => name)],
    ['what rekeyd authenticates with', own.map(({ name }) => name)],
  ] as const;
  return lines
    .filter(([, names]) => names.length > 0)
    .map(([why, names]) => {
      const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
      return `Left out, ${why}: ${names.slice(0, NAMED_MAX).join(', ')}${more}`;
    });
}
