/** The engine of an engine world while it runs: opened, asked, killed, and opened again on the same files. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../../src/domain/account.ts';
import type { Fact, FactKind, FactOf } from '../../src/domain/fact.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { startEngine } from '../../src/engine/loop.ts';
import { createCallCounter, upkeep } from '../../src/engine/upkeep.ts';
import { createServiceClocks } from '../../src/engine/service-clocks.ts';
import type { ServiceClocks } from '../../src/engine/service-clocks.ts';
import type { Engine } from '../../src/engine/loop.ts';
import type { EngineParts, EngineSettings } from '../../src/engine/parts.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { SqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { AccountRow, NewRequest, RequestDoes, RequestState } from '../../src/ports/journal.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Random } from '../../src/ports/random.ts';
import type { Store } from '../../src/ports/store.ts';
import type { EventKind, Telemetry } from '../../src/ports/telemetry.ts';
import { account, target } from '../builders/account.ts';
import { formatOf } from './engine-connections.ts';
import type { FakeClock } from './fake-clock.ts';
import { faultyStore, noFaults } from './faulty-store.ts';
import { mortal } from './mortal.ts';
import type { Life } from './mortal.ts';
import { MemoryConsumers } from './memory-consumers.ts';
import { OverlapService } from './overlap-service.ts';
import type { EngineWorld } from './engine-world.ts';
import { aroundMints, countingClaims } from './watched-parts.ts';
import type { MintHooks } from './watched-parts.ts';

const REAL_TICK_MS = 5;
/** What sleeps for longer is not work that goes on. */
const NAP_MS_MAX = 5_000;

export interface WorldParts {
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

export class World implements EngineWorld {
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
  readonly #hooks: MintHooks = {};

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
    const kronup = mortal(life, aroundMints(this.#given.provider, this.#hooks));
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
      journal: countingClaims(mortal(life, this.journal), () => this.claims++),
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
    this.#hooks.before = act;
  }

  onceMinted(act: () => Promise<void> | void): void {
    this.#hooks.after = act;
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

function realTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REAL_TICK_MS));
}
