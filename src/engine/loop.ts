/**
 * The loop: claims what is due, works on it with bounded concurrency, and sleeps until the next instant that matters. Everything
 * else (requests, reloads, signals) only wakes it.
 */
import type { Credential, Fingerprint } from '../domain/credential.ts';
import type { AccountId, Claim } from '../ports/journal.ts';
import { JournalError } from '../ports/journal.ts';
import { createConditions } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import { createObserver } from './observer.ts';
import { createOthers } from './others.ts';
import type { Others } from './others.ts';
import type { Connections, EngineParts } from './parts.ts';
import { errorOf, messageOf } from './errors.ts';
import { openSession, StaleClaimError } from './session.ts';
import type { LatestShared, Session } from './session.ts';
import { createSharedHolds } from './shared-holds.ts';
import type { SharedHolds } from './shared-holds.ts';
import { createWallClock, SLEEP_MAX_MS } from './wall-clock.ts';
import type { WallClock } from './wall-clock.ts';
import { work } from './work.ts';
import type { Tools } from './work.ts';

/** Accounts claimed at once, at most. */
const CLAIM_MAX = 64;
/** How often is looked whether accounts may be claimed again that a reload keeps from it, in ms. */
const CHANGING_LOOK_MS = 500;
/** An account whose work ended in an error of ours is left alone for this long, in ms. */
const BROKEN_RETRY_MS = 60_000;

export interface Engine {
  /** Makes the loop look for work now. */
  wake(): void;
  /** When the loop last went round, on the clock that only goes forward; for `/livez`. */
  turnedAt(): number | undefined;
  /** Accounts that are being worked on. */
  busy(): number;
  /** Credentials whose value is in memory, in how many hands ever. */
  credentials(): number;
  /** Resolves when nothing is due at this instant any more and nothing is being worked on. */
  idle(): Promise<void>;
  /** Takes no more work and sends no more mints; what was minted is carried through for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
  /** Settles when the loop has ended; rejects with what ended it. */
  readonly ended: Promise<void>;
  readonly sharedHolds: SharedHolds;
  readonly others: Others;
  readonly conditions: Conditions;
}

interface Running {
  readonly session: Session;
  readonly provider: string;
  readonly done: Promise<void>;
}

/** Nothing is looked at or claimed before `begin` resolves; where it never does, nothing was begun. */
export async function startEngine(
  parts: EngineParts,
  installation: string,
  begin: Promise<void> = Promise.resolve(),
): Promise<Engine> {
  const stopping = new AbortController();
  const ending = new AbortController();
  const sharedHolds = await createSharedHolds(parts);
  const observer = createObserver({ signal: ending.signal, clock: parts.clock, journal: parts.journal });
  const others = createOthers({ ...parts, sharedHolds });
  const conditions = createConditions({ parts, sharedHolds });
  const wallClock = createWallClock(parts);
  const tools = { observer, others, sharedHolds, conditions, installation };
  const loop = new Loop(parts, { stopping, ending, wallClock }, tools);
  const ended = begin.then(() => loop.run());
  // What is kept for whoever asks next is let go of: its timer would hold the process for as long as it may be of use.
  const over = () => ending.abort(new Error('the loop has ended'));
  ended.then(over, over);
  return {
    wake: () => loop.wake(),
    turnedAt: () => loop.turnedAt,
    busy: () => loop.running.size,
    credentials: () => loop.credentials() + observer.credentials(),
    idle: () => loop.idle(),
    async stop(graceMs) {
      stopping.abort(new Error('the daemon is stopping'));
      loop.wake();
      using deadline = parts.clock.deadline(graceMs);
      deadline.signal.addEventListener('abort', () => ending.abort(new Error('the grace period is over')));
      await ended;
    },
    ended,
    sharedHolds,
    others,
    conditions,
  };
}

class Loop {
  /** By session: an account whose lease ran out may be claimed again while its old session still ends. */
  readonly running = new Set<Running>();
  turnedAt: number | undefined;
  readonly #parts: EngineParts;
  readonly #stopping: AbortController;
  readonly #ending: AbortController;
  readonly #wallClock: WallClock;
  readonly #tools: Tools;
  readonly #shared: LatestShared = { holds: [] };
  /** Credentials in memory between mint and confirm, by account. */
  readonly #values = new Map<AccountId, Map<Fingerprint, Credential>>();
  #woken = Promise.withResolvers<void>();
  #idle: PromiseWithResolvers<void>[] = [];
  #failed: Error | undefined;

  constructor(
    parts: EngineParts,
    {
      stopping,
      ending,
      wallClock,
    }: {
      readonly stopping: AbortController;
      readonly ending: AbortController;
      readonly wallClock: WallClock;
    },
    tools: Tools,
  ) {
    this.#parts = parts;
    this.#stopping = stopping;
    this.#ending = ending;
    this.#wallClock = wallClock;
    this.#tools = tools;
  }

  wake(): void {
    this.#woken.resolve();
  }

