/** What has to be done now and then beside the accounts: pruning, counting calls, asking what nobody else would find out. */
import { createAsking } from './asking.ts';
import type { Conditions } from './conditions.ts';
import type { Others } from './others.ts';
import type { EngineParts } from './parts.ts';
import type { SharedHolds } from './shared-holds.ts';

const DAY_MS = 86_400_000;
/** How often somebody is asked where there is a reason, and counted calls are written down, in ms. */
const ROUND_MS = 15_000;
const PRUNE_EVERY_MS = 3_600_000;
/** How long a request id is known, so that it never causes two rotations, in ms. */
const REQUESTS_KEPT_MS = 30 * DAY_MS;
/** How long the calls of a day are known: a clock may be put back over midnight, in ms. */
const CALLS_KEPT_MS = DAY_MS;

/** Goes on until the signal is aborted, then writes down the last counts. */
export async function upkeep(
  parts: EngineParts,
  options: {
    readonly engine: {
      readonly sharedHolds: SharedHolds;
      readonly others: Others;
      readonly conditions: Conditions;
    };
    readonly calls: CallCounter;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { clock, journal, telemetry, settings } = parts;
  const { signal, calls, engine } = options;
  const { conditions } = engine;
  const asking = createAsking(parts, engine);
  // Due from the start: a process may never run for as long as lies between two.
  let prunedAt = Number.NEGATIVE_INFINITY;
  async function prune(): Promise<void> {
    if (clock.elapsed() - prunedAt < PRUNE_EVERY_MS || !conditions.isTimeCertain()) return;
    prunedAt = clock.elapsed();
    const now = clock.now();
    const pruned = await journal.prune({
      now,
      before: now - settings.historyMs,
      requestsBefore: now - REQUESTS_KEPT_MS,
      callsBefore: dayOf(now - CALLS_KEPT_MS),
    });
    if (pruned.facts > 0 || pruned.rotations > 0) telemetry.event('journal-pruned', pruned);
  }
  while (!signal.aborted) {
    await asking.round(signal);
    for (const provider of parts.connections().providers) await conditions.settle(provider);
    await calls.flush();
    await prune();
    await clock.sleep(ROUND_MS, { signal }).catch(() => undefined);
  }
  // One round of everything may be over before the next of these: the time is known now, where it was asked for.
  await prune();
  await calls.flush();
}

/**
 * Counts the calls made to providers with the manager credential, so that a daily budget is known across restarts. What other
 * credentials were used for is nobody's budget.
 */
export interface CallCounter {
  count(call: { readonly provider: string; readonly caller: string; readonly at: number }): void;
  /** Resolves when all that was counted so far is written down. */
  flush(): Promise<void>;
  /** Calls made with the manager credential that were written down for the day of `now`. */
  callsMade(provider: string, now: number): Promise<number>;
}

/** So many calls are forgotten at most when the process dies: far fewer than are kept for recovery. */
const UNWRITTEN_MAX = 50;

/** What a provider calls the manager credential where it says who made a call. */
const MANAGER = 'manager';

export function createCallCounter({ journal }: Pick<EngineParts, 'journal'>): CallCounter {
  interface Count {
    readonly provider: string;
    readonly caller: typeof MANAGER;
    readonly day: string;
    calls: number;
  }
  let counts = new Map<string, Count>();
  let unwritten = 0;
  let written = Promise.resolve();

  function flush(): Promise<void> {
    const flushed = counts;
    counts = new Map();
    unwritten = 0;
    written = written.then(async () => {
      for (const count of flushed.values()) await journal.addCalls(count);
    });
    return written;
  }

  return {
    count({ provider, caller, at }) {
      if (caller !== MANAGER) return;
      const day = dayOf(at);
      const key = `${provider} ${day}`;
      const count = counts.get(key) ?? { provider, caller, day, calls: 0 };
      count.calls++;
      counts.set(key, count);
      unwritten++;
      // Should it fail, so does whatever is written to the journal next, which ends the process.
      if (unwritten >= UNWRITTEN_MAX) flush().catch(() => undefined);
    },
    async callsMade(provider, now) {
      await flush();
      return await journal.addCalls({ provider, caller: MANAGER, day: dayOf(now), calls: 0 });
    },
    flush,
  };
}

/** The UTC day of an instant, as `YYYY-MM-DD`. */
function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
