/** Waits for what has no signal of its own. */

/** The promise's value, or `undefined` as soon as the signal is aborted. A rejection passes through. */
export function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) {
    // Nobody waits for it, and its failure is nobody's.
    promise.catch(() => undefined);
    return Promise.resolve(undefined);
  }
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    const done = () => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop, { once: true });
    promise.finally(done).then(resolve, reject);
  });
}
