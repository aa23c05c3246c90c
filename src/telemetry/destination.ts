/**
 * Where the lines of the log go: a file descriptor that may be slow, full or gone. What cannot be written costs lines; it stops nothing,
 * and keeps nobody from ending.
 */
import { write, writeSync } from 'node:fs';
import type { Clock } from '../ports/clock.ts';
import type { LogDestination } from './logger.ts';

/** A destination of its own, to be closed at the end. */
export interface OpenDestination extends LogDestination, Disposable {
  /** Writes what waits, as far as it can be written; blocks on a reader that stalls. */
  flush(): void;
}

/** What waits for a reader that stalls, or for space, in bytes; beyond it lines are dropped rather than the daemon killed. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** Of one write. */
const WRITE_BYTES_MAX = 64 * 1024;
/** After a write that failed, in ms, doubling: a reader that is only slow loses nothing, one that stalls costs little. */
const [RETRY_FIRST_MS, RETRY_MAX_MS] = [10, 500];
/** Tries at the end where it is busy, and the time between two of them in ms. */
const [BUSY_TRIES, BUSY_MS] = [100, 10];

const NOTHING = Buffer.alloc(0);

/** Writes to a file descriptor (1: standard output). Never blocks, but in `flush` and at the end: lines wait in memory meanwhile. */
export function openDestination(fileDescriptor: number, clock: Pick<Clock, 'sleep'>): OpenDestination {
  const closing = new AbortController();
  const { signal } = closing;
  /** What is written first, and after it the lines that came since. */
  let first: Buffer = NOTHING;
  let lines = '';
  let waitingBytes = 0;
  /** Of `first`: what the system has been given to write. */
  let underWay = 0;
  let busy = false;
  let retryMs = RETRY_FIRST_MS;

  function drop(): void {
    [first, lines, waitingBytes] = [NOTHING, '', 0];
  }

  function next(): void {
    if (busy) return;
    if (first.length === 0) [first, lines] = [Buffer.from(lines), ''];
    if (first.length === 0) return;
    busy = true;
    underWay = Math.min(first.length, WRITE_BYTES_MAX);
    write(fileDescriptor, first, 0, underWay, null, (error, written) => {
      underWay = 0;
      if (error !== null) return void later(error);
      busy = false;
      retryMs = RETRY_FIRST_MS;
      first = first.subarray(written);
      waitingBytes = Math.max(0, waitingBytes - written);
      next();
    });
  }

  /** Nobody can be told: this is where it would be said. */
  async function later({ code }: NodeJS.ErrnoException): Promise<void> {
    if (code === 'EPIPE') drop();
    await clock.sleep(retryMs, { signal }).catch(() => undefined);
    retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
    busy = false;
    if (!signal.aborted) next();
  }

  function flush(): void {
    const rest = Buffer.concat([first.subarray(underWay), Buffer.from(lines)]);
    drop();
    writeAll(fileDescriptor, rest);
  }

  return {
    write(text) {
      const bytes = Buffer.byteLength(text);
      if (signal.aborted || waitingBytes + bytes > WAITING_BYTES_MAX) return;
      lines += text;
      waitingBytes += bytes;
      next();
    },
    flush,
    [Symbol.dispose]() {
      closing.abort(new Error('closed'));
      flush();
    },
  };
}

/** Gives up at the first failure, but for a reader that is only slow. */
function writeAll(fileDescriptor: number, bytes: Buffer): void {
  let tries = 0;
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fileDescriptor, bytes, at);
      tries = 0;
    } catch (error) {
      tries += 1;
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || tries > BUSY_TRIES) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
    }
  }
}
