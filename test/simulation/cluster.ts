/** Whoever reads targets, as they really are, and the port to them as one process sees it through the network. */
import type { ConsumerAction, ConsumerId, Progress } from '../../src/domain/consumer.ts';
import { consumerId } from '../../src/domain/consumer.ts';
import { failed, succeeded } from '../../src/domain/failure.ts';
import type { Failure, FailureKind, Result } from '../../src/domain/failure.ts';
import type { ConsumerConnection, Refresh } from '../../src/ports/consumer.ts';
import type { TargetId } from '../../src/domain/target.ts';
import type { Dice } from './dice.ts';
import type { Host } from './host.ts';
import { travel } from './network.ts';
import { MINUTE_MS } from './plan.ts';
import type { World } from './world.ts';

export const CLUSTER = 'cluster';
export const HOOKS = 'hooks';
const LIMIT_MS = 15_000;
/** What is dated further ahead, by a clock that is wrong, says nothing. */
const AHEAD_MS_MAX = 5 * MINUTE_MS;
const CALM_MS = 30_000;

/** One time that a consumer was made to read anew. Instants are true, but for `stamp`. */
export interface Reading {
  readonly does: ConsumerAction;
  /** Of a call: what for. */
  readonly target: TargetId | undefined;
  /** What is written down of it: the need as whoever asked for it dated it. */
  readonly stamp: number;
  readonly token: string | undefined;
  readonly begunAt: number;
  /** From when on all of it uses what it has read. */
  readyAt: number;
  /** It says so of itself until then, from this instant on; by itself it may never become well. */
  ill: { readonly from: number; to: number } | undefined;
}

/** All consumers of a world, by their ids. */
export class Cluster {
  readonly readings = new Map<ConsumerId, Reading[]>();
  readonly #world: World;
  readonly #dice: Dice;

  constructor(world: World, dice: Dice) {
    this.#world = world;
    this.#dice = dice;
  }

  newest(id: ConsumerId): Reading | undefined {
    return this.readings.get(id)?.at(-1);
  }

  begin(id: ConsumerId, given: Pick<Reading, 'does' | 'target' | 'stamp' | 'token'>): Reading {
    const { now } = this.#world.timeline;
    const takesTime = given.does !== 'webhook';
    const reading: Reading = {
      ...given,
      begunAt: now,
      readyAt: now + (takesTime ? this.#lastsMs() : 0),
      ill: undefined,
    };
    if (takesTime && !this.#world.isCalm && this.#dice.chance(0.2)) this.#fallIll(id, reading);
    this.readings.set(id, [...(this.readings.get(id) ?? []), reading]);
    return reading;
  }

  /** Somebody does it by hand. */
  restart(id: ConsumerId): void {
    this.#world.trace.add('person', () => `makes ${id} read anew`);
    const stamp = this.#world.timeline.now;
    this.begin(id, { does: 'restart', target: undefined, stamp, token: undefined });
  }

  /** Whatever goes on is soon through. */
  calm(): void {
    const soon = this.#world.timeline.now + CALM_MS;
    for (const reading of [...this.readings.values()].flat()) {
      reading.readyAt = Math.min(reading.readyAt, soon);
      if (reading.ill !== undefined) reading.ill.to = Math.min(reading.ill.to, soon);
    }
  }

  #lastsMs(): number {
    if (this.#world.isCalm) return CALM_MS;
    return this.#dice.pick([5_000, 20_000, 20_000, 60_000, 60_000, 4 * MINUTE_MS, 8 * MINUTE_MS]);
  }

  /** For a while, or until a person sees to it. */
  #fallIll(id: ConsumerId, reading: Reading): void {
    const { timeline, trace } = this.#world;
    const from = timeline.now + 2_000;
    const needsPerson = this.#dice.chance(0.4);
    const to = needsPerson ? Number.POSITIVE_INFINITY : from + this.#dice.between(1, 12) * MINUTE_MS;
    reading.ill = { from, to };
    if (!needsPerson) reading.readyAt = Math.max(reading.readyAt, to);
    else reading.readyAt = from;
    if (!needsPerson) return;
    timeline.after(this.#dice.between(10, 40) * MINUTE_MS, () => {
      trace.add('person', () => `makes ${id} well`);
      if (reading.ill !== undefined) reading.ill.to = Math.min(reading.ill.to, timeline.now);
    });
  }
}

/** What becomes of a reading. */
export function isThrough({ readyAt, ill }: Reading, now: number): boolean {
  return readyAt <= now && !(ill !== undefined && ill.from <= now && now < ill.to);
}

/**
 * A clock that was ahead dated it, for another target, and not before this need: it is taken for the one that this need asks for. Of what
 * was asked for this target itself the engine knows.
 */
