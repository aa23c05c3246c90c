/**
 * What has to be done now and then beside the accounts: pruning, counting calls, asking whether a manager credential that was
 * refused, or whose calls of the day the service says are used up, works again.
 */
import type { Provider } from '../ports/provider.ts';
import type { Conditions } from './conditions.ts';
import type { Others } from './others.ts';
import type { EngineParts } from './parts.ts';
import type { SharedHolds } from './shared-holds.ts';

/** How often refused manager credentials are tried again and counted calls are written down, in ms. */
const ROUND_MS = 15_000;
/** How often a few live credentials of a provider that refused several are tried again, in ms. */
const TRY_EVERY_MS = 300_000;
const PRUNE_EVERY_MS = 3_600_000;
/** At which hour a provider begins a new day is not known: it is asked as often as this whether it takes calls again, in ms. */
const ASK_LIMITED_EVERY_MS = 900_000;
/** How long a request id is known, so that it never causes two rotations, in ms. */
const REQUESTS_KEPT_MS = 30 * 86_400_000;

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
  const { sharedHolds, conditions } = engine;
  let prunedAt = clock.elapsed();
  let askedLimitedAt = clock.elapsed();
  let triedAt = clock.elapsed();
  while (!signal.aborted) {
    await askRefused(parts, sharedHolds, signal);
    if (clock.elapsed() - askedLimitedAt >= ASK_LIMITED_EVERY_MS) {
      askedLimitedAt = clock.elapsed();
      await askLimited(parts, signal);
    }
    if (clock.elapsed() - triedAt >= TRY_EVERY_MS) {
      triedAt = clock.elapsed();
      await tryRefused(parts, engine, signal);
    }
    for (const provider of parts.connections().providers) await conditions.settle(provider);
    await calls.flush();
    if (clock.elapsed() - prunedAt >= PRUNE_EVERY_MS) {
      prunedAt = clock.elapsed();
      const now = clock.now();
      const pruned = await journal.prune({
        before: now - settings.historyMs,
        requestsBefore: now - REQUESTS_KEPT_MS,
      });
      if (pruned.facts > 0 || pruned.rotations > 0) telemetry.event('journal-pruned', pruned);
    }
    await clock.sleep(ROUND_MS, { signal }).catch(() => undefined);
  }
  await calls.flush();
}

async function askRefused(parts: EngineParts, sharedHolds: SharedHolds, signal: AbortSignal): Promise<void> {
  for (const { subject: name } of sharedHolds.all('manager-refused')) {
    const provider: Provider | undefined = parts.connections().provider(name);
    const answer = await provider?.manager({ signal, again: true }).catch(() => undefined);
    if (answer?.ok === true) await sharedHolds.managerAccepted(name);
  }
}

/** What follows from refused credentials is held until a few of those that the provider shows as live are all accepted. */
async function tryRefused(
  parts: EngineParts,
  { sharedHolds, others }: { readonly sharedHolds: SharedHolds; readonly others: Others },
  signal: AbortSignal,
): Promise<void> {
  for (const { subject } of sharedHolds.all('many-refused')) {
    const provider = parts.connections().provider(subject);
    if (provider !== undefined) await others.tryOut(provider, { signal }).catch(() => undefined);
  }
}

/** An accepted call shows that the day's limit is not reached any more. */
async function askLimited(parts: EngineParts, signal: AbortSignal): Promise<void> {
  const connections = parts.connections();
  for (const name of connections.providers) {
    const limited = connections.provider(name);
    if (limited?.callsLeft()?.left === 0)
      await limited.manager({ signal, again: true }).catch(() => undefined);
  }
}

/** Counts the calls made to providers, so that a daily budget is known across restarts. */
export interface CallCounter {
  count(call: { readonly provider: string; readonly caller: string; readonly at: number }): void;
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
    readonly caller: string;
    readonly day: string;
    calls: number;
  }
  let counts = new Map<string, Count>();
  let unwritten = 0;

  async function flush(): Promise<void> {
    const flushed = counts;
    counts = new Map();
    unwritten = 0;
    for (const count of flushed.values()) await journal.addCalls(count);
  }

  return {
    count({ provider, caller, at }) {
      const day = dayOf(at);
      const key = `${provider} ${caller} ${day}`;
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
