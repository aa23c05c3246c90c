/** Counts the calls that the manager credential makes in a day, against Kronup's daily limit. */
import type { Clock } from '../../ports/clock.ts';

const DAY_MS = 86_400_000;

export interface CallCounter {
  /** One more call was sent. */
  sent(): void;
  /** The service itself says how many calls were made on the dates of this map (`YYYY-MM-DD`). */
  told(byDate: Readonly<Record<string, number>>): void;
  /** The service says that the day's limit is reached; with `retryAfterMs`, for how long. */
  limited(retryAfterMs?: number): void;
  /** A call was accepted, so the limit is not reached. */
  accepted(): void;
  left(): number;
  /** How long until calls may be left again, in ms: as the service said, else until the next day. */
  resetMs(): number;
}

/**
 * `callsMade`: those made today before this process started. A day is one of UTC: which zone Kronup counts in is not documented.
 */
export function callCounter(options: {
  readonly clock: Clock;
  readonly dailyLimit: number;
  readonly callsMade: number;
}): CallCounter {
  const { clock, dailyLimit } = options;
  const today = () => Math.floor(clock.now() / DAY_MS);
  let day = today();
  let made = options.callsMade;
  /** In ms since the epoch. */
  let limitedUntil = 0;
  const nextDayAt = () => (today() + 1) * DAY_MS;

  function turn(): void {
    if (day === today()) return;
    day = today();
    made = 0;
    limitedUntil = 0;
  }

  return {
    sent() {
      turn();
      made += 1;
    },
    told(byDate) {
      turn();
      // Others may use the same credential, so the higher number counts; its own is "approximate".
      made = Math.max(made, byDate[new Date(day * DAY_MS).toISOString().slice(0, 10)] ?? 0);
    },
    limited(retryAfterMs) {
      turn();
      limitedUntil = retryAfterMs === undefined ? nextDayAt() : clock.now() + retryAfterMs;
    },
    accepted() {
      limitedUntil = 0;
    },
    left() {
      turn();
      return clock.now() < limitedUntil ? 0 : Math.max(0, dailyLimit - made);
    },
    resetMs: () => (clock.now() < limitedUntil ? limitedUntil : nextDayAt()) - clock.now(),
  };
}
