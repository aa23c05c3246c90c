/** One machine and the processes that run on it, one after the other: started, stopped, killed, and started again. */
import { createFreezing } from '../../src/engine/freezing.ts';
import { startEngine } from '../../src/engine/loop.ts';
import type { Engine } from '../../src/engine/loop.ts';
import type { EngineParts } from '../../src/engine/parts.ts';
import { createServiceClocks } from '../../src/engine/service-clocks.ts';
import { createCallCounter, upkeep } from '../../src/engine/upkeep.ts';
import type { Journal } from '../../src/ports/journal.ts';
import { JournalError } from '../../src/ports/journal-error.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { CLUSTER, consumersFor, HOOKS } from './cluster.ts';
import { formatOf } from './formats.ts';
import { Host } from './host.ts';
import type { HostClock } from './host.ts';
import { PROVIDER, providerFor } from './provider.ts';
import { storeFor } from './store.ts';
import type { World } from './world.ts';

/** The time that a stop may take, in ms: more than a mint and two writes can. */
const GRACE_MS = 75_000;

export class Replica {
  readonly name: string;
  readonly clock: HostClock;
  host: Host | undefined;
  #engine: Engine | undefined;
  #journal: Journal | undefined;
  #lives = 0;
  readonly #world: World;

  constructor(world: World, name: string, clock: HostClock) {
    this.#world = world;
    this.name = name;
    this.clock = clock;
  }

  get isRunning(): boolean {
    return this.host?.state === 'running' && this.#engine !== undefined;
  }

  /** A new process; where one at a time can have the journal, the last one is gone already. */
  start(): void {
    if (this.#world.isOff || (this.host !== undefined && this.host.state !== 'dead')) return;
    const { timeline, dice } = this.#world;
    const host = new Host(`${this.name}.${++this.#lives}`, timeline, this.clock);
    this.host = host;
    this.clock.owner = host;
    this.#world.trace.add(host.name, () => 'starts');
    const { crashAfter } = this.#world;
    if (crashAfter > 0 && dice.chance(0.9)) this.#disturb(host, dice.between(1, crashAfter));
    host.after(0, () => void this.#run(host));
  }

  /** What happens to it at this answer: it dies in place of it, gets a signal just after it, or stands still. */
  #disturb(host: Host, answer: number): void {
    const { dice, timeline } = this.#world;
    const how = dice.pick(['dies', 'dies', 'dies', 'stops', 'stands still']);
    host.atAnswer(answer, (run) => {
      if (this.#world.isCalm) {
        run();
        return;
      }
      if (how === 'dies') {
        this.crash('instead of hearing an answer');
        return;
      }
      run();
      if (how === 'stops') this.terminate();
      else {
        this.pause();
        timeline.after(dice.pick([5_000, 20_000, 70_000, 150_000]), () => {
          if (this.host === host) this.resume();
        });
      }
    });
  }

  /** The process is killed: nothing comes back to it, and what it has asked for happens or not. */
  crash(why: string): void {
    const { host } = this;
    if (host === undefined || host.state === 'dead') return;
    this.#world.trace.add(host.name, () => `dies ${why}`);
    this.#end(host);
    this.#world.startLater(this);
  }

  pause(): void {
    this.#world.trace.add(this.host?.name ?? this.name, () => 'stands still');
    this.host?.pause();
  }

  resume(): void {
    if (this.host?.state !== 'paused') return;
    this.#world.trace.add(this.host.name, () => 'goes on');
    this.host.resume();
  }

  /** SIGTERM. */
  terminate(): void {
    const { host } = this;
    const engine = this.#engine;
    if (host === undefined || engine === undefined || !this.isRunning) return;
    this.#world.trace.add(host.name, () => 'gets SIGTERM');
    this.#engine = undefined;
    host.after(0, () => {
      this.#world.watch.stopping(host);
      const ended = () => {
        this.#world.trace.add(host.name, () => 'has stopped');
        if (host.state !== 'dead') this.#end(host);
        this.#world.startLater(this);
      };
      engine.stop(GRACE_MS).then(ended, ended);
    });
  }

  /** Makes the daemon read the configuration again. */
  reload(): void {
    const { host } = this;
    const engine = this.#engine;
    const journal = this.#journal;
    if (host === undefined || engine === undefined || journal === undefined) return;
    host.after(0, () => {
      void this.#apply(journal).then(
        () => engine.wake(),
        () => undefined,
      );
    });
  }

  /** The journal as this process has it open, for what people ask of it. */
  get journal(): Journal | undefined {
    return this.isRunning ? this.#journal : undefined;
  }

