/**
 * The engine in a world of real parts: an SQLite journal, an emulated Kronup over HTTP and files on the disk. Only the clock stands
 * still: it moves when nothing is being worked on, or to wake what sleeps between two tries.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../src/domain/account.ts';
import type { Fact, FactKind, FactOf } from '../../src/domain/fact.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator, KronupEmulatorOptions } from '../../src/emulators/kronup/emulator.ts';
import { startEngine } from '../../src/engine/loop.ts';
import { createCallCounter, upkeep } from '../../src/engine/upkeep.ts';
import { createServiceClocks } from '../../src/engine/service-clocks.ts';
import type { ServiceClocks } from '../../src/engine/service-clocks.ts';
import type { Clock, ToldTime } from '../../src/ports/clock.ts';
import type { Engine } from '../../src/engine/loop.ts';
import type { EngineParts, EngineSettings } from '../../src/engine/parts.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { SqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { AccountRow, NewRequest, RequestDoes, RequestState } from '../../src/ports/journal.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Random } from '../../src/ports/random.ts';
import type { Store } from '../../src/ports/store.ts';
import type { EventKind, Measures, Telemetry } from '../../src/ports/telemetry.ts';
import { account, target } from '../builders/account.ts';
import { formatOf, openFiles, openKronup } from './engine-connections.ts';
import { FakeClock } from './fake-clock.ts';
import { seededRandom } from './fake-random.ts';
import { faultyStore, noFaults } from './faulty-store.ts';
import type { StoreFaults } from './faulty-store.ts';
import { mortal } from './mortal.ts';
import type { Life } from './mortal.ts';
import { MemoryConsumers } from './memory-consumers.ts';
import { OverlapService } from './overlap-service.ts';

export interface EngineWorld extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly kronup: KronupEmulator;
  /** A service whose accounts (`o1`, `o2`) can have several credentials at a time; the provider `overlap` speaks to it. */
  readonly overlap: OverlapService;
  readonly journal: SqliteJournal;
  readonly engine: Engine;
  readonly parts: EngineParts;
  /** Every committed fact, in order. */
  readonly facts: Fact[];
  readonly events: EventKind[];
  readonly measures: (Measures[keyof Measures] & { readonly kind: keyof Measures })[];
  readonly folder: string;
  /** What is wrong with the store `files`, and with a second one, `safe`. */
  readonly files: StoreFaults;
  readonly safe: StoreFaults;
  /** Who reads the targets: the connections `cluster` and `deploys` speak to them. */
  readonly consumers: MemoryConsumers;
  /** How often the loop has claimed accounts: shows loops that never rest. */
  readonly claims: number;
  /** An account of the emulator, as configured, with a file as its target. */
  account(index: number, changes?: Partial<Account>): Account;
  /** An account of `overlap`, as configured, with a file as its target. */
  overlapping(changes?: Partial<Account>): Account;
  /** Applies this configuration. */
  configure(...accounts: readonly Account[]): Promise<void>;
  /** Everything that is due is done, and nothing is being worked on. */
  settle(): Promise<void>;
  /** Moves the clock on in slices, letting everything that becomes due be done. */
  advance(ms: number): Promise<void>;
  /** The machine's clock alone is set, by this much; that of the services goes on. */
  setMachineClock(byMs: number): void;
  /** What a file target holds. */
  file(address: string, store?: 'files' | 'safe'): Promise<string | undefined>;
  /** Somebody else writes a file target. */
  put(address: string, text: string): Promise<void>;
  /** Somebody asks for something, which is then done. */
  ask(account: Account, does: RequestDoes, more?: Partial<NewRequest>): Promise<RequestState>;
  record(account: Account): Promise<AccountRecord>;
  factsOf<Kind extends FactKind>(kind: Kind): FactOf<Kind>[];
  /** The kinds of all facts, the oldest first. */
  factKinds(): FactKind[];
  /** Ends the engine and the journal in order, and starts them again on the same files. */
  restart(options?: { readonly loseJournal?: boolean }): Promise<void>;
  /** From now on nothing that the engine does has an effect or an answer, as if its process were killed. */
  kill(): void;
  /** Kills the engine at the moment at which this fact was committed. */
  killAt(kind: FactKind): void;
  /** Starts the engine again on the files of one that was killed. */
  revive(): Promise<void>;
  /** Called once, when the provider has the next mint and has not sent it. */
  onceMinting(act: () => Promise<void> | void): void;
  /** Called once, when the next mint has been answered and the engine does not know it yet. */
  onceMinted(act: () => Promise<void> | void): void;
}

