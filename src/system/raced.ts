/** Bounds a call that may never end, even where it does not heed its signal. */

/**
 * What `work` gives, or the signal's reason thrown as soon as that is aborted. The work goes on alone then, and what
 * becomes of it is dropped.
 */
export async function raced<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
