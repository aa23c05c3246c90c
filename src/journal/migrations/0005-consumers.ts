/** Which accounts name which consumers, and what each account lets the others know; and the lag of a rotation's consumers. */
import type { Compilable } from 'kysely';
import { sql } from 'kysely';
import type { MigrationContext } from './index.ts';
import { LONG_OR_NULL, narrow, NUMBER, TEXT } from './table.ts';

export function consumers(context: MigrationContext): readonly Compilable[] {
  const { schema } = context;
  const columns = {
    consumer: TEXT,
    account: NUMBER,
    waits: NUMBER,
    coming: NUMBER,
    behind: NUMBER,
    due_at: LONG_OR_NULL,
    needed_at: LONG_OR_NULL,
  };
  const ofAccount = schema.createIndex('account_consumer_account').on('account_consumer').column('account');
  const coming = schema
    .createIndex('account_consumer_coming')
    .on('account_consumer')
    .columns(['consumer', 'account']);
  const due = schema
    .createIndex('account_consumer_due')
    .on('account_consumer')
    .columns(['consumer', 'due_at', 'account']);
  const needed = schema
    .createIndex('account_consumer_needed')
    .on('account_consumer')
    .columns(['consumer', 'needed_at']);
  const behind = schema.createIndex('account_consumer_behind').on('account_consumer').column('account');
  return [
    narrow(context, 'account_consumer', columns, ['consumer', 'account']),
    ofAccount,
    coming.where(sql<boolean>`coming = 1`),
    due.where('due_at', 'is not', null),
    needed.where('needed_at', 'is not', null),
    behind.where(sql<boolean>`behind = 1`),
    schema.alterTable('rotation').addColumn('consumer_lag_ms', 'bigint'),
  ];
}
