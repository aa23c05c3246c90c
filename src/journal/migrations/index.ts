/**
 * The journal's migrations, numbered from 1. Each only adds (tables, indexes, columns that may be null or have a
 * default), so that the version before it can still open the database and be gone back to.
 */
import type { Compilable, SchemaModule } from 'kysely';
import type { Dialect } from '../statement.ts';
import { first } from './0001-first.ts';
import { refusedGrants } from './0002-refused-grants.ts';
import { mintEnds } from './0003-mint-ends.ts';
import { found } from './0004-found.ts';
import { consumers } from './0005-consumers.ts';

export interface MigrationContext {
  readonly schema: SchemaModule;
  readonly dialect: Dialect;
}

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly up: (context: MigrationContext) => readonly Compilable[];
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'first', up: first },
  { number: 2, name: 'refused-grants', up: refusedGrants },
  { number: 3, name: 'mint-ends', up: mintEnds },
  { number: 4, name: 'found', up: found },
  { number: 5, name: 'consumers', up: consumers },
];

/** How far ahead of this version a database may be. */
export const MIGRATIONS_AHEAD_MAX = 1;
