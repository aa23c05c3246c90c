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
import type { Engine } from '../../src/engine/loop.ts';
import type { EngineParts, EngineSettings } from '../../src/engine/parts.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { SqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { NewRequest, RequestDoes, RequestState } from '../../src/ports/journal.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { EventKind, Measures, Telemetry } from '../../src/ports/telemetry.ts';
import { account } from '../builders/account.ts';
import { formatOf, openFiles, openKronup } from './engine-connections.ts';
import { FakeClock } from './fake-clock.ts';
import { seededRandom } from './fake-random.ts';
import { faultyStore, noFaults } from './faulty-store.ts';
import type { StoreFaults } from './faulty-store.ts';
import { mortal } from './mortal.ts';
import type { Life } from './mortal.ts';

export interface EngineWorld extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly kronup: KronupEmulator;
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
  /** How often the loop has claimed accounts: shows loops that never rest. */
  readonly claims: number;
  /** An account of the emulator, as configured, with a file as its target. */
  account(index: number, changes?: Partial<Account>): Account;
  /** Applies this configuration. */
  configure(...accounts: readonly Account[]): Promise<void>;
  /** Everything that is due is done, and nothing is being worked on. */
  settle(): Promise<void>;
  /** Moves the clock on in slices, letting everything that becomes due be done. */
  advance(ms: number): Promise<void>;
  /** What a file target holds. */
  file(address: string, store?: 'files' | 'safe'): Promise<string | undefined>;
  /** Somebody else writes a file target. */
  put(address: string, text: string): Promise<void>;
  /** Somebody asks for something, which is then done. */
  ask(account: Account, does: RequestDoes, more?: Partial<NewRequest>): Promise<RequestState>;
  record(account: Account): Promise<AccountRecord>;
  factsOf<Kind extends FactKind>(kind: Kind): FactOf<Kind>[];
  /** Ends the engine and the journal in order, and starts them again on the same files. */
  restart(options?: { readonly loseJournal?: boolean }): Promise<void>;
  /** From now on nothing that the engine does has an effect or an answer, as if its process were killed. */
  kill(): void;
  /** Kills the engine at the moment at which this fact was committed. */
  killAt(kind: FactKind): void;
  /** Starts the engine again on the files of one that was killed. */
  revive(): Promise<void>;
  /** Called once, when the next mint has been answered and the engine does not know it yet. */
  onceMinted(act: () => Promise<void> | void): void;
}

export interface EngineWorldOptions {
  readonly emulator?: Partial<KronupEmulatorOptions>;
  readonly now?: string;
  readonly settings?: Partial<EngineSettings>;
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
  const kronup = await startKronupEmulator({ clock, random, accounts: 3, ...options.emulator });
  const facts: Fact[] = [];
  const events: EventKind[] = [];
  const measures: EngineWorld['measures'] = [];
  const files = noFaults();
  const safe = noFaults();
  await Promise.all(['files', 'safe'].map((name) => mkdir(join(folder, name))));
  const stores = {
    files: faultyStore(await openFiles('files', join(folder, 'files'), clock), files),
    safe: faultyStore(await openFiles('safe', join(folder, 'safe'), clock), safe),
  };
  const kept = await openKronup(kronup, clock);
  let onceMinted: (() => Promise<void> | void) | undefined;
  const provider: Provider = {
    ...kept,
    async mint(ref, given) {
      const result = await kept.mint(ref, given);
      const act = onceMinted;
      onceMinted = undefined;
      await act?.();
      return result;
    },
  };
  let life: Life = { ended: false };
  let killing: FactKind | undefined;
  let claims = 0;
  let journal = await open();
  let { parts, engine } = await start();

  function open(): Promise<SqliteJournal> {
    return openSqliteJournal({ path: join(folder, 'journal.db'), clock, holder: { host: 'test', pid: 1 } });
  }

