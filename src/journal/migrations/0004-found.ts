/** Accounts that providers' lists showed: what `accountsFrom` takes while a provider cannot be asked. */
import type { Compilable } from 'kysely';
import type { MigrationContext } from './index.ts';
import { LONG, table, TEXT, TEXT_KEY } from './table.ts';

export function found(context: MigrationContext): readonly Compilable[] {
  return [table(context, 'found', { provider: TEXT_KEY, accounts: TEXT, at: LONG })];
}
