/** Keeps calls under a rate and under a number at once, and lets urgent ones (mints) go before all others. */
import type { Clock } from '../../ports/clock.ts';

export interface GateOptions {
  readonly clock: Clock;
  readonly callsPerSecond: number;
  readonly concurrency: number;
}

export interface Gate extends Disposable {
  /** Waits for its turn. What it answers is disposed of when the call is over; `undefined`: aborted before its turn. */
  enter(options: { readonly urgent: boolean; readonly signal: AbortSignal }): Promise<Disposable | undefined>;
}

const MS_PER_S = 1_000;

interface Waiter {
  readonly admit: () => void;
  readonly giveUp: () => void;
}

/** A token bucket that holds a second's worth of calls, and at least one. */
export function gate({ clock, callsPerSecond, concurrency }: GateOptions): Gate {
  const capacity = Math.max(1, callsPerSecond);
  const urgent: Waiter[] = [];
  const ordinary: Waiter[] = [];
  const closed = new AbortController();
  let level = capacity;
  let filledAt = clock.elapsed();
  let underWay = 0;
  let napping = false;

  function fill(): void {
    const now = clock.elapsed();
    level = Math.min(capacity, level + ((now - filledAt) * callsPerSecond) / MS_PER_S);
    filledAt = now;
  }

  function admitAll(): void {
    fill();
    while (underWay < concurrency && level >= 1) {
      const next = urgent.shift() ?? ordinary.shift();
      if (next === undefined) return;
      level -= 1;
      underWay += 1;
      next.admit();
    }
    if (underWay < concurrency && urgent.length + ordinary.length > 0) void nap();
  }

  async function nap(): Promise<void> {
    if (napping) return;
    napping = true;
    try {
      const ms = Math.max(1, Math.ceil(((1 - level) * MS_PER_S) / callsPerSecond));
      await clock.sleep(ms, { signal: closed.signal });
    } catch {
      // Closed: nobody waits any more.
      return;
    } finally {
      napping = false;
    }
    admitAll();
  }

  function leave(): void {
    underWay -= 1;
    admitAll();
  }

  return {
    enter({ urgent: isUrgent, signal }) {
      if (signal.aborted || closed.signal.aborted) return Promise.resolve(undefined);
      const queue = isUrgent ? urgent : ordinary;
      return new Promise((resolve) => {
        const waiter: Waiter = {
          admit() {
            signal.removeEventListener('abort', waiter.giveUp);
            resolve({ [Symbol.dispose]: leave });
          },
          giveUp() {
            signal.removeEventListener('abort', waiter.giveUp);
            const place = queue.indexOf(waiter);
            if (place >= 0) queue.splice(place, 1);
            resolve(undefined);
          },
        };
        signal.addEventListener('abort', waiter.giveUp, { once: true });
        queue.push(waiter);
        admitAll();
      });
    },
    [Symbol.dispose]() {
      closed.abort(new Error('closed'));
      for (const waiter of [...urgent, ...ordinary]) waiter.giveUp();
    },
  };
}
