/**
 * Notices that a configuration's files have changed, by looking again and again at what their paths lead to. The
 * system's own notices are not used: they miss every swap of a symbolic link but the first.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Clock } from '../ports/clock.ts';
import { trustProblem } from '../system/file-guard.ts';
import { searchIncluded } from './include.ts';
import { UNREADABLE, type WatchedFiles } from './watched.ts';

export interface WatchOptions {
  readonly clock: Clock;
  /** What was read last: asked for anew at each look. */
  watched(): WatchedFiles;
  /** Called when there is something else than what was read last, and not again for the same. */
  onChange(): Promise<void>;
  readonly signal: AbortSignal;
  /** Between two looks, in ms. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 2_000;
/** A change is taken up when two looks this far apart see the same: not in the middle of a write. */
const SETTLE_MS = 250;

/** Resolves when the signal is aborted. Rejects only where `onChange` does. */
export async function watchConfig(options: WatchOptions): Promise<void> {
  const { clock, signal, intervalMs = INTERVAL_MS } = options;
  const look = lookout(options);
  let notified = '';
  while (await slept(clock, intervalMs, signal)) {
    let seen = await look();
    while (!signal.aborted && seen !== expected(options.watched()) && seen !== notified) {
      if (!(await slept(clock, SETTLE_MS, signal))) return;
      const again = await look();
      if (again !== seen) {
        seen = again;
        continue;
      }
      notified = seen;
      await options.onChange();
    }
  }
}

/** A file as it was seen last: its contents are read again only when something else about it has changed. */
interface Known {
  readonly signature: string;
  readonly content: string;
}

/** Looks at all files and answers what is in them as one comparable text. */
function lookout({ watched }: Pick<WatchOptions, 'watched'>): () => Promise<string> {
  let known = new Map<string, Known>();
  return async () => {
    const { path, include } = watched();
    const { files } = await searchIncluded(path, include);
    const next = new Map<string, Known>();
    for (const file of [path, ...files.map((each) => each.path)]) {
      next.set(file, await lookAt(file, known.get(file)));
    }
    known = next;
    return comparable([...next].map(([file, { content }]) => [file, content]));
  };
}

async function lookAt(path: string, before: Known | undefined): Promise<Known> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, uid, gid, mode } = await stat(path, { bigint: true });
    const signature = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
    if (before?.signature === signature) return before;
    // As when it is read: that others may write it is a change, and so is that they may no longer.
    const rights = { uid: Number(uid), gid: Number(gid), mode: Number(mode) };
    if (trustProblem(path, rights) !== undefined) return { signature, content: UNREADABLE };
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return { signature, content: hash.digest('hex') };
  } catch {
    return { signature: '', content: UNREADABLE };
  }
}

function expected({ contents }: WatchedFiles): string {
  return comparable([...contents]);
}

function comparable(contents: readonly (readonly [string, string])[]): string {
  return JSON.stringify(contents.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** False where the signal was aborted. */
async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await clock.sleep(ms, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