export interface EngineWorldOptions {
  readonly emulator?: Partial<KronupEmulatorOptions>;
  readonly now?: string;
  readonly settings?: Partial<EngineSettings>;
  /** What has to be done now and then beside the accounts is done as well. */
  readonly upkeep?: boolean;
  /** Of the provider's configuration. */
  readonly provider?: Readonly<Record<string, unknown>>;
}

const REAL_TICK_MS = 5;
/** What sleeps for longer is not work that goes on. */
const NAP_MS_MAX = 5_000;
export const HOURLY = { pattern: '0 * * * *', zone: 'UTC' };
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

export async function engineWorld(options: EngineWorldOptions = {}): Promise<EngineWorld> {
  const clock = new FakeClock(options.now ?? '2026-01-05T00:00:30Z');
  const random = seededRandom();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-engine-'));
  await Promise.all(['files', 'safe'].map((name) => mkdir(join(folder, name))));
  const machine = { aheadMs: 0, clocks: createServiceClocks(clock) };
  const theirs: Clock = {
    now: () => clock.now() - machine.aheadMs,
    elapsed: () => clock.elapsed(),
    sleep: (ms, more) => clock.sleep(ms, more),
    deadline: (ms, parent) => clock.deadline(ms, parent),
  };
  const kronup = await startKronupEmulator({ clock: theirs, random, accounts: 3, ...options.emulator });
  const onTime = (told: ToldTime) => machine.clocks.told('provider kronup', told);
  const provider = await openKronup(kronup, clock, { config: options.provider, onTime });
  const files = await openFiles('files', join(folder, 'files'), clock);
  const safe = await openFiles('safe', join(folder, 'safe'), clock);
  const world = new World({
    clock,
    random,
    folder,
    kronup,
    provider,
    files,
    safe,
    machine,
    upkeep: options.upkeep === true,
    settings: options.settings,
  });
  await world.open();
  return world;
}

interface WorldParts {
  readonly clock: FakeClock;
  readonly random: Random;
  readonly folder: string;
  readonly kronup: KronupEmulator;
  readonly provider: Provider;
  readonly files: Store;
  readonly safe: Store;
  /** How far its clock is ahead of that of the services, and what they have told of theirs. */
  readonly machine: { aheadMs: number; clocks: ServiceClocks };
  readonly upkeep: boolean;
  readonly settings: Partial<EngineSettings> | undefined;
}

class World implements EngineWorld {
  readonly clock: FakeClock;
  readonly kronup: KronupEmulator;
  readonly overlap: OverlapService;
  readonly folder: string;
  readonly facts: Fact[] = [];
  readonly events: EventKind[] = [];
  readonly measures: EngineWorld['measures'] = [];
  readonly files = noFaults();
  readonly safe = noFaults();
  readonly consumers: MemoryConsumers;
  claims = 0;
  journal!: SqliteJournal;
  engine!: Engine;
  parts!: EngineParts;
  readonly #given: WorldParts;
  #life: Life = { ended: false };
  #upkeepEnds: AsyncDisposable | undefined;
  #killing: FactKind | undefined;
  #onceMinting: (() => Promise<void> | void) | undefined;
  #onceMinted: (() => Promise<void> | void) | undefined;

  constructor(given: WorldParts) {
    this.#given = given;
    this.clock = given.clock;
    this.kronup = given.kronup;
    this.overlap = new OverlapService(given.clock, ['o1', 'o2']);
    this.consumers = new MemoryConsumers(() => given.clock.now());
    this.folder = given.folder;
  }

