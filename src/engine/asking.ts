/**
 * Asks providers and stores, now and then, what nobody else would find out: whether a manager credential that was refused is
 * accepted again, whether calls are taken again before the day is over, whether a store takes writes again, and what time it is where
 * clocks differ.
 */
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { EngineParts } from './parts.ts';
import type { Others } from './others.ts';
import type { SharedHolds } from './shared-holds.ts';
import { tryStoresDown } from './stores-down.ts';

/** At which hour a provider begins a new day is not known: it is asked after this whether it takes calls again, doubling. */
const LIMITED_FIRST_MS = 60_000;
const LIMITED_MAX_MS = 900_000;
/** How often all services are asked what time it is while none is known to agree with this machine's clock, in ms. */
const TIME_EVERY_MS = 300_000;
/** How often a few live credentials of a provider that refused several are tried again, in ms. */
const TRY_EVERY_MS = 300_000;
/**
 * A store that is held as down is written to after this where nothing waits to be delivered there, doubling: what is done and not
 * acknowledged may leave a version each time.
 */
const WRITE_FIRST_MS = 60_000;
const WRITE_MAX_MS = 900_000;

export interface Asking {
  /** Asks whom there is a reason to ask now. */
  round(signal: AbortSignal): Promise<void>;
}

export function createAsking(
  parts: Pick<EngineParts, 'clock' | 'connections' | 'journal'>,
  { sharedHolds, others }: { readonly sharedHolds: SharedHolds; readonly others: Others },
): Asking {
  const { clock } = parts;
  let triedAt = clock.elapsed();
  const untilStoresAreTried = waiting(clock, [WRITE_FIRST_MS, WRITE_MAX_MS]);
  let writtenAfter: string | undefined;
  const untilLimitedIsAsked = waiting(clock, [LIMITED_FIRST_MS, LIMITED_MAX_MS]);
  let timeAt = Number.NEGATIVE_INFINITY;

  async function askLimited(signal: AbortSignal): Promise<void> {
    const limited = providersOf(parts).filter((provider) => provider.callsLeft()?.left === 0);
    if (!untilLimitedIsAsked.isOver(limited.length > 0)) return;
    for (const provider of limited) await askAgain(provider, signal);
    untilLimitedIsAsked.again({ longer: true });
  }

  async function askTime(signal: AbortSignal): Promise<void> {
    if (sharedHolds.all('clock-skew').length === 0 || clock.elapsed() - timeAt < TIME_EVERY_MS) return;
    timeAt = clock.elapsed();
    await askEverybody(parts, signal);
  }

  /** What follows from refused credentials is held until a few of those that the provider shows as live are all accepted. */
  async function tryRefused(signal: AbortSignal): Promise<void> {
    if (clock.elapsed() - triedAt < TRY_EVERY_MS) return;
    triedAt = clock.elapsed();
    for (const { subject } of sharedHolds.all('many-refused')) {
      const provider = parts.connections().provider(subject);
      if (provider !== undefined) await others.tryOut(provider, { signal }).catch(() => undefined);
    }
  }

  async function tryStores(signal: AbortSignal): Promise<void> {
    if (!untilStoresAreTried.isOver(sharedHolds.all('store-down').length > 0)) return;
    writtenAfter = await tryStoresDown(parts, sharedHolds, { signal, after: writtenAfter }).catch(
      () => undefined,
    );
    // Once all of their accounts had their turn.
    untilStoresAreTried.again({ longer: writtenAfter === undefined });
  }

  return {
    async round(signal) {
      await askRefused(parts, sharedHolds, signal);
      await tryRefused(signal);
      await tryStores(signal);
      await askLimited(signal);
      await askTime(signal);
    },
  };
}

/** A wait that begins when there is a reason, comes again after each try, and is forgotten when the reason is gone. */
function waiting(clock: Pick<Clock, 'elapsed'>, [firstMs, maxMs]: readonly [number, number]) {
  let waitMs = firstMs;
  let endsAt: number | undefined;
  return {
    isOver(hasReason: boolean): boolean {
      if (!hasReason) {
        waitMs = firstMs;
        endsAt = undefined;
        return false;
      }
      endsAt ??= clock.elapsed() + waitMs;
      return clock.elapsed() >= endsAt;
    },
    /** `longer`: for twice as long, up to the maximum. */
    again({ longer }: { readonly longer: boolean }): void {
      if (longer) waitMs = Math.min(2 * waitMs, maxMs);
      endsAt = clock.elapsed() + waitMs;
    },
  };
}

type Given = Pick<EngineParts, 'connections'>;

async function askRefused(parts: Given, sharedHolds: SharedHolds, signal: AbortSignal): Promise<void> {
  for (const { subject: name } of sharedHolds.all('manager-refused')) {
    const provider = parts.connections().provider(name);
    const accepted = provider !== undefined && (await askAgain(provider, signal));
    if (accepted) await sharedHolds.managerAccepted(name);
  }
}

/** One service whose clock is wrong must not stop everything: each is asked for its own. */
async function askEverybody(parts: Given, signal: AbortSignal): Promise<void> {
  const connections = parts.connections();
  await Promise.allSettled([
    ...providersOf(parts).map((provider) => askAgain(provider, signal)),
    ...connections.stores.map((name) => connections.store(name)?.whoAmI({ signal, again: true })),
  ]);
}

/** Whether the manager credential is accepted now. */
async function askAgain(provider: Provider, signal: AbortSignal): Promise<boolean> {
  const answer = await provider.manager({ signal, again: true }).catch(() => undefined);
  return answer?.ok === true;
}

function providersOf(parts: Given): Provider[] {
  const connections = parts.connections();
  return connections.providers.flatMap((name) => connections.provider(name) ?? []);
}
