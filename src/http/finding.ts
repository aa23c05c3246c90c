/** Finds accounts by name, and helps who has mistyped one. */
import type { AccountRow } from '../ports/journal.ts';
import { ApiError } from './api-error.ts';
import type { ApiServices } from './services.ts';

/** Names that a mistyped one is compared with, from the beginning of the list and from where it would stand. */
const COMPARED_MAX = 500;
/** Unknown names that a message repeats. */
const SHOWN_MAX = 5;
/** The first letters of a mistyped name are mostly right. */
const SURE_LETTERS = 3;

/** The account of this name; 404 in words for a person. */
export async function findAccount(services: ApiServices, name: string): Promise<AccountRow> {
  const row = await services.journal.account(name);
  if (row !== undefined) return row;
  throw await unknownAccounts(services, [name]);
}

/** All of these accounts, each once; 404 naming those that there are not. */
export async function findAccounts(
  services: ApiServices,
  names: readonly string[],
): Promise<readonly AccountRow[]> {
  const wanted = [...new Set(names)];
  const rows = await Promise.all(wanted.map((name) => services.journal.account(name)));
  const unknown = wanted.filter((_, index) => rows[index] === undefined);
  if (unknown.length > 0) throw await unknownAccounts(services, unknown);
  return rows.filter((row) => row !== undefined);
}

async function unknownAccounts(services: ApiServices, names: readonly string[]): Promise<ApiError> {
  const shown = await Promise.all(
    names.slice(0, SHOWN_MAX).map(async (name) => {
      const near = services.suggest(name, await namesNear(services, name));
      return `there is no account ${JSON.stringify(name)}${near}`;
    }),
  );
  const more =
    names.length > SHOWN_MAX ? `; nor are there ${names.length - SHOWN_MAX} more of those named` : '';
  const words = `${shown.join('; ')}${more}`;
  const stop = words.endsWith('?') ? '' : '.';
  return new ApiError(404, `${words}${stop} rekeyd status lists the accounts`);
}

async function namesNear({ journal }: ApiServices, name: string): Promise<readonly string[]> {
  const pages = await Promise.all([
    journal.accounts({ limit: COMPARED_MAX }),
    journal.accounts({ limit: COMPARED_MAX, after: name.slice(0, SURE_LETTERS) }),
  ]);
  return [...new Set(pages.flatMap(({ items }) => items.map(({ policy }) => policy.name)))];
}
