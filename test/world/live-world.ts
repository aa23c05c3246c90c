/**
 * The engine with real parts and the real clock, an emulated service over HTTP, and consumers that read a file target every few
 * milliseconds and call the service with what they find: for what consumers feel, by the order of events on one clock.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../src/domain/account.ts';
import type { Fact, FactKind, FactOf } from '../../src/domain/fact.ts';
import { startEngine } from '../../src/engine/loop.ts';
import type { Engine } from '../../src/engine/loop.ts';
import type { EngineParts } from '../../src/engine/parts.ts';
import { createServiceClocks } from '../../src/engine/service-clocks.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { SqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Store } from '../../src/ports/store.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { formatOf, openFiles } from './engine-connections.ts';
import { faultyStore, noFaults } from './faulty-store.ts';
import type { StoreFaults } from './faulty-store.ts';

/** One call of a consumer. Instants in ms since the epoch. */
export interface Call {
  /** When the target was read from which the credential is. */
  readonly readAt: number;
  readonly endedAt: number;
  readonly outcome: 'accepted' | 'refused' | 'unknown';
}

export interface Consumer {
  readonly calls: readonly Call[];
  stop(): Promise<void>;
}

export interface LiveWorld extends AsyncDisposable {
  readonly clock: Clock;
  readonly facts: readonly Fact[];
  readonly files: StoreFaults;
  configure(account: Account): Promise<void>;
  put(address: string, text: string): Promise<void>;
  /** Asks for a rotation, and resolves when it has succeeded. */
  rotate(account: Account): Promise<void>;
  factsOf<Kind extends FactKind>(kind: Kind): FactOf<Kind>[];
  /** Resolves with the first fact of this kind from now on. */
  next(kind: FactKind): Promise<Fact>;
  /** Reads the file again and again, and calls with what is in it; `call` says whether that was accepted. */
  consume(address: string, call: (text: string) => Promise<Call['outcome']>): Consumer;
}

/** Between two calls of a consumer, in ms. */
const EVERY_MS = 3;

export async function liveWorld(provider: Provider): Promise<LiveWorld> {
  const clock = systemClock();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-live-'));
  await mkdir(join(folder, 'files'));
  const journal = await openSqliteJournal({
    path: join(folder, 'journal.db'),
    clock,
    holder: { host: 'test', pid: process.pid },
  });
  const faults = noFaults();
  const store = faultyStore(await openFiles('files', join(folder, 'files'), clock), faults);
  const facts: Fact[] = [];
  const waiting: { readonly kind: FactKind; readonly resolve: (fact: Fact) => void }[] = [];
  const told = (fact: Fact) => {
    facts.push(fact);
    const met = waiting.filter(({ kind }) => kind === fact.kind);
    for (const one of met) waiting.splice(waiting.indexOf(one), 1);
    for (const { resolve } of met) resolve(fact);
  };
  const engine = await startEngine(partsOf({ clock, journal, provider, store, told }), 'test');
  const next = (kind: FactKind) => new Promise<Fact>((resolve) => waiting.push({ kind, resolve }));
  return {
    clock,
    facts,
    files: faults,
    next,
    factsOf: <Kind extends FactKind>(kind: Kind) =>
      facts.filter((fact): fact is FactOf<Kind> => fact.kind === kind),
    configure: (account) => configure({ journal, engine, clock }, account),
    rotate: async (account) => {
      const done = next('rotation-succeeded');
      await request({ journal, engine, clock }, account);
      await done;
    },
    async put(address, text) {
      const path = join(folder, 'files', address);
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      await writeFile(path, text, { mode: 0o600 });
    },
    consume: (address, call) => consume({ clock, path: join(folder, 'files', address), call }),
    async [Symbol.asyncDispose]() {
      await engine.stop(10_000);
      await journal[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function partsOf(given: {
  readonly clock: Clock;
  readonly journal: SqliteJournal;
  readonly provider: Provider;
  readonly store: Store;
  readonly told: (fact: Fact) => void;
}): EngineParts {
  const { clock, journal, provider, store, told } = given;
  return {
    clock,
    random: systemRandom(),
    telemetry: {
      fact: (_subject, fact) => told(fact),
      event: () => undefined,
      measure: () => undefined,
      failure: () => undefined,
    },
    clocks: createServiceClocks(clock),
    journal,
    connections: () => ({
      provider: (name) => (name === provider.name ? provider : undefined),
      store: (name) => (name === 'files' ? store : undefined),
      providers: [provider.name],
      stores: ['files'],
      consumer: () => undefined,
      consumers: [],
    }),
    formatOf,
    settings: {
      holder: 'test',
      runningSince: clock.now(),
      concurrency: 8,
      concurrencyPerProvider: 8,
      leaseMs: 120_000,
      parkAfter: 1_000,
      historyMs: 90 * 86_400_000,
    },
  };
}

interface Parts {
  readonly journal: SqliteJournal;
  readonly engine: Engine;
  readonly clock: Clock;
}

async function configure({ journal, engine, clock }: Parts, policy: Account): Promise<void> {
  const accounts = [[{ policy, hash: JSON.stringify(policy) }]];
  await journal.apply([{ path: 'test', hash: JSON.stringify(accounts), accounts }], clock.now());
  engine.wake();
}

async function request({ journal, engine, clock }: Parts, { name }: Account): Promise<void> {
  const row = await journal.account(name);
  if (row === undefined) throw new Error(`the journal has no account ${name}`);
  const id = systemRandom().id(clock.now());
  const asked = { id, account: row.id, does: 'rotate', cause: { actor: 'person' } } as const;
  await journal.request([asked], clock.now());
  engine.wake();
}

function consume(given: {
  readonly clock: Clock;
  readonly path: string;
  readonly call: (text: string) => Promise<Call['outcome']>;
}): Consumer {
  const { clock, path, call } = given;
  const calls: Call[] = [];
  let stopped = false;
  const goOn = async () => {
    while (!stopped) {
      const readAt = clock.now();
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text !== undefined) {
        const outcome = await call(text);
        calls.push({ readAt, endedAt: clock.now(), outcome });
      }
      await clock.sleep(EVERY_MS);
    }
  };
  const ended = goOn();
  return {
    calls,
    async stop() {
      stopped = true;
      await ended;
    },
  };
}