  credentials(): number {
    let sum = 0;
    for (const values of this.#values.values()) sum += values.size;
    return sum;
  }

  async idle(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#idle.push(waiting);
    this.wake();
    await waiting.promise;
  }

  async run(): Promise<void> {
    const { clock } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      this.#woken = Promise.withResolvers();
      this.turnedAt = clock.elapsed();
      try {
        // First: else a turn that comes late would take our own claims over.
        await this.#renew();
        await this.#wallClock.turn();
        const full = await this.#claim();
        if (!full) await this.#sleep();
      } catch (error) {
        this.#failed ??= errorOf(error);
      }
      // Nothing more is minted; what was minted is carried through before the failure ends the process.
      if (this.#failed !== undefined) this.#stopping.abort(this.#failed);
    }
    while (this.running.size > 0) {
      this.turnedAt = clock.elapsed();
      await Promise.race([...this.running].map(({ done }) => done));
    }
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** Claims what there is room for; true where there may be more. */
  async #claim(): Promise<boolean> {
    const { clock, journal, settings } = this.#parts;
    const limit = Math.min(CLAIM_MAX, settings.concurrency - this.running.size, this.#roomOfProviders());
    // Before the claims are asked for: they are of the policies that these were opened for.
    const connections = this.#parts.connections();
    if (limit <= 0 || connections.changing === true) return false;
    const { sharedHolds } = this.#tools;
    const asOf = sharedHolds.changes();
    const claims = await journal.claim({
      holder: settings.holder,
      now: clock.now(),
      leaseMs: settings.leaseMs,
      limit,
      exceptProviders: this.#fullProviders(),
    });
    const [first] = claims;
    if (first !== undefined) sharedHolds.learn(first.shared.holds, asOf);
    for (const claim of claims) this.#start(claim, connections);
    return claims.length === limit && this.running.size < settings.concurrency;
  }

  /** How many accounts may be claimed without knowing whose they are: the least room of providers that have any. */
  #roomOfProviders(): number {
    const { concurrencyPerProvider } = this.#parts.settings;
    const rooms = this.#countByProvider().map(([, count]) => concurrencyPerProvider - count);
    return Math.min(concurrencyPerProvider, ...rooms.filter((room) => room > 0));
  }

  #fullProviders(): string[] {
    const { concurrencyPerProvider } = this.#parts.settings;
    return this.#countByProvider().flatMap(([provider, count]) =>
      count >= concurrencyPerProvider ? [provider] : [],
    );
  }

  #countByProvider(): readonly (readonly [string, number])[] {
    if (this.running.size === 0) return [];
    const running = Map.groupBy(this.running, ({ provider }) => provider);
    return [...running].map(([provider, sessions]) => [provider, sessions.length]);
  }

  #start(claim: Claim, connections: Connections): void {
    const values = this.#values.get(claim.id) ?? new Map<Fingerprint, Credential>();
    this.#values.set(claim.id, values);
    const session = openSession({
      parts: this.#parts,
      connections,
      conditions: this.#tools.conditions,
      shared: this.#shared,
      claim,
      values,
      wallClock: this.#wallClock,
      stopSignal: this.#stopping.signal,
      endSignal: this.#ending.signal,
    });
    const done = this.#work(session).finally(() => {
      this.running.delete(running);
      // It is the account's: its next session may have begun with it before this one has quite ended.
      const isShared = [...this.running].some((other) => other.session.values === values);
      if (values.size === 0 && !isShared) this.#values.delete(claim.id);
      this.wake();
    });
    const running: Running = { session, provider: claim.policy.provider, done };
    this.running.add(running);
  }

  async #work(session: Session): Promise<void> {
    const { clock, telemetry } = this.#parts;
    try {
      await work(session, this.#tools);
    } catch (error) {
      if (error instanceof StaleClaimError) return;
      if (error instanceof JournalError) {
        this.#failed ??= error;
        return;
      }
      const stopped = this.#stopping.signal.aborted || this.#ending.signal.aborted;
      if (!stopped)
        telemetry.event('loop-failed', { account: session.claim.policy.name, message: messageOf(error) });
      await this.#giveBack(session, clock.now() + (stopped ? 0 : BROKEN_RETRY_MS));
    }
  }

  /** Gives the claim back after work on it was broken off; the record stands as it was last committed. */
  async #giveBack(session: Session, at: number): Promise<void> {
    try {
      await this.#parts.journal.release({
        account: session.claim.id,
        fence: session.claim.fence,
        dueAt: at,
        dueWhy: 'retry',
      });
    } catch (error) {
      this.#failed ??= errorOf(error);
    }
  }

  /** Lengthens the leases that are half over, so that no work loses its claim by taking long. */
  async #renew(): Promise<void> {
    const { clock, journal, settings } = this.#parts;
    const soon = clock.now() + settings.leaseMs / 2;
    const ageing = [...this.running].filter(({ session }) => session.leaseUntil < soon);
    if (ageing.length === 0) return;
    const leaseUntil = clock.now() + settings.leaseMs;
    const claims = ageing.map(({ session }) => ({ account: session.claim.id, fence: session.claim.fence }));
    const held = new Set(await journal.renew({ claims, leaseUntil }));
    for (const { session } of ageing) if (held.has(session.claim.id)) session.leaseUntil = leaseUntil;
  }

  async #sleep(): Promise<void> {
    const { clock, journal, settings } = this.#parts;
    const due = await journal.nextDueAt({ exceptProviders: this.#fullProviders() });
    const now = clock.now();
    if (this.running.size === 0 && (due === undefined || due > now)) {
      for (const waiting of this.#idle.splice(0)) waiting.resolve();
    }
    const room = this.running.size < settings.concurrency;
    const untilDue = due === undefined || !room ? SLEEP_MAX_MS : Math.max(0, due - now);
    const atMost = this.running.size === 0 ? SLEEP_MAX_MS : Math.min(SLEEP_MAX_MS, settings.leaseMs / 3);
    const changing = this.#parts.connections().changing === true;
    using deadline = clock.deadline(changing ? CHANGING_LOOK_MS : Math.min(untilDue, atMost));
    deadline.signal.addEventListener('abort', () => this.wake(), { once: true });
    await this.#woken.promise;
  }
}