export function isDatedAhead(
  { does, stamp, target, begunAt }: Reading,
  need: { readonly target: TargetId; readonly neededAt: number | undefined },
): boolean {
  if (does === 'webhook' || target === undefined || target === need.target) return false;
  return need.neededAt !== undefined && stamp > begunAt && stamp >= need.neededAt;
}

export function consumersFor(world: World, host: Host, name: string): ConsumerConnection {
  return new SimulatedConsumers(world, host, name);
}

class SimulatedConsumers implements ConsumerConnection {
  readonly name: string;
  readonly kind = 'simulated';
  readonly timeLimitMs = LIMIT_MS;
  readonly #world: World;
  readonly #host: Host;

  constructor(world: World, host: Host, name: string) {
    this.#world = world;
    this.#host = host;
    this.name = name;
  }

  refresh(refresh: Refresh, { signal }: { readonly signal: AbortSignal }): Promise<Result<Progress>> {
    const id = consumerId({ connection: this.name, ...refresh });
    const { does, target } = refresh;
    // A workload and what is synchronised show for which need they were begun last: what comes late is not begun again.
    const wasNeeded = does === 'webhook' && this.#world.watch.refreshes.isNeeded({ id, target });
    return this.#ask(`refresh ${id}`, signal, () => this.#refresh(id, refresh, wasNeeded));
  }

  preflight(
    { does, address }: { readonly does: ConsumerAction; readonly address: string },
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Result<string>> {
    return this.#ask(`preflight ${address}`, signal, () => this.#refused() ?? succeeded(`may ${does}`));
  }

  whoAmI({ signal }: { readonly signal: AbortSignal }): Promise<Result<string>> {
    return this.#ask('who am I', signal, () => succeeded('somebody simulated'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #refresh(id: ConsumerId, refresh: Refresh, wasNeeded: boolean): Result<Progress> {
    const { cluster, watch, timeline, trace } = this.#world;
    if (cluster === undefined) throw new Error('nobody reads targets here');
    const refused = this.#refused();
    if (refused !== undefined) return refused;
    const begun = this.#begunFor(id, refresh);
    const { does, target, token, neededAt } = refresh;
    const reading = begun ?? cluster.begin(id, { does, target, stamp: neededAt, token });
    if (begun === undefined) {
      trace.add(this.name, () => `${this.#host.name} makes ${id} read anew`);
      watch.refreshes.begun(this.#host, { id, target, neededAt }, wasNeeded);
    }
    const { now } = timeline;
    if (isThrough(reading, now)) {
      const at = this.#host.clock.now() - (now - reading.readyAt);
      return succeeded({ state: 'through', at });
    }
    const isIll = reading.ill !== undefined && reading.ill.from <= now && now < reading.ill.to;
    return succeeded({
      state: isIll ? 'unhealthy' : 'under-way',
      why: isIll ? 'it says that it failed' : '1 of 3 pods is updated',
    });
  }

  /** The newest reading counts, whoever began it; of calls, the one for this very need. */
  #begunFor(id: ConsumerId, { does, neededAt, token }: Refresh): Reading | undefined {
    const { cluster } = this.#world;
    if (does === 'webhook') return cluster?.readings.get(id)?.find((one) => one.token === token);
    const newest = cluster?.newest(id);
    if (newest === undefined || newest.stamp < neededAt) return undefined;
    return newest.stamp <= this.#host.clock.now() + AHEAD_MS_MAX ? newest : undefined;
  }

  #refused(): { readonly ok: false; readonly failure: Failure } | undefined {
    if (this.#world.storeTroubles(this.name).readOnly !== true) return undefined;
    const where = `the consumers of ${this.name}`;
    return failed('consumer-refused', `${where} may not be refreshed now: forbidden; see to the rights`);
  }

  async #ask<T>(what: string, signal: AbortSignal, effect: () => Result<T>): Promise<Result<T>> {
    const { trace, conditions } = this.#world;
    trace.add(this.#host.name, () => `asks the consumers: ${what}`);
    const result = await travel(this.#world, this.#host, {
      conditions: conditions(this.name),
      limitMs: this.timeLimitMs,
      signal,
      effect,
      onTimeout: () =>
        failed('consumer-unavailable', `no answer of ${this.name} within the time limit; it is asked again`),
      onAbort: (reason) => {
        throw reason;
      },
      failed: (failure) => ({ ...failure, kind: kindOf(failure) }),
    });
    trace.add(
      this.#host.name,
      () =>
        `hears from the consumers: ${what}: ${result.ok ? JSON.stringify(result.value) : result.failure.kind}`,
    );
    return result;
  }
}

/** To ask again is safe: there is no word for what is unknown. */
function kindOf({ kind }: Failure): FailureKind {
  return kind === 'no-answer' ? 'consumer-unavailable' : kind;
}
