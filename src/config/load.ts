/** Loads a configuration in a worker thread, so that no number of accounts blocks the event loop or stays in memory. */
import { once } from 'node:events';
import type { Clock } from '../ports/clock.ts';
import type { ApplyFile, ConfiguredBatch, Found } from '../ports/journal.ts';
import { startThread } from '../system/thread.ts';
import type { Worker } from '../system/thread.ts';
import type { Answer, Applied, Ask, LoadedFile, Task } from './load-protocol.ts';
import type { Problem } from './problem.ts';
import type { GoodConfig } from './read-config.ts';
import type { Settings } from './settings.ts';
import type { WatchedFiles } from './watched.ts';

export interface LoadOptions {
  /** Of the main file; included files are relative to its folder. */
  readonly path: string;
  readonly clock: Clock;
  /**
   * What `Journal.appliedFiles` answers, or a way to it: where the journal is stands in the settings. Empty: everything is read
   * and checked.
   */
  readonly appliedFiles: AppliedFiles | ((settings: Settings) => Promise<AppliedFiles>);
  /** What `Journal.found` answers, or a way to it; asked for after `appliedFiles`. Absent: no account is taken by its name. */
  readonly found?: Found | ((settings: Settings) => Promise<Found>);
}

type AppliedFiles = ReadonlyMap<string, string>;

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

/** Every problem is known when this resolves. Rejects only where the worker itself cannot run, or with `appliedFiles`. */
export async function loadConfig({ path, clock, ...known }: LoadOptions): Promise<LoadOutcome> {
  const thread = threadFor({ path, now: clock.now() });
  const answer = await read(thread, known).catch((error: unknown) => outOfMemory(error, path));
  switch (answer.kind) {
    case 'good': {
      const { files, ...config } = answer.config;
      if (!files.some((file) => file.changed)) await thread.stop();
      const applicable = files.map((file, index) => applyFile(thread, file, index));
      return { ok: true, config: { ...config, files: applicable, [Symbol.asyncDispose]: thread.stop } };
    }
    case 'bad':
      await thread.stop();
      return { ok: false, ...answer.bad };
    case 'begun':
    case 'batch':
      throw new Error('the worker answered before it was asked');
  }
}

async function read(thread: Thread, known: Pick<LoadOptions, 'appliedFiles' | 'found'>): Promise<Answer> {
  const begun = await nextAnswer(thread);
  if (begun.kind !== 'begun') return begun;
  try {
    const appliedFiles = await knownOf(known.appliedFiles, begun.settings);
    const found = await knownOf(known.found ?? new Map(), begun.settings);
    thread.worker.postMessage({ appliedFiles, found } satisfies Applied);
  } catch (error) {
    await thread.stop();
    throw error;
  }
  return await nextAnswer(thread);
}

/** Nothing where it is found by settings that have problems. */
async function knownOf<Value>(
  known: ReadonlyMap<string, Value> | ((settings: Settings) => Promise<ReadonlyMap<string, Value>>),
  settings: Settings | undefined,
): Promise<ReadonlyMap<string, Value>> {
  if (typeof known !== 'function') return known;
  return settings === undefined ? new Map() : await known(settings);
}

interface Thread {
  readonly worker: Worker;
  /** Aborted, with the reason, when the worker can answer no more. */
  readonly ended: AbortSignal;
  readonly stop: () => Promise<void>;
}

function threadFor(task: Task): Thread {
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MIB };
  const worker = startThread('load-worker', import.meta.url, {
    name: 'rekeyd-config',
    workerData: task,
    execArgv: [],
    env: {},
    resourceLimits,
  });
  const ended = new AbortController();
  worker.once('error', (error) => ended.abort(error));
  worker.once('exit', () => ended.abort(new Error('the loaded configuration was disposed of')));
  return { worker, ended: ended.signal, stop: async () => void (await worker.terminate()) };
}

function applyFile(thread: Thread, { path, hash, changed }: LoadedFile, index: number): ApplyFile {
  return changed ? { path, hash, accounts: accountsOf(thread, index) } : { path, hash };
}

/** Batches as they came from the worker: nobody here looks into them. */
async function* accountsOf(thread: Thread, file: number): AsyncGenerator<ConfiguredBatch, void> {
  for (let batch = 0; ; batch += 1) {
    thread.worker.postMessage({ file, batch } satisfies Ask);
    const answer = await nextAnswer(thread);
    if (answer.kind !== 'batch') throw new Error('the worker answered something else than a batch');
    if (answer.accounts === undefined) return;
    yield answer.accounts;
  }
}

/** Rejects when the worker ends instead of answering. */
async function nextAnswer({ worker, ended }: Thread): Promise<Answer> {
  try {
    const [answer] = (await once(worker, 'message', { signal: ended })) as [Answer];
    return answer;
  } catch (error) {
    throw ended.aborted ? ended.reason : error;
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
