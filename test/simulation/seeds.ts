/** Many histories on every core: worker threads take seeds in portions, and say what failed. */
import { startThread } from '../../src/system/thread.ts';
import type { Worker } from '../../src/system/thread.ts';
import type { Invariant } from './watch/verdicts.ts';

/** Seeds that a worker takes at once. */
const PORTION = 25;

export interface Failed {
  readonly seed: number;
  readonly invariant: Invariant;
  readonly message: string;
}

/** What a worker says of a portion. */
export interface Portion {
  readonly failures: readonly Failed[];
  readonly events: number;
  readonly mints: number;
}

export interface Report extends Portion {
  readonly from: number;
  readonly seeds: number;
  readonly historiesPerSecond: number;
}

export async function runSeeds(options: {
  readonly from: number;
  readonly seeds: number;
  /** Threads; each does one history at a time. */
  readonly workers: number;
  readonly onFailed?: (failed: Failed) => void;
}): Promise<Report> {
  const { from, seeds, onFailed } = options;
  const startedAt = performance.now();
  const failures: Failed[] = [];
  let [events, mints, next] = [0, 0, from];
  const workOff = async () => {
    const worker = startThread('seeds-worker', import.meta.url);
    try {
      while (next < from + seeds) {
        const begin = next;
        next = Math.min(next + PORTION, from + seeds);
        const portion = await ask(worker, { from: begin, to: next });
        failures.push(...portion.failures);
        portion.failures.forEach((failed) => onFailed?.(failed));
        events += portion.events;
        mints += portion.mints;
      }
    } finally {
      await worker.terminate();
    }
  };
  const workers = Math.min(options.workers, Math.ceil(seeds / PORTION));
  await Promise.all(Array.from({ length: workers }, workOff));
  const historiesPerSecond = seeds / ((performance.now() - startedAt) / 1_000);
  const ordered = failures.toSorted((one, other) => one.seed - other.seed);
  return { from, seeds, failures: ordered, historiesPerSecond, events, mints };
}

function ask(worker: Worker, portion: { readonly from: number; readonly to: number }): Promise<Portion> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(error);
    worker.once('error', fail);
    worker.once('message', (answer: Portion) => {
      worker.off('error', fail);
      resolve(answer);
    });
    worker.postMessage(portion);
  });
}