  /** Somebody asks this process to freeze the provider, or to lift that. */
  async freeze(does: 'freeze' | 'unfreeze'): Promise<void> {
    const { host, journal } = this;
    if (host === undefined || journal === undefined) return;
    const freezing = createFreezing({
      journal,
      clock: this.clock,
      telemetry: telemetryFor(this.#world, host),
    });
    await freezing[does](PROVIDER, { actor: 'person' });
    this.wake();
  }

  wake(): void {
    this.#engine?.wake();
  }

  #end(host: Host): void {
    host.die();
    this.#engine = undefined;
    this.#journal = undefined;
    this.#world.journal.died(host, { atOnce: this.#world.plan.replicas === 1 });
  }

  async #run(host: Host): Promise<void> {
    const world = this.#world;
    try {
      if (world.plan.replicas === 1) world.journal.releaseAll(this.clock.now());
      const journal = world.breakage.journal?.(world.journal.openFor(host)) ?? world.journal.openFor(host);
      const applied = await this.#apply(journal);
      const parts = this.#parts(host, journal);
      const engine = await startEngine(parts, 'sim');
      this.#engine = engine;
      this.#journal = journal;
      // The file was changed while the daemon started: who watches it compares it with what was loaded.
      if (this.#world.config().hash !== applied) this.reload();
      const calls = createCallCounter({ journal });
      const stopping = new AbortController();
      upkeep(parts, { engine, calls, signal: stopping.signal }).catch((error: unknown) =>
        this.#failed(host, error),
      );
      await engine.ended;
    } catch (error) {
      this.#failed(host, error);
    }
  }

  /** What ends a process by itself: only the loss of its journal may. */
  #failed(host: Host, error: unknown): void {
    if (host.state === 'dead') return;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#world.watch.told('an error', () => message);
    if (!(error instanceof JournalError)) this.#world.watch.verdicts.fail('run', message);
    this.crash('because its journal failed');
  }

  /** Answers the hash of what was applied. */
  async #apply(journal: Journal): Promise<string> {
    const { hash, accounts } = this.#world.config();
    const file = { path: 'rekeyd.yaml', hash };
    const configured = accounts.map((policy) => ({ policy, hash: JSON.stringify(policy) }));
    const whole = { ...file, accounts: [configured] };
    const applied = await journal.appliedFiles();
    const now = this.clock.now();
    if (applied.get(file.path) !== hash) await journal.apply([whole], now);
    // Another replica may just be applying it: then it is applied once more.
    else await journal.apply([file], now).catch(() => journal.apply([whole], now));
    return hash;
  }

  #parts(host: Host, journal: Journal): EngineParts {
    const world = this.#world;
    const { plan, breakage } = world;
    const clocks = createServiceClocks(this.clock);
    const provider = providerFor(world, host, clocks);
    const given = breakage.provider?.(provider) ?? provider;
    const stores = new Map(
      plan.stores.map(({ name }) => {
        const store = storeFor(world, host, world.shelf(name));
        return [name, breakage.store?.(store) ?? store];
      }),
    );
    const names = world.cluster === undefined ? [] : [CLUSTER, HOOKS];
    const consumers = new Map(
      names.map((name) => {
        const connection = consumersFor(world, host, name);
        return [name, breakage.consumers?.(connection) ?? connection];
      }),
    );
    const connections = {
      provider: (name: string) => (name === PROVIDER ? given : undefined),
      store: (name: string) => stores.get(name),
      providers: [PROVIDER],
      stores: [...stores.keys()],
      consumer: (name: string) => consumers.get(name),
      consumers: names,
    };
    const parts: EngineParts = {
      clock: this.clock,
      clocks,
      random: world.dice.fork(),
      journal,
      telemetry: telemetryFor(world, host),
      connections: () => connections,
      formatOf,
      settings: {
        holder: host.name,
        runningSince: this.clock.now(),
        concurrency: plan.concurrency,
        concurrencyPerProvider: plan.concurrency,
        leaseMs: plan.leaseMs,
        parkAfter: plan.parkAfter,
        historyMs: 90 * 86_400_000,
      },
    };
    return breakage.parts?.(parts) ?? parts;
  }
}

/** Everything that is told is searched for credentials; an error of the engine's own ends the history. */
function telemetryFor(world: World, host: Host): Telemetry {
  return {
    fact: () => undefined,
    event(kind, body) {
      const text = () => JSON.stringify(body);
      world.trace.add(host.name, () => `tells: ${kind} ${text()}`);
      world.watch.told('an event', text);
      if (kind === 'loop-failed') world.watch.verdicts.fail('run', `${host.name}: ${text()}`);
    },
    measure: () => undefined,
    failure: (where, failure) => world.watch.told('a failure', () => JSON.stringify([where, failure])),
  };
}
