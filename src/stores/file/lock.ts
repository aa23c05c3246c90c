/** One writer at a time for each path in this process, whichever store it came by; and a bound on how long a caller waits. */
import type { Clock } from '../../ports/clock.ts';
import { failed } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { createTurns } from '../../system/turns.ts';

/** By path. One for the process: two stores may reach one file. */
const turns = createTurns();

/** Runs `work` when everything before it on this path has ended. */
export async function alone<T>(path: string, work: () => Promise<T>): Promise<T> {
  using _turn = await turns.at(path);
  return await work();
}

/**
 * What `work` gives, or a failure once `timeoutMs` is over, or the reason of `signal` thrown when that is aborted.
 * A call that hangs in the kernel cannot be ended: it goes on alone, holds its path's lock, and does nothing more
 * once it returns, because `work` looks at the signal that it is given before each step. `isLate`: that was aborted for the time.
 */
export async function bounded<T>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  what: string,
  work: (signal: AbortSignal, isLate: () => boolean) => Promise<Result<T>>,
): Promise<Result<T>> {
  signal.throwIfAborted();
  using deadline = clock.deadline(timeoutMs, signal);
  const late = Promise.withResolvers<never>();
  const giveUp = (): void => late.reject(deadline.signal.reason);
  deadline.signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work(deadline.signal, () => deadline.expired), late.promise]);
  } catch (error) {
    if (!deadline.expired || error !== deadline.signal.reason) throw error;
    return failed(
      'store-unavailable',
      `${what} took longer than ${timeoutMs} ms; see whether its file system hangs, or raise the store’s timeout`,
    );
  } finally {
    deadline.signal.removeEventListener('abort', giveUp);
  }
}
