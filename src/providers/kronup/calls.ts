/** Counts the calls that the manager credential makes in a day, against Kronup's daily limit. */
import type { Clock } from '../../ports/clock.ts';

const DAY_MS = 86_400_000;

export interface CallCounter {
  /** One more call was sent. */
  sent(): void;
  /** The service itself says how many calls were made on the dates of this map (`YYYY-MM-DD`). */
  told(byDate: Readonly<Record<string, number>>): void;
  /** The service says that the day's limit is reached. */
  limited(): void;
  /** A call was accepted, so the limit is not reached. */
  accepted(): void;
  left(): number;
  /** How long until the next day, in ms. */
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
  let isLimited = false;

  function turn(): void {
    if (day === today()) return;
    day = today();
    made = 0;
    isLimited = false;
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
    limited() {
      turn();
      isLimited = true;
    },
    accepted() {
      isLimited = false;
    },
    left() {
      turn();
      return isLimited ? 0 : Math.max(0, dailyLimit - made);
    },
    resetMs: () => DAY_MS - (clock.now() % DAY_MS),
  };
}
