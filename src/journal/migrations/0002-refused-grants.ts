/** Mints that follow from refused credentials are counted, whoever makes them. */
import type { Compilable } from 'kysely';
import type { MigrationContext } from './index.ts';

export function refusedGrants({ schema }: MigrationContext): readonly Compilable[] {
  return [
    schema
      .createTable('refused_grant')
      .addColumn('provider', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('account', 'integer', (column) => column.notNull()),
    schema.createIndex('refused_grant_at').on('refused_grant').columns(['provider', 'at']),
  ];
}
