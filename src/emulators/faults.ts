/**
 * The book of faults that an emulator is to make: which requests each strikes, how often, and what has become of it.
 * It only says what strikes; what a fault does is the emulator's business.
 */

/** What is known of a request when it arrives, nothing of it checked. */
export interface Arrival {
  /** The emulator's own name for what is asked. */
  readonly operation: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The account that it is about. */
  readonly accountId: string | undefined;
  /** Whose credential came with it. */
  readonly caller: string | undefined;
  /** Which credential it was. */
  readonly credentialId: string | undefined;
}

/** Strikes the requests that fit all of what is given; with nothing given, every one. */
export interface FaultMatch {
  readonly operation?: string | undefined;
  readonly method?: string | undefined;
  /** `*` stands for anything, such as in `/v1/service-accounts/*`. */
  readonly path?: string | undefined;
  readonly accountId?: string | undefined;
  readonly caller?: string | undefined;
  readonly credentialId?: string | undefined;
  /** How many requests it strikes at most; all until it is lifted by default. */
  readonly times?: number | undefined;
  /** Strikes this share of them by chance, from 0 to 1; 1 by default. */
  readonly share?: number | undefined;
}

/** A fault that was made, in the hands of who made it. Disposing of it lifts it. */
export interface Fault extends Disposable {
  readonly id: string;
  /** How many requests it has struck. */
  readonly hits: number;
  /** Resolves when it strikes for the first time. */
  readonly hit: Promise<void>;
  /** Resolves when the first request that it struck is over, with all its effects, late ones too. */
  readonly done: Promise<void>;
  lift(): void;
}

/** A fault that strikes one request. */
export interface Struck<Rule> {
  readonly rule: Rule;
  /** To be called when the request and all its effects are over. */
  over(): void;
}

export interface FaultBook<Rule extends FaultMatch> {
  add(rule: Rule): Fault;
  /**
   * The faults that strike this request, in the order of their making, up to the first that settles what becomes of
   * it. Counts as a hit of each.
   */
  strike(arrival: Arrival): readonly Struck<Rule>[];
  /** Those that can still strike. */
  list(): readonly { readonly id: string; readonly hits: number; readonly rule: Rule }[];
  /** `false` where there is no such fault. */
  lift(id: string): boolean;
  liftAll(): void;
}

interface Entry<Rule> {
  readonly id: string;
  readonly rule: Rule;
  readonly path: RegExp | undefined;
  readonly hit: PromiseWithResolvers<void>;
  readonly done: PromiseWithResolvers<void>;
  hits: number;
}

/**
 * `fraction` throws the dice for `share`: from 0 (included) to 1 (excluded). `settles` says of a rule whether no other
 * fault can strike after it.
 */
export function createFaultBook<Rule extends FaultMatch>(
  fraction: () => number,
  settles: (rule: Rule) => boolean,
): FaultBook<Rule> {
  const entries = new Map<string, Entry<Rule>>();
  let made = 0;

  return {
    add(rule) {
      made += 1;
      const entry: Entry<Rule> = {
        id: `fault-${made}`,
        rule,
        path: rule.path === undefined ? undefined : patternOf(rule.path),
        hit: Promise.withResolvers<void>(),
        done: Promise.withResolvers<void>(),
        hits: 0,
      };
      entries.set(entry.id, entry);
      return handleOf(entry, () => entries.delete(entry.id));
    },
    strike(arrival) {
      if (entries.size === 0) return [];
      const struck: Struck<Rule>[] = [];
      for (const entry of entries.values()) {
        if (!fits(entry, arrival) || (entry.rule.share !== undefined && fraction() >= entry.rule.share))
          continue;
        entry.hits += 1;
        if (entry.hits >= (entry.rule.times ?? Infinity)) entries.delete(entry.id);
        entry.hit.resolve();
        struck.push({ rule: entry.rule, over: entry.done.resolve });
        if (settles(entry.rule)) break;
      }
      return struck;
    },
    list: () => [...entries.values()].map(({ id, hits, rule }) => ({ id, hits, rule })),
    lift: (id) => entries.delete(id),
    liftAll: () => entries.clear(),
  };
}

function handleOf(entry: Entry<unknown>, lift: () => void): Fault {
  return {
    id: entry.id,
    get hits() {
      return entry.hits;
    },
    hit: entry.hit.promise,
    done: entry.done.promise,
    lift,
    [Symbol.dispose]: lift,
  };
}

function fits(entry: Entry<FaultMatch>, arrival: Arrival): boolean {
  const { operation, method, accountId, caller, credentialId } = entry.rule;
  return (
    (operation === undefined || operation === arrival.operation) &&
    (method === undefined || method.toUpperCase() === arrival.method) &&
    (accountId === undefined || accountId === arrival.accountId) &&
    (caller === undefined || caller === arrival.caller) &&
    (credentialId === undefined || credentialId === arrival.credentialId) &&
    (entry.path === undefined || entry.path.test(arrival.path))
  );
}

function patternOf(path: string): RegExp {
  return new RegExp(
    `^${path
      .split('*')
      .map((part) => RegExp.escape(part))
      .join('.*')}$`,
  );
}
