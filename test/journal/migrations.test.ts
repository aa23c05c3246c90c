// Migrations: they only add, and each is run once.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS, type Migration } from '../../src/journal/migrations/index.ts';
import { migrate, type Migrated } from '../../src/journal/migrations/migrate.ts';
import { connect } from '../../src/journal/sqlite/connection.ts';
import { compilerOf, type Dialect } from '../../src/journal/statement.ts';

describe('the migrations', () => {
  it.each(['sqlite', 'postgres'] as const)('only add, in %s', (dialect: Dialect) => {
    const { schema } = compilerOf(dialect);
    for (const { up } of MIGRATIONS) {
      for (const change of up({ schema, dialect })) {
        expect(change.compile().sql).toMatch(
          /^(create table|create (unique )?index|alter table "\w+" add column) /,
        );
      }
    }
  });

  it('are numbered from 1 without gaps', () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });
});

describe('a database', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekeyd-journal-'));
    path = join(folder, 'journal.db');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const SECOND: Migration = {
    number: MIGRATIONS.length + 1,
    name: 'second',
    up: ({ schema }) => [schema.alterTable('account').addColumn('colour', 'text')],
  };

  async function migrateBy(migrations: readonly Migration[]): Promise<Migrated> {
    const connection = connect(path);
    try {
      const body = () => migrate(connection, { dialect: 'sqlite', now: 0, migrations });
      return await connection.transaction(body, { synced: true });
    } finally {
      connection.close();
    }
  }

  it('is given each migration once, and only those it lacks', async () => {
    expect(await migrateBy(MIGRATIONS)).toEqual({
      outcome: 'migrated',
      created: true,
      migrations: MIGRATIONS.length,
    });
    const both = [...MIGRATIONS, SECOND];
    expect(await migrateBy(both)).toEqual({ outcome: 'migrated', created: false, migrations: 1 });
    expect(await migrateBy(both)).toEqual({ outcome: 'migrated', created: false, migrations: 0 });
  });

  it('keeps none of them where one fails', async () => {
    const broken: Migration = { ...SECOND, up: ({ schema }) => [schema.createTable('account')] };
    await expect(migrateBy([...MIGRATIONS, broken])).rejects.toThrow('account');
    expect(await migrateBy(MIGRATIONS)).toMatchObject({ created: true });
  });
});
