/** Tells those who wait that something was committed. */

export interface Changes {
  notify(): void;
  /** Resolves at the next notice, or when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void>;
}

export function createChanges(): Changes {
  let next = Promise.withResolvers<void>();
  return {
    notify() {
      next.resolve();
      next = Promise.withResolvers();
    },
    async changed(signal) {
      if (signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = () => resolve();
      signal.addEventListener('abort', stop, { once: true });
      await Promise.race([next.promise, promise]);
      signal.removeEventListener('abort', stop);
    },
  };
}
