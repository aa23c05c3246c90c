/** The main thread's side of the journal's worker: sends operations, settles their promises, notices its death. */
import type { JournalError } from '../../ports/journal.ts';
import { startThread } from '../../system/thread.ts';
import type { Worker } from '../../system/thread.ts';
import type { Database, Run } from '../journal.ts';
import type { OperationAnswer } from '../operations/index.ts';
import { errorOf, unavailable } from './errors.ts';
import type { Asked, FromWorker, ToWorker, WorkerGiven } from './messages.ts';
import { readHolder } from './holder.ts';

export interface OpenedWorker extends Database {
  /** Migrations that were run by this opening. */
  readonly migrations: number;
}

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the worker and opens the file in it. Rejects with `JournalError` where it cannot be opened. */
export async function openInWorker(given: WorkerGiven): Promise<OpenedWorker> {
  const worker = startThread('worker', import.meta.url, { workerData: given, name: 'journal' });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const opened = await firstMessage(worker, given.path);
  if (opened.kind === 'refused') {
    await ended;
    throw errorOf(given.path, opened.trouble, await readHolder(given.path));
  }
  const { run, end } = callerOf(worker, given.path);
  return {
    run,
    created: opened.created,
    migrations: opened.migrations,
    async close() {
      end();
      await ended;
    },
  };
}

function firstMessage(
  worker: Worker,
  path: string,
): Promise<Extract<FromWorker, { readonly kind: 'opened' | 'refused' }>> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error) => reject(unavailable(path, `its worker failed: ${String(error)}`)));
    worker.once('exit', (code) => reject(unavailable(path, `its worker ended with code ${code}`)));
  });
}

function callerOf(worker: Worker, path: string): { readonly run: Run; readonly end: () => void } {
  const pending = new Map<number, Pending>();
  let waiting: Asked[] = [];
  let lastId = 0;
  let dead: JournalError | undefined;

  function die(error: JournalError): void {
    dead ??= error;
    for (const { reject } of pending.values()) reject(dead);
    pending.clear();
  }
  /** Waking the worker costs more than telling it: what is asked for in one turn of the loop goes together. */
  function postWaiting(): void {
    if (waiting.length === 0) return;
    const asked = waiting;
    waiting = [];
    worker.postMessage({ kind: 'run', asked } satisfies ToWorker);
  }
  worker.on('message', (message: FromWorker) => {
    if (message.kind !== 'answered') return;
    for (const { id, answer, trouble } of message.answers) {
      const asker = pending.get(id);
      pending.delete(id);
      if (trouble === undefined) asker?.resolve(answer as never);
      else asker?.reject(errorOf(path, trouble));
    }
  });
  worker.on('error', (error) => die(unavailable(path, `its worker died: ${String(error)}`)));
  worker.on('exit', (code) => die(unavailable(path, `its worker ended with code ${code}`)));

  return {
    run: (name, given) =>
      new Promise<OperationAnswer<typeof name>>((resolve, reject) => {
        if (dead !== undefined) {
          reject(dead);
          return;
        }
        lastId += 1;
        pending.set(lastId, { resolve, reject });
        if (waiting.push({ id: lastId, name, given }) === 1) setImmediate(postWaiting);
      }),
    end() {
      if (dead !== undefined) return;
      postWaiting();
      worker.postMessage({ kind: 'close' } satisfies ToWorker);
      dead = unavailable(path, 'it has been closed');
    },
  };
}
