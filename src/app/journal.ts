/** The daemon's journal, and the configuration loaded with what the journal knows of its files. */
import { existsSync } from 'node:fs';
import { loadConfig } from '../config/load.ts';
import type { LoadOutcome } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { openSqliteJournal } from '../journal/sqlite/open.ts';
import type { SqliteJournal } from '../journal/sqlite/open.ts';
import type { Host } from '../ports/host.ts';

export interface OpenJournal {
  readonly host: Host;
  /** One round and no doors: nobody is told of a socket. */
  readonly once?: boolean;
  /** Makes each commit take this much longer, as a slower disk would. For measuring. */
  readonly commitDelayMs?: number;
}

export interface LoadedForDaemon extends AsyncDisposable {
  readonly loaded: LoadOutcome;
  /** Give it to `startDaemon`; absent where there was none yet. */
  readonly journal?: SqliteJournal;
}

/**
 * Loads the configuration, with the journal open as soon as its place is known: files that it knows unchanged are not read
 * again. Rejects with `JournalError` where it cannot be used. Dispose of it unless a daemon is started with it.
 */
export async function loadForDaemon(
  options: OpenJournal & { readonly configPath: string },
): Promise<LoadedForDaemon> {
  const { host, configPath } = options;
  await using undo = new AsyncDisposableStack();
  let journal: SqliteJournal | undefined;
  const loaded = await loadConfig({
    path: configPath,
    clock: host.clock,
    async appliedFiles(settings) {
      // A configuration may still be refused: until then no journal is made for it.
      if (!existsSync(settings.journal.path)) return new Map<string, string>();
      journal = undo.use(await openJournal(options, settings));
      return journal.appliedFiles();
    },
    found: async () => (await journal?.found()) ?? new Map(),
  });
  const opened = undo.move();
  return {
    loaded,
    ...(journal && { journal }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Rejects with `JournalError` where it cannot be used. */
export async function openJournal(
  { host, once = false, commitDelayMs = 0 }: OpenJournal,
  settings: Settings,
): Promise<SqliteJournal> {
  return openSqliteJournal({
    path: settings.journal.path,
    clock: host.clock,
    holder: { host: host.hostname, pid: host.pid },
    commitDelayMs,
    ...(once ? {} : { socketPath: settings.socket.path }),
  });
}
