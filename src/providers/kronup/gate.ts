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

export function gate({ clock, callsPerSecond, concurrency }: GateOptions): Gate {
  const bucket = createBucket(clock, callsPerSecond);
  const urgent: Waiter[] = [];
  const ordinary: Waiter[] = [];
  const closed = new AbortController();
  let underWay = 0;
  let napping = false;

  function admitAll(): void {
    while (underWay < concurrency && urgent.length + ordinary.length > 0) {
      if (!bucket.take()) return void nap();
      underWay += 1;
      (urgent.shift() ?? ordinary.shift())?.admit();
    }
  }

  async function nap(): Promise<void> {
    if (napping) return;
    napping = true;
    try {
      await clock.sleep(bucket.waitMs(), { signal: closed.signal });
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
        queue.push(
          waiterIn(queue, signal, (admitted) => resolve(admitted ? { [Symbol.dispose]: leave } : undefined)),
        );
        admitAll();
      });
    },
    [Symbol.dispose]() {
      closed.abort(new Error('closed'));
      for (const waiter of [...urgent, ...ordinary]) waiter.giveUp();
    },
  };
}

/** Leaves the queue by itself when its signal is aborted. */
function waiterIn(queue: Waiter[], signal: AbortSignal, end: (admitted: boolean) => void): Waiter {
  const giveUp = () => {
    signal.removeEventListener('abort', giveUp);
    const place = queue.indexOf(waiter);
    if (place >= 0) queue.splice(place, 1);
    end(false);
  };
  const admit = () => {
    signal.removeEventListener('abort', giveUp);
    end(true);
  };
  const waiter = { admit, giveUp };
  signal.addEventListener('abort', giveUp, { once: true });
  return waiter;
}

interface Bucket {
  /** Takes a call out, if there is a whole one. */
  take(): boolean;
  /** How long until there is, in ms. */
  waitMs(): number;
}

/** Holds a second's worth of calls, and at least one. */
function createBucket(clock: Clock, callsPerSecond: number): Bucket {
  const capacity = Math.max(1, callsPerSecond);
  let level = capacity;
  let filledAt = clock.elapsed();
  const fill = () => {
    const now = clock.elapsed();
    level = Math.min(capacity, level + ((now - filledAt) * callsPerSecond) / MS_PER_S);
    filledAt = now;
  };
  return {
    take() {
      fill();
      if (level < 1) return false;
      level -= 1;
      return true;
    },
    waitMs: () => Math.max(1, Math.ceil(((1 - level) * MS_PER_S) / callsPerSecond)),
  };
}
