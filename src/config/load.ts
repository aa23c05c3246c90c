/** Loads a configuration in a worker thread, so that no number of accounts blocks the event loop or stays in memory. */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../ports/clock.ts';
import type { ApplyFile, ConfiguredAccount } from '../ports/journal.ts';
import { parseBatch } from './batches.ts';
import type { Answer, Ask, LoadedFile, Task } from './load-protocol.ts';
import type { Problem } from './problem.ts';
import type { GoodConfig } from './read-config.ts';
import type { WatchedFiles } from './watched.ts';

export interface LoadOptions {
  /** Of the main file; included files are relative to its folder. */
  readonly path: string;
  readonly clock: Clock;
  /** What `Journal.appliedFiles` answers. Empty: everything is read and checked. */
  readonly appliedFiles: ReadonlyMap<string, string>;
}

/** A configuration without problems. Dispose of it when it was applied: until then a worker keeps its accounts. */
export interface LoadedConfig extends Omit<GoodConfig, 'files'>, AsyncDisposable {
  /** For `Journal.apply`. Each file's accounts can be gone through once. */
  readonly files: readonly ApplyFile[];
}

export type LoadOutcome =
  | { readonly ok: true; readonly config: LoadedConfig }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
      readonly watched: WatchedFiles;
    };

/** What a worker may fill before it clears up. More makes it hardly faster, and is kept for seconds after its end. */
const YOUNG_MIB = 16;

/** Every problem is known when this resolves. Rejects only where the worker itself cannot run. */
export async function loadConfig({ path, clock, appliedFiles }: LoadOptions): Promise<LoadOutcome> {
  const worker = startWorker({ path, now: clock.now(), appliedFiles });
  const answer = await nextAnswer(worker).catch((error: unknown) => outOfMemory(error, path));
  switch (answer.kind) {
    case 'good': {
      const { files, ...config } = answer.config;
      const changed = files.some((file) => file.changed);
      if (!changed) await worker.terminate();
      const stop = async (): Promise<void> => void (await worker.terminate());
      const applicable = files.map((file, index) => applyFile(worker, file, index));
      return { ok: true, config: { ...config, files: applicable, [Symbol.asyncDispose]: stop } };
    }
    case 'bad':
      await worker.terminate();
      return { ok: false, ...answer.bad };
    case 'batch':
      throw new Error('the worker answered before it was asked');
  }
}

function startWorker(task: Task): Worker {
  const file = new URL(`./load-worker${extname(import.meta.url)}`, import.meta.url);
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MIB };
  return new Worker(file, { name: 'rekeyd-config', workerData: task, execArgv: [], env: {}, resourceLimits });
}

function applyFile(worker: Worker, { path, hash, changed }: LoadedFile, index: number): ApplyFile {
  return changed ? { path, hash, accounts: accountsOf(worker, index) } : { path, hash };
}

async function* accountsOf(worker: Worker, file: number): AsyncGenerator<readonly ConfiguredAccount[]> {
  for (let batch = 0; ; batch += 1) {
    worker.postMessage({ file, batch } satisfies Ask);
    const answer = await nextAnswer(worker);
    if (answer.kind !== 'batch') throw new Error('the worker answered something else than a batch');
    if (answer.accounts === undefined) return;
    yield parseBatch(answer.accounts);
  }
}

/** Rejects when the worker ends instead of answering. */
async function nextAnswer(worker: Worker): Promise<Answer> {
  const ended = new AbortController();
  const onExit = (): void =>
    ended.abort(new Error('the configuration was disposed of while it was being read'));
  worker.once('exit', onExit);
  try {
    const [answer] = (await once(worker, 'message', { signal: ended.signal })) as [Answer];
    return answer;
  } finally {
    worker.off('exit', onExit);
  }
}

/** A file that does not fit into memory is a problem of the configuration. */
function outOfMemory(error: unknown, path: string): Answer {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
  const message =
    'the configuration does not fit into memory; keep large fleets as JSON Lines (*.jsonl), split YAML files, or ' +
    'allow more memory';
  const problem = { file: path, line: 1, column: 1, path: '', message };
  return {
    kind: 'bad',
    bad: { problems: [problem], warnings: [], watched: { path, include: [], contents: new Map() } },
  };
}
