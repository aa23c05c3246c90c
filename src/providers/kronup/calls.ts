/** Counts the calls that the manager credential makes in a day, against Kronup's daily limit. */
import type { Clock } from '../../ports/clock.ts';

const DAY_MS = 86_400_000;

/** Days whose counts are kept. */
const DAYS_MAX = 8;

export interface CallCounter {
  /** One more call was sent. */
  sent(): void;
  /**
   * The service itself says how many calls this account (by its id) made on the dates of this map (`YYYY-MM-DD`). The limit
   * is one of accounts: what another one made before does not count any more.
   */
  told(accountId: string, byDate: Readonly<Record<string, number>>): void;
  /** The service says that the day's limit is reached; with `retryAfterMs`, for how long; else for the day. */
  limited(retryAfterMs?: number): void;
  /** A call was accepted, so the limit is not reached. */
  accepted(): void;
  left(): number;
  /** When calls may be left again: as the service said, else when the next day begins. In ms since the epoch. */
  renewedAt(): number;
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
  /** By day. A clock that is put back comes to a day that was counted already. */
  const made = new Map([[today(), options.callsMade]]);
  let accountId: string | undefined;
  /** On the clock that only goes forward. */
  let limitedUntil = 0;
  let limitedOn = today();

  function madeToday(): number {
    return made.get(today()) ?? 0;
  }

  function note(calls: number): void {
    made.set(today(), calls);
    const [oldest] = made.keys();
    if (made.size > DAYS_MAX && oldest !== undefined) made.delete(oldest);
  }

  /** At which hour Kronup begins a new day is not documented: it may go on refusing, or accept calls before. */
  function limitedMs(): number {
    return limitedOn === today() ? Math.max(0, limitedUntil - clock.elapsed()) : 0;
  }

  return {
    sent: () => note(madeToday() + 1),
    told(id, byDate) {
      const theirs = byDate[new Date(today() * DAY_MS).toISOString().slice(0, 10)] ?? 0;
      const isOther = accountId !== undefined && accountId !== id;
      accountId = id;
      // Others may use the same credential, so the higher number counts; its own is "approximate".
      note(isOther ? Math.max(1, theirs) : Math.max(madeToday(), theirs));
    },
    limited(retryAfterMs) {
      limitedOn = today();
      limitedUntil = clock.elapsed() + (retryAfterMs ?? Number.POSITIVE_INFINITY);
    },
    accepted() {
      limitedUntil = 0;
    },
    left: () => (limitedMs() > 0 ? 0 : Math.max(0, dailyLimit - madeToday())),
    renewedAt() {
      const nextDayAt = (today() + 1) * DAY_MS;
      return limitedMs() > 0 ? Math.min(nextDayAt, clock.now() + limitedMs()) : nextDayAt;
    },
  };
}
