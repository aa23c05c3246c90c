/**
 * An emulator's memory on disk: one JSON file, replaced as a whole and synced, so that a `kill -9` at any moment
 * leaves either the old state or the new one. It must never hold anything but the emulator's own made-up secrets.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface StateFile {
  /** What was saved last; `undefined` where there is no file. Throws where it cannot be read as JSON. */
  load(): Promise<unknown>;
  /**
   * Resolves when a snapshot taken after this call is on the disk. Calls that come while a write is under way
   * share the next one.
   */
  save(): Promise<void>;
}

/** `snapshot` is asked for the state at the moment of each write; the file is readable by its owner only. */
export function openStateFile(path: string, snapshot: () => unknown): StateFile {
  let last: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;

  function saveAfterLast(): Promise<void> {
    const saved = last.then(() => {
      // Who comes from here on may know more than the snapshot does.
      waiting = undefined;
      return replace(path, JSON.stringify(snapshot()));
    });
    // A failed write is reported to those who waited for it; it does not spoil the next one.
    last = saved.catch(() => undefined);
    return saved;
  }

  return {
    load: () => loadJson(path),
    save: () => (waiting ??= saveAfterLast()),
  };
}

async function loadJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is not the state of an emulator: it is no JSON. Remove it to begin anew.`);
  }
}

async function replace(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.tmp`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  {
    await using file = await open(temporary, 'w', 0o600);
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.datasync();
  }
  await rename(temporary, path);
  await using directory = await open(folder, 'r');
  await directory.sync();
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
