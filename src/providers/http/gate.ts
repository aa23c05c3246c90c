/** Keeps calls under a rate and under a number at once, and lets urgent ones (mints) go before all others. */
import type { Clock } from '../../ports/clock.ts';

export interface GateOptions {
  readonly clock: Clock;
  readonly callsPerSecond: number;
  readonly concurrency: number;
}

/** Disposed of when the call is over. */
export interface Turn extends Disposable {
  /** The request is being written: from now on it counts for a second. One that waits for a connection counts all the while. */
  written(): void;
}

export interface Gate extends Disposable {
  /** Waits for its turn; `undefined`: aborted before it came. */
  enter(options: { readonly urgent: boolean; readonly signal: AbortSignal }): Promise<Turn | undefined>;
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
    behind = true;
    const ms = window.waitMs();
    // Where nobody can tell, it is for one to be written.
    if (napping || ms === undefined) return;
    napping = true;
    try {
      await clock.sleep(ms, { signal: closed.signal });
    } catch {
      // Closed: nobody waits any more.
      return;
    } finally {
      napping = false;
    }
    admitAll();
  }

  const written = () => {
    window.written();
    admitAll();
  };
  const leave = () => {
    underWay -= 1;
    admitAll();
  };

  return {
    enter({ urgent: isUrgent, signal }) {
      if (signal.aborted || closed.signal.aborted) return Promise.resolve(undefined);
      const queue = isUrgent ? urgent : ordinary;
      return new Promise((resolve) => {
        queue.push(
          waiterIn(queue, signal, (admitted) => resolve(admitted ? turnOf({ written, leave }) : undefined)),
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

function turnOf({ written, leave }: { readonly written: () => void; readonly leave: () => void }): Turn {
  let isWritten = false;
  const write = () => {
    if (isWritten) return;
    isWritten = true;
    written();
  };
  return {
    written: write,
    [Symbol.dispose]() {
      // What never got so far counts as well: a service that nobody can connect to is not tried any faster.
      write();
      leave();
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
  /** One that took a turn has been written. */
  written(): void;
  /** How long until there is a turn for those who wait, in ms; `undefined`: one has to be written first. */
  waitMs(): number | undefined;
}

/**
 * At most so many calls are written in any second, wherever it begins: a second's worth at once after a rest, and evenly spread
 * while calls wait, so that an urgent one never waits for long.
 */
function createWindow(clock: Clock, callsPerSecond: number): Window {
  const callsMax = Math.max(1, Math.floor(callsPerSecond));
  const spanMs = (callsMax * MS_PER_S) / callsPerSecond;
  const apartMs = spanMs / callsMax;
  /** When the newest calls were written, as a ring: the place of the next is that of the oldest. */
  const writtenAt = new Float64Array(callsMax).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  let unwritten = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const freeAt = (behind: boolean) => {
    if (unwritten >= callsMax) return undefined;
    // Those that are yet to be written come before this one, each into a place of its own.
    const at = (writtenAt[(next + unwritten) % callsMax] ?? 0) + spanMs;
    return behind ? Math.max(at, lastAt + apartMs) : at;
  };
  return {
    take(behind) {
      const now = clock.elapsed();
      if ((freeAt(behind) ?? Number.POSITIVE_INFINITY) > now) return false;
      unwritten += 1;
      lastAt = now;
      return true;
    },
    written() {
      unwritten -= 1;
      writtenAt[next] = clock.elapsed();
      next = (next + 1) % callsMax;
    },
    waitMs() {
      const at = freeAt(true);
      return at === undefined ? undefined : Math.max(1, Math.ceil(at - clock.elapsed()));
    },
  };
}
