/** One connection to an SQLite file, held by an exclusive lock for as long as it is open. Runs in the worker alone. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Session } from '../statement.ts';

/** Prepared statements that are kept. There are about a hundred, some in several shapes. */
const STATEMENTS_MAX = 1_000;

/** Marks the file as a journal of this program ("reky"): `PRAGMA application_id`. */
const APPLICATION_ID = 0x72_65_6b_79;

/** Files of up to this many pages (of 4 KiB) are checked whole at opening, which then takes some 20 ms. */
const CHECKED_PAGES_MAX = 2_000;

/** Pages that SQLite keeps in memory, used only as they are needed. */
const CACHE_KIB_MAX = 8 * 1024;

/** The write-ahead log is cut back to this size after a burst. */
const LOG_BYTES_MAX = 16 * 1024 * 1024;

export interface Connection extends Session {
  /**
   * Runs `body` in a transaction that is kept if it succeeds. `synced`: it is on the disk when this resolves, with all that
   * was written before. Otherwise it survives the death of the process, and that of the machine from the next sync on.
   */
  transaction<T>(body: () => Promise<T>, options: { readonly synced: boolean }): Promise<T>;
  /** Runs `body` in a part of the transaction that is undone by itself where it fails. */
  savepoint<T>(body: () => Promise<T>): Promise<T>;
  /** False after an error that has ended the transaction, such as a full disk. */
  readonly inTransaction: boolean;
  /** Rows changed since it was opened. */
  changes(): number;
  close(): void;
}

/** The file is a database, and not one of ours. */
export class OtherDatabaseError extends Error {
  override readonly name = 'OtherDatabaseError';
}

/** The file is damaged, in SQLite's words. */
export class DamagedDatabaseError extends Error {
  override readonly name = 'DamagedDatabaseError';
}

/** Opens and locks the file, which is created where it is missing. Throws what SQLite throws, and the two above. */
export function connect(path: string): Connection {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 0 });
  try {
    prepareFile(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return connectionOf(database);
}

function prepareFile(database: DatabaseSync): void {
  // Exclusive before the log is touched: then its index lives in memory, and no file is shared with anybody.
  database.exec('pragma locking_mode = exclusive');
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = full');
  database.exec(`pragma cache_size = -${CACHE_KIB_MAX}`);
  database.exec(`pragma journal_size_limit = ${LOG_BYTES_MAX}`);
  // Takes the lock now, and finds out whether the file can be written.
  database.exec('begin immediate');
  const id = numberOf(database, 'pragma application_id');
  const pages = numberOf(database, 'pragma page_count');
  const tables = numberOf(database, 'select count(*) from sqlite_schema');
  if (id !== APPLICATION_ID && (id !== 0 || tables > 0)) throw new OtherDatabaseError();
  if (pages <= CHECKED_PAGES_MAX) {
    const [found] = Object.values(database.prepare('pragma quick_check(1)').get() ?? {});
    if (found !== 'ok') throw new DamagedDatabaseError(String(found));
  }
  if (id !== APPLICATION_ID) database.exec(`pragma application_id = ${APPLICATION_ID}`);
  database.exec('commit');
}

function numberOf(database: DatabaseSync, query: string): number {
  const [value] = Object.values(database.prepare(query).get() ?? {});
  return Number(value);
}

function connectionOf(database: DatabaseSync): Connection {
  const prepared = new Map<string, StatementSync>();
  let synced = true;
  function prepare(sql: string): StatementSync {
    let found = prepared.get(sql);
    if (found === undefined) {
      found = database.prepare(sql);
      const [oldest] = prepared.keys();
      if (prepared.size >= STATEMENTS_MAX && oldest !== undefined) prepared.delete(oldest);
      prepared.set(sql, found);
    }
    return found;
  }
  async function between<T>(
    [begin, end, undo]: readonly [string, string, string],
    body: () => Promise<T>,
  ): Promise<T> {
    prepare(begin).run();
    try {
      const value = await body();
      prepare(end).run();
      return value;
    } catch (error) {
      if (database.isTransaction) database.exec(undo);
      throw error;
    }
  }
  return {
    all(statement, given) {
      const { sql, values } = statement.prepare('sqlite', given);
      return Promise.resolve(prepare(sql).all(...values) as never);
    },
    run(change) {
      database.exec(change.compile().sql);
      return Promise.resolve();
    },
    transaction: (body, options) => {
      if (options.synced !== synced) {
        synced = options.synced;
        database.exec(`pragma synchronous = ${synced ? 'full' : 'normal'}`);
      }
      return between(['begin immediate', 'commit', 'rollback'], body);
    },
    savepoint: (body) => between(['savepoint part', 'release part', 'rollback to part; release part'], body),
    get inTransaction() {
      return database.isTransaction;
    },
    changes: () => numberOf(database, 'select total_changes()'),
    close: () => database.close(),
  };
}
