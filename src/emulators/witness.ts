/** What has been done to the emulator, for tests and for the control path: counts of calls, and a list of events. */
import type { Arrival } from './faults.ts';

export interface CalledEvent {
  readonly kind: 'called';
  /** When the request arrived, and when its answer was given or it was dropped, in ms since the epoch. */
  readonly arrivedAt: number;
  readonly at: number;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly accountId: string | undefined;
  readonly caller: string | undefined;
  /** The answer's status; `lost` where there was none. */
  readonly status: number | 'lost';
}

/** A call, or what else happens at an emulator. */
type Happened<Changed> = CalledEvent | Changed;

export type CallMatch = Partial<Pick<CalledEvent, 'operation' | 'method' | 'path' | 'accountId' | 'caller'>>;

export interface CallCount extends Pick<Arrival, 'operation' | 'method' | 'path' | 'accountId' | 'caller'> {
  count: number;
}

/** `Changed`: the changes that are recorded beside calls. */
export interface Witness<Changed> {
  /** The newest events, oldest first. */
  readonly events: readonly Happened<Changed>[];
  /** How many calls are over: answered or dropped, with all their effects. */
  readonly answered: number;
  /** Calls that arrived, answered or not, by operation, path, account and caller. */
  readonly counts: Iterable<CallCount>;
  arrived(arrival: Arrival): void;
  record(event: Happened<Changed>): void;
  /** The first event that fits, of those kept or to come. */
  when(fits: (event: Happened<Changed>) => boolean): Promise<Happened<Changed>>;
  /** How many calls fit all that is given. */
  calls(match?: CallMatch): number;
}

const EVENTS_KEPT = 10_000;

export function createWitness<Changed extends { readonly kind: string }>(): Witness<Changed> {
  const counts = new Map<string, CallCount>();
  let events: Happened<Changed>[] = [];
  let answered = 0;
  let waiting: {
    readonly fits: (event: Happened<Changed>) => boolean;
    readonly tell: (event: Happened<Changed>) => void;
  }[] = [];

  return {
    get events() {
      return events.slice(-EVENTS_KEPT);
    },
    get answered() {
      return answered;
    },
    get counts() {
      return counts.values();
    },
    arrived({ operation, method, path, accountId, caller }) {
      const key = `${operation} ${path} ${caller}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { operation, method, path, accountId, caller, count: 1 });
      else known.count += 1;
    },
    record(event) {
      if (event.kind === 'called') answered += 1;
      events.push(event);
      // Cut seldom, since cutting copies.
      if (events.length >= 2 * EVENTS_KEPT) events = events.slice(-EVENTS_KEPT);
      for (const { fits, tell } of waiting) if (fits(event)) tell(event);
    },
    async when(fits) {
      const past = events.find(fits);
      if (past !== undefined) return past;
      const { promise, resolve } = Promise.withResolvers<Happened<Changed>>();
      const waiter = { fits, tell: resolve };
      waiting.push(waiter);
      const event = await promise;
      waiting = waiting.filter((other) => other !== waiter);
      return event;
    },
    calls(match = {}) {
      let sum = 0;
      for (const count of counts.values()) if (fitsCall(match, count)) sum += count.count;
      return sum;
    },
  };
}

function fitsCall(match: CallMatch, count: CallCount): boolean {
  return Object.entries(match).every(
    ([key, wanted]) => wanted === undefined || wanted === count[key as keyof CallMatch],
  );
}
