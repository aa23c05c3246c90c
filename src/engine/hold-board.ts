/** The holds that accounts share, as this process knows them: written to the journal when they come and go. */
import { HOLDS } from '../domain/hold.ts';
import type { Hold, HoldKind } from '../domain/hold.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Connections } from './parts.ts';

type Configured = Pick<Connections, 'providers' | 'stores'>;

export interface HoldBoard {
  /**
   * From now on only these are configured: the holds of others are lifted, and none is set for them. Those of consumers are lifted that
   * no account waits for.
   */
  follow(configured: Configured): Promise<void>;
  /**
   * What the journal shows in force: another process may have set and lifted holds. `asOf` is what `changes` answered before the
   * journal was asked; what this process has set or lifted since then is newer.
   */
  learn(holds: readonly Hold[], asOf: number): void;
  /** Counts what this process sets and lifts. */
  changes(): number;
  /** Sets a hold, or notes that it ends at another time. Answers whether it is new. */
  put(hold: Hold): Promise<boolean>;
  /** Answers for how long it was held, in ms; `undefined` where it was not. */
  lift(kind: HoldKind, subject: string): Promise<number | undefined>;
  /** The hold of this kind, as far as this process knows. */
  current(kind: HoldKind, subject: string): Hold | undefined;
  /** All holds of this kind. */
  all(kind: HoldKind): readonly Hold[];
}

/** The end of a hold is noted anew where it has moved by more than this, in ms. */
const UNTIL_STEP_MS = 1_000;

export async function createHoldBoard({
  journal,
  clock,
}: {
  readonly journal: Journal;
  readonly clock: Clock;
}): Promise<HoldBoard> {
  const keyOf = (kind: HoldKind, subject: string) => `${kind} ${subject}`;
  /** What the journal holds, as far as this process knows: spares a write for every accepted call. */
  const current = new Map<string, Hold>();
  let changes = 0;
  let configured: Configured | undefined;

  /** Whoever still works with one that left would otherwise hold it for ever: nothing could lift that. */
  function isGone(kind: HoldKind, subject: string): boolean {
    // That one is a person's to lift, also where its provider left.
    if (configured === undefined || kind === 'frozen') return false;
    const { scope } = HOLDS[kind];
    if (scope === 'store') return !configured.stores.includes(subject);
    return scope === 'provider' && !configured.providers.includes(subject);
  }

  function learn(holds: readonly Hold[], asOf: number): void {
    if (asOf !== changes) return;
    current.clear();
    for (const hold of holds) current.set(keyOf(hold.kind, hold.subject), hold);
  }

  /** Counted before and after: what the journal shows in between is not certain to have it. */
  async function change<T>(write: Promise<T>): Promise<void> {
    changes++;
    await write;
    changes++;
  }

  async function lift(kind: HoldKind, subject: string): Promise<number | undefined> {
    const key = keyOf(kind, subject);
    const hold = current.get(key);
    if (hold === undefined) return undefined;
    current.delete(key);
    await change(journal.lift(kind, subject, clock.now()));
    return Math.max(0, clock.now() - hold.since);
  }

  learn((await journal.shared()).holds, changes);
  return {
    learn,
    changes: () => changes,
    async follow(now) {
      configured = now;
      for (const { kind, subject } of current.values()) {
        const unnamed = HOLDS[kind].scope === 'consumer' && !(await journal.isWaitedFor(subject));
        if (unnamed || isGone(kind, subject)) await lift(kind, subject);
      }
    },
    async put(hold) {
      const key = keyOf(hold.kind, hold.subject);
      const known = current.get(key);
      if (isGone(hold.kind, hold.subject)) return false;
      const sameEnd = Math.abs((known?.until ?? 0) - (hold.until ?? 0)) < UNTIL_STEP_MS;
      if (known !== undefined && sameEnd) return false;
      current.set(key, hold);
      await change(journal.hold(hold));
      return known === undefined;
    },
    lift,
    current: (kind, subject) => current.get(keyOf(kind, subject)),
    all: (kind) => [...current.values()].filter((hold) => hold.kind === kind),
  };
}