  async open(): Promise<void> {
    const { clock, folder } = this;
    this.#given.machine.clocks = createServiceClocks(clock);
    this.#life = { ended: false };
    this.#killing = undefined;
    const holder = { host: 'test', pid: 1 };
    this.journal = await openSqliteJournal({ path: join(folder, 'journal.db'), clock, holder });
    this.parts = this.#partsOf(this.#life);
    this.engine = await startEngine(this.parts, 'test');
    this.#upkeepEnds = this.#given.upkeep ? this.#startUpkeep() : undefined;
  }

  #startUpkeep(): AsyncDisposable {
    const stopping = new AbortController();
    const calls = createCallCounter(this.parts);
    const ended = upkeep(this.parts, { engine: this.engine, calls, signal: stopping.signal });
    return {
      async [Symbol.asyncDispose]() {
        stopping.abort(new Error('stopped'));
        await ended;
      },
    };
  }

  #partsOf(life: Life): EngineParts {
    const { clock } = this;
    const { random, settings } = this.#given;
    const kronup = mortal(life, this.#provider());
    const overlap = mortal(life, this.overlap.provider());
    const files = mortal(life, faultyStore(this.#given.files, this.files));
    const safe = mortal(life, faultyStore(this.#given.safe, this.safe));
    const cluster = mortal(life, this.consumers.connection('cluster'));
    const deploys = mortal(life, this.consumers.connection('deploys'));
    return {
      clock,
      random,
      telemetry: this.#telemetry(life),
      clocks: this.#given.machine.clocks,
      journal: counting(mortal(life, this.journal), () => this.claims++),
      connections: () => ({
        provider: (name) => ({ kronup, overlap })[name],
        store: (name) => ({ files, safe })[name],
        providers: ['kronup', 'overlap'],
        stores: ['files', 'safe'],
        consumer: (name) => ({ cluster, deploys })[name],
        consumers: ['cluster', 'deploys'],
      }),
      formatOf,
      settings: {
        holder: 'test',
        runningSince: clock.now(),
        concurrency: 8,
        concurrencyPerProvider: 8,
        leaseMs: 120_000,
        parkAfter: 5,
        historyMs: 90 * 86_400_000,
        ...settings,
      },
    };
  }

  #telemetry(life: Life): Telemetry {
    return {
      fact: (_subject, fact) => {
        if (life.ended) return;
        this.facts.push(fact);
        life.ended = fact.kind === this.#killing;
      },
      event: (kind) => void this.events.push(kind),
      measure: (kind, measure) => void this.measures.push({ kind, ...measure }),
      failure: () => undefined,
    };
  }

  #provider(): Provider {
    const { provider } = this.#given;
    return {
      ...provider,
      mint: async (ref, given) => {
        const waiting = this.#onceMinting;
        this.#onceMinting = undefined;
        await waiting?.();
        const result = await provider.mint(ref, given);
        const act = this.#onceMinted;
        this.#onceMinted = undefined;
        await act?.();
        return result;
      },
    };
  }

  account(index: number, changes?: Partial<Account>): Account {
    const { kronup } = this;
    const emulated = kronup.accounts[index];
    if (emulated === undefined) throw new Error(`the emulator has no account ${index}`);
    return account({ name: emulated.name, origin: kronup.origin, accountIds: [emulated.id], ...changes });
  }

  overlapping(changes?: Partial<Account>): Account {
    const name = changes?.name ?? 'shipping';
    return account({
      name,
      provider: 'overlap',
      origin: this.overlap.origin,
      accountIds: ['o1'],
      strategy: 'overlap',
      targets: [target(`files:${name}/client`, { format: { kind: 'json', options: {} } })],
      ...changes,
    });
  }

  async configure(...accounts: readonly Account[]): Promise<void> {
    const hashed = accounts.map((policy) => ({ policy, hash: JSON.stringify(policy) }));
    const file = { path: 'test', hash: JSON.stringify(hashed), accounts: [hashed] };
    await this.journal.apply([file], this.clock.now());
    this.engine.wake();
  }

  async settle(): Promise<void> {
    const { engine, clock } = this;
    let done = false;
    const idle = engine.idle().then(() => {
      done = true;
    });
    const goesOn = () => !done && !this.#life.ended;
    while (goesOn()) {
      await Promise.race([idle, realTick(), engine.ended.then(() => Promise.reject(new Error('ended')))]);
      // Whoever sleeps between two tries while work goes on is woken; deadlines are not.
      if (goesOn() && engine.busy() > 0) await clock.wakeSleepers(NAP_MS_MAX);
    }
  }

  async advance(ms: number): Promise<void> {
    const { clock } = this;
    const end = clock.now() + ms;
    await this.settle();
    while (clock.now() < end && !this.#life.ended) {
      const due = (await this.journal.nextDueAt()) ?? end;
      await clock.advance(Math.max(1, Math.min(due, end) - clock.now()));
      this.engine.wake();
      await this.settle();
    }
  }

  setMachineClock(byMs: number): void {
    this.clock.jump(byMs);
    this.#given.machine.aheadMs += byMs;
  }

  async file(address: string, store: 'files' | 'safe' = 'files'): Promise<string | undefined> {
    return readFile(join(this.folder, store, address), 'utf8').catch(() => undefined);
  }

  async put(address: string, text: string): Promise<void> {
    const path = join(this.folder, 'files', address);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    await writeFile(path, text, { mode: 0o600 });
  }

  async ask(policy: Account, does: RequestDoes, more: Partial<NewRequest> = {}): Promise<RequestState> {
    const { id: accountId } = await this.#row(policy);
    const id = this.#given.random.id(this.clock.now());
    const request = { id, account: accountId, does, cause: { actor: 'person' }, ...more };
    await this.journal.request([request], this.clock.now());
    this.engine.wake();
    await this.settle();
    const state = await this.journal.requestState(request.id);
    if (state === undefined) throw new Error('the request is not known');
    return state;
  }

  async record(policy: Account): Promise<AccountRecord> {
    return (await this.#row(policy)).record;
  }

  async #row(policy: Account): Promise<AccountRow> {
    const row = await this.journal.account(policy.name);
    if (row === undefined) throw new Error(`the journal has no account ${policy.name}`);
    return row;
  }

  factsOf<Kind extends FactKind>(kind: Kind): FactOf<Kind>[] {
    return this.facts.filter((fact): fact is FactOf<Kind> => fact.kind === kind);
  }

  factKinds(): FactKind[] {
    return this.facts.map(({ kind }) => kind);
  }

  async restart({ loseJournal = false }: { readonly loseJournal?: boolean } = {}): Promise<void> {
    await this.engine.stop(60_000);
    await this.#upkeepEnds?.[Symbol.asyncDispose]();
    await this.journal[Symbol.asyncDispose]();
    if (loseJournal) await rm(join(this.folder, 'journal.db'));
    await this.open();
  }

  kill(): void {
    this.#life.ended = true;
  }

  killAt(kind: FactKind): void {
    this.#killing = kind;
  }

  async revive(): Promise<void> {
    await this.journal[Symbol.asyncDispose]();
    await this.open();
  }

  onceMinting(act: () => Promise<void> | void): void {
    this.#onceMinting = act;
  }

  onceMinted(act: () => Promise<void> | void): void {
    this.#onceMinted = act;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#life.ended) await this.engine.stop(60_000).catch(() => undefined);
    if (!this.#life.ended) await this.#upkeepEnds?.[Symbol.asyncDispose]();
    await this.journal[Symbol.asyncDispose]();
    await this.#given.provider[Symbol.asyncDispose]();
    await this.kronup[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function counting(journal: SqliteJournal, onClaim: () => void): SqliteJournal {
  return new Proxy(journal, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const answer: unknown = Reflect.apply(value, target, given);
        if (name === 'claim' && answer instanceof Promise) {
          return answer.then((found: readonly unknown[]) => {
            if (found.length > 0) onClaim();
            return found;
          });
        }
        return answer;
      };
    },
  });
}

function realTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REAL_TICK_MS));
}
