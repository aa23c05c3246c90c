/** What migrations make tables of, so that both dialects have the same columns. Changed for no migration that was released. */
import { sql, type ColumnDefinitionBuilder, type Compilable, type CreateTableBuilder } from 'kysely';
import type { MigrationContext } from './index.ts';

export interface Column {
  readonly type: 'text' | 'integer' | 'bigint';
  readonly is: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
}

const required = (column: ColumnDefinitionBuilder) => column.notNull();
const optional = (column: ColumnDefinitionBuilder) => column;
const primary = (column: ColumnDefinitionBuilder) => column.primaryKey();

export const TEXT: Column = { type: 'text', is: required };
export const TEXT_OR_NULL: Column = { type: 'text', is: optional };
export const TEXT_KEY: Column = { type: 'text', is: primary };
export const NUMBER: Column = { type: 'integer', is: required };
export const NUMBER_OR_NULL: Column = { type: 'integer', is: optional };
export const NUMBER_KEY: Column = { type: 'integer', is: primary };
/** Ms since the epoch, or a count that may outgrow 32 bits. */
export const LONG: Column = { type: 'bigint', is: required };
export const LONG_OR_NULL: Column = { type: 'bigint', is: optional };

export function table(
  { schema }: MigrationContext,
  name: string,
  columns: Readonly<Record<string, Column>>,
): CreateTableBuilder<string, string> {
  let created: CreateTableBuilder<string, string> = schema.createTable(name);
  for (const [column, { type, is }] of Object.entries(columns)) created = created.addColumn(column, type, is);
  return created;
}

/** A table that is kept in the index of its primary key, where the dialect can do that. */
export function narrow(
  context: MigrationContext,
  name: string,
  columns: Readonly<Record<string, Column>>,
  key: readonly [string, ...string[]],
): Compilable {
  const created = table(context, name, columns).addPrimaryKeyConstraint(`${name}_key`, [...key]);
  return context.dialect === 'sqlite' ? created.modifyEnd(sql`without rowid`) : created;
}

/** A table whose rows the database numbers, upwards and never twice. */
export function numbered(
  context: MigrationContext,
  name: string,
  number: string,
  columns: Readonly<Record<string, Column>>,
): Compilable {
  const created = table(context, name, columns);
  return context.dialect === 'sqlite'
    ? created.addColumn(number, 'integer', (column) => column.primaryKey().autoIncrement())
    : created.addColumn(number, 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity());
}
