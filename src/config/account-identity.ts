/** Reads who an account is: its provider, strategy and ids there. */
import type { Strategy } from '../domain/account.ts';
import type { AccountSettings } from './account-schema.ts';
import type { Occupied } from './account-target.ts';
import type { KnownProvider } from './connections.ts';
import type { Flaw, Path } from './problem.ts';
import { foundWords, listWords, suggestion } from './words.ts';

/** What identifies an account and its targets, as far as it could be read: for comparison with all others. */
export interface AccountClaims {
  readonly name?: string;
  readonly ids: readonly {
    readonly origin: string;
    readonly organisation: string;
    readonly accountId: string;
    readonly path: Path;
  }[];
  readonly occupied: readonly Occupied[];
}

/** Flaws are added to the list; `flawAt` makes one where the word stands, in the account or in the defaults. */
export interface Reading {
  readonly flaws: Flaw[];
  readonly flawAt: (path: Path, message: string) => Flaw;
}

/** `written`: the account has the key, though what it holds may be wrong. */
export function readProvider(
  name: string | undefined,
  from: Reading & { readonly providers: ReadonlyMap<string, KnownProvider>; readonly written: boolean },
): KnownProvider | undefined {
  const { providers, flaws, flawAt } = from;
  const known = [...providers.keys()];
  if (name === undefined) {
    if (from.written) return undefined;
    const message = `provider is missing; configured: ${listWords(known)}`;
    flaws.push({ path: [], at: 'value', message });
    return undefined;
  }
  const provider = providers.get(name);
  if (provider === undefined) {
    const message = `there is no provider ${foundWords(name)}; configured: ${listWords(known)}`;
    flaws.push(flawAt(['provider'], message + suggestion(name, known)));
  }
  return provider;
}

/** As written, else what the provider’s kind prefers. */
export function readStrategy(
  written: Strategy | undefined,
  { provider, flaws, flawAt }: Reading & { readonly provider: KnownProvider | undefined },
): Strategy | undefined {
  const entry = provider?.entry;
  if (entry === undefined) return written;
  const strategy = written ?? entry.strategies[0];
  if (entry.strategies.includes(strategy)) return strategy;
  const message = `found ${strategy}; providers of kind ${entry.kind} allow: ${listWords(entry.strategies)}`;
  flaws.push(flawAt(['strategy'], message));
  return undefined;
}

/** One id, or two for a pair. `complete`: nothing of the account was left out because it is wrong. */
export function readIds(
  own: Partial<AccountSettings>,
  from: { readonly strategy: Strategy | undefined; readonly flaws: Flaw[]; readonly complete: boolean },
): string[] {
  const { accountId, accountIds } = own;
  const add = (path: Path, message: string): void => {
    from.flaws.push({ path, at: path.length > 0 ? 'key' : 'value', message });
  };
  if (accountId !== undefined && accountIds !== undefined) {
    add(['accountIds'], 'stands beside accountId; give one of the two');
  }
  const ids = accountIds ?? (accountId === undefined ? [] : [accountId]);
  if (ids.length === 0 && from.complete)
    add([], 'accountId is missing; give the account’s id at the provider');
  const wanted = from.strategy === 'pair' ? 2 : 1;
  if (ids.length > 0 && from.strategy !== undefined && ids.length !== wanted) {
    const rule = wanted === 2 ? 'strategy pair takes two' : `strategy ${from.strategy} takes one`;
    add([accountIds === undefined ? 'accountId' : 'accountIds'], `found ${ids.length} account ids; ${rule}`);
  }
  if (new Set(ids).size < ids.length) add(['accountIds'], 'the same id stands there twice');
  return ids;
}

export function claimsOf(
  own: Partial<AccountSettings>,
  from: {
    readonly origin: string | undefined;
    readonly organisation: string;
    readonly accountIds: readonly string[];
    readonly read: readonly { readonly occupied?: Occupied }[];
  },
): AccountClaims {
  const { origin, organisation, accountIds, read } = from;
  const path = [own.accountIds === undefined ? 'accountId' : 'accountIds'];
  return {
    ...(own.name !== undefined && { name: own.name }),
    ids:
      origin === undefined ? [] : accountIds.map((accountId) => ({ origin, organisation, accountId, path })),
    occupied: read.flatMap(({ occupied }) => occupied ?? []),
  };
}
