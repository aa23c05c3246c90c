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
  const window = createWindow(clock, callsPerSecond);
  const urgent: Waiter[] = [];
  const ordinary: Waiter[] = [];
  const closed = new AbortController();
  let underWay = 0;
  let napping = false;
  let behind = false;

  function admitAll(): void {
    while (underWay < concurrency && urgent.length + ordinary.length > 0) {
      if (!window.take(behind)) return void nap();
      underWay += 1;
      (urgent.shift() ?? ordinary.shift())?.admit();
    }
    if (urgent.length + ordinary.length === 0) behind = false;
  }

  async function nap(): Promise<void> {
    if (napping) return;
    napping = true;
    behind = true;
    try {
      await clock.sleep(window.waitMs(), { signal: closed.signal });
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

interface Window {
  /** Takes a turn, if there is one. `behind`: others have had to wait already. */
  take(behind: boolean): boolean;
  /** How long until there is one for those who wait, in ms. */
  waitMs(): number;
}

/**
 * At most so many calls in any second, wherever it begins: a second's worth at once after a rest, and evenly spread while
 * calls wait, so that an urgent one never waits for long.
 */
function createWindow(clock: Clock, callsPerSecond: number): Window {
  const callsMax = Math.max(1, Math.floor(callsPerSecond));
  const spanMs = (callsMax * MS_PER_S) / callsPerSecond;
  const apartMs = spanMs / callsMax;
  /** When the newest calls were made, as a ring: the place of the next is that of the oldest. */
  const madeAt = new Float64Array(callsMax).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const freeAt = (behind: boolean) =>
    Math.max((madeAt[next] ?? 0) + spanMs, behind ? lastAt + apartMs : Number.NEGATIVE_INFINITY);
  return {
    take(behind) {
      const now = clock.elapsed();
      if (freeAt(behind) > now) return false;
      madeAt[next] = now;
      lastAt = now;
      next = (next + 1) % callsMax;
      return true;
    },
    waitMs: () => Math.max(1, Math.ceil(freeAt(true) - clock.elapsed())),
  };
}