  async function start(): Promise<{ parts: EngineParts; engine: Engine }> {
    const mine = life;
    const telemetry: Telemetry = {
      fact: (_subject, fact) => {
        if (mine.ended) return;
        facts.push(fact);
        mine.ended = fact.kind === killing;
      },
      event: (kind) => void events.push(kind),
      measure: (kind, measure) => void measures.push({ kind, ...measure }),
      failure: () => undefined,
    };
    const counted = counting(mortal(mine, journal), () => claims++);
    const opened = {
      kronup: mortal(mine, provider),
      stores: { files: mortal(mine, stores.files), safe: mortal(mine, stores.safe) },
    };
    const started: EngineParts = {
      clock,
      random,
      telemetry,
      journal: counted,
      connections: () => ({
        provider: (name) => (name === 'kronup' ? opened.kronup : undefined),
        store: (name) => (name === 'files' || name === 'safe' ? opened.stores[name] : undefined),
        providers: ['kronup'],
        stores: ['files', 'safe'],
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
        ...options.settings,
      },
    };
    return { parts: started, engine: await startEngine(started, 'test') };
  }

  async function reopen(): Promise<void> {
    await journal[Symbol.asyncDispose]();
    life = { ended: false };
    killing = undefined;
    journal = await open();
    ({ parts, engine } = await start());
  }

  async function settle(): Promise<void> {
    let done = false;
    const idle = engine.idle().then(() => {
      done = true;
    });
    while (!done && !life.ended) {
      await Promise.race([idle, realTick(), engine.ended.then(() => Promise.reject(new Error('ended')))]);
      // Whoever sleeps between two tries while work goes on is woken; deadlines are not.
      if (!done && !life.ended && engine.busy() > 0) await clock.wakeSleepers(NAP_MS_MAX);
    }
  }

  const world: EngineWorld = {
    clock,
    kronup,
    facts,
    events,
    measures,
    folder,
    files,
    safe,
    get journal() {
      return journal;
    },
    get engine() {
      return engine;
    },
    get parts() {
      return parts;
    },
    get claims() {
      return claims;
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
      while (clock.now() < end && !life.ended) {
        const due = (await journal.nextDueAt()) ?? end;
        await clock.advance(Math.max(1, Math.min(due, end) - clock.now()));
        engine.wake();
        await settle();
      }
    },
    async file(address, store = 'files') {
      return readFile(join(folder, store, address), 'utf8').catch(() => undefined);
    },
    async put(address, text) {
      const path = join(folder, 'files', address);
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      await writeFile(path, text, { mode: 0o600 });
    },
    async ask(policy, does, more = {}) {
      const row = await journal.account(policy.name);
      if (row === undefined) throw new Error(`the journal has no account ${policy.name}`);
      const request = {
        id: random.id(clock.now()),
        account: row.id,
        does,
        cause: { actor: 'person' },
        ...more,
      };
      await journal.request([request], clock.now());
      engine.wake();
      await settle();
      const state = await journal.requestState(request.id);
      if (state === undefined) throw new Error('the request is not known');
      return state;
    },
    async record(policy) {
      const row = await journal.account(policy.name);
      if (row === undefined) throw new Error(`the journal has no account ${policy.name}`);
      return row.record;
    },
    factsOf: <Kind extends FactKind>(kind: Kind) =>
      facts.filter((fact): fact is FactOf<Kind> => fact.kind === kind),
    async restart({ loseJournal = false } = {}) {
      await engine.stop(60_000);
      if (loseJournal) {
        await journal[Symbol.asyncDispose]();
        await rm(join(folder, 'journal.db'));
      }
      await reopen();
    },
    kill() {
      life.ended = true;
    },
    killAt(kind) {
      killing = kind;
    },
    revive: reopen,
    onceMinted(act) {
      onceMinted = act;
    },
    async [Symbol.asyncDispose]() {
      if (!life.ended) await engine.stop(60_000).catch(() => undefined);
      await journal[Symbol.asyncDispose]();
      await kept[Symbol.asyncDispose]();
      await kronup[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
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
