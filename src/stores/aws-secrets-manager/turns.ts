/** One write upon a version at a time for each secret in this process: of several at once only one could go through. */
import { raced } from '../../system/raced.ts';

/** The end of the queue for each secret in use. One for the process: two stores may reach one secret. */
const queues = new Map<string, Promise<void>>();

/**
 * Resolves when everything before it for this secret has ended; disposing of the turn lets the next one in. Rejects with the signal's
 * reason when that is aborted first; the turn is then given up.
 */
export async function turnAt(location: string, signal: AbortSignal): Promise<Disposable> {
  const before = queues.get(location);
  const { promise, resolve } = Promise.withResolvers<void>();
  queues.set(location, promise);
  const end = () => {
    resolve();
    if (queues.get(location) === promise) queues.delete(location);
  };
  try {
    if (before !== undefined) await raced(signal, () => before);
  } catch (error) {
    // Whoever comes next still waits for those before this one.
    void before?.then(end);
    throw error;
  }
  return { [Symbol.dispose]: end };
}
