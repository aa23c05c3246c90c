/** One after another for each name, within this process. */
import { raced } from './raced.ts';

export interface Turns {
  /**
   * Resolves when everything before it under this name has ended; disposing of the turn lets the next one in. Rejects with the
   * signal's reason when that is aborted first; the turn is then given up.
   */
  at(name: string, signal?: AbortSignal): Promise<Disposable>;
}

export function createTurns(): Turns {
  /** The end of the queue for each name that is in use. */
  const queues = new Map<string, Promise<void>>();
  return {
    async at(name, signal) {
      const before = queues.get(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      queues.set(name, promise);
      const end = () => {
        resolve();
        if (queues.get(name) === promise) queues.delete(name);
      };
      try {
        if (before !== undefined) await (signal === undefined ? before : raced(signal, () => before));
      } catch (error) {
        // Whoever comes next still waits for those before this one.
        void before?.then(end);
        throw error;
      }
      return { [Symbol.dispose]: end };
    },
  };
}
