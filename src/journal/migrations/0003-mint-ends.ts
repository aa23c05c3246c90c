/** How mints ended, for the count that freezes a provider. */
import type { Compilable } from 'kysely';
import type { MigrationContext } from './index.ts';
import { LONG, NUMBER, numbered, TEXT, TEXT_OR_NULL } from './table.ts';

export function mintEnds(context: MigrationContext): readonly Compilable[] {
  const { schema } = context;
  const end = {
    provider: TEXT,
    rotation: TEXT,
    attempt: NUMBER,
    account: TEXT,
    at: LONG,
    failure: TEXT_OR_NULL,
  };
  return [
    numbered(context, 'mint_end', 'sequence', end),
    schema.createIndex('mint_end_mint').on('mint_end').columns(['rotation', 'attempt']).unique(),
    schema.createIndex('mint_end_provider').on('mint_end').columns(['provider', 'sequence']),
  ];
}
