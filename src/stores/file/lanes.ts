/**
 * How many calls of this process go on in one directory at once. A call that hangs in the kernel keeps one of the few threads that all
 * file system calls and name look-ups of the process share, for good: a dead mount may have two of them, and never all.
 */
import { failed } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { raced } from '../../system/raced.ts';

/** Two, so that one file that is slow does not hold up the others. */
const LANES = 2;

interface Lanes {
  /** Calls that go on. */
  busy: number;
  /** Those of them that are past their time. */
  late: number;
  /** Calls that wait for a lane, the oldest first. */
  readonly waiting: (() => void)[];
}

/** By directory, while one is in use. One for the process: a store that is opened anew finds what hangs there still. */
const directories = new Map<string, Lanes>();

/**
 * Runs `work`, which touches the directory, when a lane is free. Fails at once, without touching it, while an earlier call there is past
 * its time and has not come back. Rejects with the reason of `signal` when that is aborted while it waits. `isLate` says, once `signal` is
 * aborted, whether that was for the time, as opposed to a caller that gave up.
 */
export async function inLane<T>(
  directory: string,
  { signal, isLate }: { readonly signal: AbortSignal; readonly isLate: () => boolean },
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const lanes = directories.get(directory) ?? { busy: 0, late: 0, waiting: [] };
  directories.set(directory, lanes);
  while (lanes.late === 0 && lanes.busy >= LANES) await freed(lanes, signal);
  if (lanes.late > 0) return hanging(directory);
  lanes.busy += 1;
  let late = false;
  const mark = () => {
    late = isLate();
    if (!late) return;
    lanes.late += 1;
    // They need not wait out their own time.
    for (const wake of lanes.waiting.splice(0)) wake();
  };
  signal.addEventListener('abort', mark, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', mark);
    lanes.busy -= 1;
    if (late) lanes.late -= 1;
    lanes.waiting.shift()?.();
    if (lanes.busy === 0 && lanes.waiting.length === 0) directories.delete(directory);
  }
}

async function freed({ waiting }: Lanes, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push(resolve);
  try {
    await raced(signal, () => promise);
  } catch (error) {
    const place = waiting.indexOf(resolve);
    if (place >= 0) waiting.splice(place, 1);
    // It was let in just when it gave up: the lane is for the next one.
    else waiting.shift()?.();
    throw error;
  }
}

function hanging(directory: string): Result<never> {
  return failed(
    'store-unavailable',
    `the directory ${directory} is left alone: an earlier call there has taken longer than the store’s timeout and has not come back; ` +
      'see whether its file system hangs; where it was mounted anew since, restart rekeyd',
  );
}
