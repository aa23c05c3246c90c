/** How long the manager credential leaves a service alone after an answer 429: as long as was asked for, else longer each time. */
import type { Clock } from '../../ports/clock.ts';

/** Without a `Retry-After`: the first time, doubling. */
const PAUSE_MS_FIRST = 1_000;
const PAUSE_MS_MAX = 60_000;

export interface Pause {
  /** The service asked to be left alone; with `retryAfterMs`, for how long. Answers for how long it is. */
  begin(retryAfterMs?: number): number;
  /** A call was accepted. */
  accepted(): void;
  /** How much of it is left, in ms; 0 where calls may be sent. */
  leftMs(): number;
}

export function createPause(clock: Pick<Clock, 'elapsed'>): Pause {
  let until = 0;
  let inARow = 0;
  return {
    begin(retryAfterMs) {
      const now = clock.elapsed();
      // Answers to calls that were on their way when it began tell nothing new.
      if (until <= now) inARow += 1;
      const ms = retryAfterMs ?? Math.min(PAUSE_MS_FIRST * 2 ** (inARow - 1), PAUSE_MS_MAX);
      until = Math.max(until, now + ms);
      return until - now;
    },
    accepted() {
      inARow = 0;
    },
    leftMs: () => Math.max(0, until - clock.elapsed()),
  };
}
