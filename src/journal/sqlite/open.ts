/** Opens the journal that is kept in an SQLite file. */
import { resolve } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import { journalOf } from '../journal.ts';
import { openInWorker } from './client.ts';
import { removeHolder, writeHolder } from './holder.ts';
import { placeError, preparePlace } from './place.ts';

export interface SqliteJournalOptions {
  /** Of the file; it and its folder are created where they are missing. */
  readonly path: string;
  readonly clock: Clock;
  /** Who opens it, for whoever else tries to. */
  readonly holder: { readonly host: string; readonly pid: number };
  /** Where this process answers, so that commands find it. */
  readonly socketPath?: string;
  /** Makes each commit that writes take this much longer, as a slower disk would. For measuring. */
  readonly commitDelayMs?: number;
}

export interface SqliteJournal extends Journal {
  /** The absolute path of its file, without links. */
  readonly path: string;
  /** Migrations that were run by this opening. */
  readonly migrations: number;
}

/**
 * Opens it, and holds it for the life of this process or until it is disposed of. Rejects with `JournalError`: held by
 * another process, read-only, full, damaged, too new, on a network file system, or unavailable.
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<SqliteJournal> {
  const path = await preparePlace(resolve(options.path));
  const now = options.clock.now();
  const database = await openInWorker({ path, now, commitDelayMs: options.commitDelayMs ?? 0 });
  try {
    await writeHolder(path, {
      ...options.holder,
      ...(options.socketPath === undefined ? {} : { socket: options.socketPath }),
      since: now,
    });
  } catch (error) {
    await database.close();
    throw placeError(path, error as NodeJS.ErrnoException);
  }
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    await removeHolder(path);
    await database.close();
  }
  // Once only: after that the lock and the file beside it may be somebody else's.
  const journal = journalOf({ ...database, close: () => (closed ??= close()) });
  return { ...journal, path, migrations: database.migrations };
}
