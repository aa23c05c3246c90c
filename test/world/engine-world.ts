/**
 * The engine in a world of real parts: an SQLite journal, an emulated Kronup over HTTP and files on the disk. Only the clock stands
 * still: it moves when nothing is being worked on, or to wake what sleeps between two tries.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../src/domain/account.ts';
import type { Fact } from '../../src/domain/fact.ts';
import { Secret } from '../../src/domain/secret.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator, KronupEmulatorOptions } from '../../src/emulators/kronup/emulator.ts';
import { startEngine } from '../../src/engine/loop.ts';
import type { Engine } from '../../src/engine/loop.ts';
import type { EngineParts } from '../../src/engine/parts.ts';
import { formatEntry } from '../../src/formats/registry.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { SqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Store } from '../../src/ports/store.ts';
import type { EventKind, Measures, Telemetry } from '../../src/ports/telemetry.ts';
import { providerEntry } from '../../src/providers/registry.ts';
import { storeEntry } from '../../src/stores/registry.ts';
import { account } from '../builders/account.ts';
import { FakeClock } from './fake-clock.ts';
import { seededRandom } from './fake-random.ts';

export interface EngineWorld extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly kronup: KronupEmulator;
  readonly journal: SqliteJournal;
  readonly engine: Engine;
  /** Every committed fact, in order. */
  readonly facts: Fact[];
  readonly events: EventKind[];
  readonly measures: (Measures[keyof Measures] & { readonly kind: keyof Measures })[];
  readonly folder: string;
  /** An account of the emulator, as configured, with a file as its target. */
  account(index: number, changes?: Partial<Account>): Account;
  /** Applies this configuration. */
  configure(...accounts: readonly Account[]): Promise<void>;
  /** Everything that is due is done, and nothing is being worked on. */
  settle(): Promise<void>;
  /** Moves the clock on in slices, letting everything that becomes due be done. */
  advance(ms: number): Promise<void>;
  /** What a file target holds. */
  file(address: string): Promise<string | undefined>;
  /** Ends the engine and the journal as a kill would, and starts them again on the same files. */
  restart(options?: { readonly loseJournal?: boolean }): Promise<void>;
  /** Replaces a store by a wrapped one. */
  wrapStore(wrap: (store: Store) => Store): void;
}

const REAL_TICK_MS = 5;

export async function engineWorld(
  options: {
    readonly emulator?: Partial<KronupEmulatorOptions>;
    readonly now?: string;
    readonly parkAfter?: number;
  } = {},
): Promise<EngineWorld> {
  const clock = new FakeClock(options.now ?? '2026-01-05T00:00:00Z');
  const random = seededRandom();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-engine-'));
  const kronup = await startKronupEmulator({ clock, random, accounts: 3, ...options.emulator });
  const facts: Fact[] = [];
  const events: EventKind[] = [];
  const measures: EngineWorld['measures'] = [];
  const telemetry: Telemetry = {
    fact: (_subject, fact) => void facts.push(fact),
    event: (kind) => void events.push(kind),
    measure: (kind, measure) => void measures.push({ kind, ...measure }),
    failure: () => undefined,
  };
  const provider = await openKronup(kronup, clock);
  let store = await openFiles(folder, clock);
  let journal = await open();
  let engine = await start();

  async function open(): Promise<SqliteJournal> {
    return openSqliteJournal({ path: join(folder, 'journal.db'), clock, holder: { host: 'test', pid: 1 } });
  }

  async function start(): Promise<Engine> {
    const parts: EngineParts = {
      clock,
      random,
      telemetry,
      journal,
      connections: () => ({
        provider: (name) => (name === 'kronup' ? provider : undefined),
        store: (name) => (name === 'files' ? store : undefined),
        providers: ['kronup'],
        stores: ['files'],
      }),
      formatOf: ({ format }) => {
        const entry = formatEntry(format.kind);
        if (entry === undefined) throw new Error(`no format ${format.kind}`);
        return entry.create(format.options as never);
      },
      settings: {
        holder: 'test',
        runningSince: clock.now(),
        concurrency: 8,
        concurrencyPerProvider: 8,
        leaseMs: 120_000,
        parkAfter: options.parkAfter ?? 5,
        historyMs: 90 * 86_400_000,
      },
    };
    return startEngine(parts, 'test');
  }

  async function settle(): Promise<void> {
    let done = false;
    const idle = engine.idle().then(() => {
      done = true;
    });
    while (!done) {
      await Promise.race([idle, realTick(), engine.ended]);
      // Whoever sleeps between two tries while work goes on is woken; deadlines are not.
      if (!done && engine.busy() > 0) await clock.wakeSleepers();
    }
  }

  const world: EngineWorld = {
    clock,
    kronup,
    facts,
    events,
    measures,
    folder,
    get journal() {
      return journal;
    },
    get engine() {
      return engine;
    },
    account(index, changes) {
      const emulated = kronup.accounts[index];
      if (emulated === undefined) throw new Error(`the emulator has no account ${index}`);
      return account({ name: emulated.name, origin: kronup.origin, accountIds: [emulated.id], ...changes });
    },
    async configure(...accounts) {
      const hashed = accounts.map((policy) => ({ policy, hash: JSON.stringify(policy) }));
      await journal.apply([{ path: 'test', hash: JSON.stringify(hashed), accounts: [hashed] }], clock.now());
      engine.wake();
    },
    settle,
    async advance(ms) {
      const end = clock.now() + ms;
      await settle();
      while (clock.now() < end) {
        const due = (await journal.nextDueAt()) ?? end;
        await clock.advance(Math.max(1, Math.min(due, end) - clock.now()));
        engine.wake();
        await settle();
      }
    },
    async file(address) {
      return readFile(join(folder, address), 'utf8').catch(() => undefined);
    },
    async restart({ loseJournal = false } = {}) {
      await engine.stop(60_000);
      await journal[Symbol.asyncDispose]();
      if (loseJournal) await rm(join(folder, 'journal.db'));
      journal = await open();
      engine = await start();
    },
    wrapStore(wrap) {
      store = wrap(store);
    },
    async [Symbol.asyncDispose]() {
      await engine.stop(60_000);
      await journal[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
      await kronup[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

async function openKronup(kronup: KronupEmulator, clock: FakeClock): Promise<Provider> {
  const entry = providerEntry('kronup');
  if (entry === undefined) throw new Error('no kronup');
  const config = entry.schema.parse({ baseUrl: kronup.url, token: { env: 'TOKEN' }, rate: 10_000 }) as never;
  const { open } = await entry.load();
  return open({
    name: 'kronup',
    config,
    clock,
    random: seededRandom(2),
    environment: {},
    userAgent: 'rekeyd/test',
    secretOf: () => ({
      description: 'the test',
      read: () => Promise.resolve({ ok: true as const, value: new Secret(kronup.manager.token.reveal()) }),
    }),
    onCall: () => undefined,
  });
}

async function openFiles(directory: string, clock: FakeClock): Promise<Store> {
  const entry = storeEntry('file');
  if (entry === undefined) throw new Error('no file store');
  const { open } = await entry.load();
  const config = entry.schema.parse({ directory }) as never;
  return open({
    name: 'files',
    config,
    installation: 'test',
    clock,
    random: seededRandom(3),
    environment: {},
  });
}

function realTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REAL_TICK_MS));
}
