/** Brings a database to this version's tables, and refuses one that is too far ahead. */
import { compilerOf, statement, type Dialect, type Session } from '../statement.ts';
import { MIGRATIONS, MIGRATIONS_AHEAD_MAX, type Migration } from './index.ts';

export type Migrated =
  | {
      readonly outcome: 'migrated';
      /** Nothing was there before. */
      readonly created: boolean;
      /** How many were run. */
      readonly migrations: number;
    }
  /** A newer version has changed it further than this one understands. */
  | { readonly outcome: 'too-new'; readonly found: number; readonly known: number };

const newest = statement((db, _given: Record<never, never>) =>
  db.selectFrom('migration').select('number').orderBy('number', 'desc').limit(1),
);

const note = statement((db, given: { readonly number: number; readonly name: string; readonly at: number }) =>
  db.insertInto('migration').values(given),
);

/** Runs what has not been run yet. All of it belongs into one transaction. */
export async function migrate(
  session: Session,
  given: { readonly dialect: Dialect; readonly now: number; readonly migrations?: readonly Migration[] },
): Promise<Migrated> {
  const { dialect, now, migrations = MIGRATIONS } = given;
  const { schema } = compilerOf(dialect);
  await session.run(
    schema
      .createTable('migration')
      .ifNotExists()
      .addColumn('number', 'integer', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull()),
  );
  const [last] = await session.all(newest, {});
  const found = last?.number ?? 0;
  if (found > migrations.length + MIGRATIONS_AHEAD_MAX) {
    return { outcome: 'too-new', found, known: migrations.length };
  }
  const missing = migrations.filter(({ number }) => number > found);
  for (const { number, name, up } of missing) {
    for (const change of up({ schema, dialect })) await session.run(change);
    await session.all(note, { number, name, at: now });
  }
  return { outcome: 'migrated', created: found === 0, migrations: missing.length };
}
