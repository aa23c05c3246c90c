/**
 * The file beside the journal that says who holds it. SQLite's exclusive lock decides who does; this file only lets
 * others find that process. It stays behind when a process is killed: what it says is true while the journal is locked.
 */
import { readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';

export interface JournalHolder {
  readonly host: string;
  readonly pid: number;
  /** Path of the unix socket on which it answers. */
  readonly socket?: string;
  /** ms since the epoch. */
  readonly since: number;
}

const OWNER_ONLY = 0o600;

/** Where the holder of this journal is written down: beside the file itself, by whatever link it was found. */
export function holderPath(journalPath: string): string {
  return `${journalPath}.holder`;
}

/** Who holds the journal at this path, or held it when it was killed; nothing where no file says so. */
export async function readHolder(journalPath: string): Promise<JournalHolder | undefined> {
  try {
    return parse(await readFile(holderPath(await realpath(journalPath)), 'utf8'));
  } catch {
    return undefined;
  }
}

function parse(text: string): JournalHolder | undefined {
  const { host, pid, socket, since } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (typeof host !== 'string' || typeof pid !== 'number' || typeof since !== 'number') return undefined;
  return { host, pid, since, ...(typeof socket === 'string' ? { socket } : {}) };
}

/** Only for whoever has the lock. Readers see the old file or the new one, never half of it. */
export async function writeHolder(journalPath: string, holder: JournalHolder): Promise<void> {
  const path = holderPath(journalPath);
  const temporary = `${path}.new`;
  await writeFile(temporary, `${JSON.stringify(holder)}\n`, { mode: OWNER_ONLY });
  await rename(temporary, path);
}

/**
 * Before the lock is given back: afterwards the file may be the next holder's. Where it cannot be removed it stays, as it does when
 * a process is killed.
 */
export async function removeHolder(journalPath: string): Promise<void> {
  await rm(holderPath(journalPath), { force: true }).catch(() => undefined);
}
