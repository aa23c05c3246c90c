/** Many histories on every core: worker threads take seeds in portions, and say what failed. */
import { startThread } from '../../src/system/thread.ts';
import type { Worker } from '../../src/system/thread.ts';
import type { SeedRange } from './plan.ts';
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
  readonly ranges: readonly SeedRange[];
  readonly historiesPerSecond: number;
}

/** All ranges at the same pace: what is cut off has shown something of each. */
export async function runSeeds(options: {
  readonly ranges: readonly SeedRange[];
  /** Threads; each does one history at a time. */
  readonly workers: number;
  readonly onFailed?: (failed: Failed) => void;
}): Promise<Report> {
  const { ranges, onFailed } = options;
  const startedAt = performance.now();
  const failures: Failed[] = [];
  const left = portionsOf(ranges).values();
  let [events, mints] = [0, 0];
  const workOff = async () => {
    const worker = startThread('seeds-worker', import.meta.url);
    try {
      for (const asked of left) {
        const portion = await ask(worker, asked);
        failures.push(...portion.failures);
        portion.failures.forEach((failed) => onFailed?.(failed));
        events += portion.events;
        mints += portion.mints;
      }
    } finally {
      await worker.terminate();
    }
  };
  const seeds = ranges.reduce((sum, range) => sum + range.seeds, 0);
  const workers = Math.min(options.workers, Math.ceil(seeds / PORTION));
  await Promise.all(Array.from({ length: workers }, workOff));
  const historiesPerSecond = seeds / ((performance.now() - startedAt) / 1_000);
  const ordered = failures.toSorted((one, other) => one.seed - other.seed);
  return { ranges, failures: ordered, historiesPerSecond, events, mints };
}

interface PortionAsked {
  readonly from: number;
  /** The first one that is not meant any more. */
  readonly to: number;
}

/** The first portion of each range, the second of each, and so on. */
function portionsOf(ranges: readonly SeedRange[]): readonly PortionAsked[] {
  const rounds = Math.max(...ranges.map(({ seeds }) => Math.ceil(seeds / PORTION)));
  return Array.from({ length: rounds }, (_, round) => round * PORTION).flatMap((at) =>
    ranges
      .filter(({ seeds }) => at < seeds)
      .map(({ from, seeds }) => ({ from: from + at, to: from + Math.min(at + PORTION, seeds) })),
  );
}

function ask(worker: Worker, portion: PortionAsked): Promise<Portion> {
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
