/** The store's own limit of writes a second. Deliveries go before preflights: while one waits, consumers may be without a credential. */
import type { Clock } from '../../ports/clock.ts';

export type Urgency = 'delivery' | 'preflight';

export interface Budget {
  /**
   * Resolves when it is the caller's turn: deliveries in their order, then preflights in theirs. Rejects with the signal's reason when that
   * is aborted first; the turn is then somebody else's.
   */
  take(urgency: Urgency, signal: AbortSignal): Promise<void>;
}

/**
 * A bucket that holds a second's worth of turns and is refilled evenly. Preflights leave half of it, so that the
 * deliveries that follow them find some. `perSecond` is 1 or more.
 */
export function rateBudget(clock: Clock, perSecond: number): Budget {
  const reserve = Math.floor(perSecond / 2);
  const queues: Record<Urgency, (() => void)[]> = { delivery: [], preflight: [] };
  let turns = perSecond;
  let filledAt = clock.elapsed();
  let waking = false;

  const grant = () => {
    const now = clock.elapsed();
    turns = Math.min(perSecond, turns + ((now - filledAt) / 1_000) * perSecond);
    filledAt = now;
    for (const [urgency, left] of [
      ['delivery', 0],
      ['preflight', reserve],
    ] as const) {
      while (queues[urgency].length > 0 && turns >= left + 1) {
        turns -= 1;
        queues[urgency].shift()?.();
      }
      if (queues[urgency].length > 0) return;
    }
  };

  const wakeUntilEmpty = async () => {
    if (waking) return;
    waking = true;
    while (queues.delivery.length + queues.preflight.length > 0) {
      await clock.sleep(1_000 / perSecond);
      grant();
    }
    waking = false;
  };

  return {
    async take(urgency, signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const queue = queues[urgency];
      queue.push(resolve);
      const leave = () => {
        const place = queue.indexOf(resolve);
        if (place >= 0) queue.splice(place, 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      grant();
      void wakeUntilEmpty();
      try {
        await promise;
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
  };
}
