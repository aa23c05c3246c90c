/**
 * The engine in a world of real parts: an SQLite journal, an emulated Kronup over HTTP and files on the disk. Only the clock stands
 * still: it moves when nothing is being worked on, or to wake what sleeps between two tries.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../src/domain/account.ts';
import type { Fact, FactKind, FactOf } from '../../src/domain/fact.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator, KronupEmulatorOptions } from '../../src/emulators/kronup/emulator.ts';
import { createServiceClocks } from '../../src/engine/service-clocks.ts';
import type { Clock, ToldTime } from '../../src/ports/clock.ts';
import type { Engine } from '../../src/engine/loop.ts';
import type { EngineParts, EngineSettings } from '../../src/engine/parts.ts';
import type { SqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { NewRequest, RequestDoes, RequestState } from '../../src/ports/journal.ts';
import type { Store } from '../../src/ports/store.ts';
import type { EventKind, Measures } from '../../src/ports/telemetry.ts';
import { openFiles, openKronup } from './engine-connections.ts';
import { FakeClock } from './fake-clock.ts';
import { seededRandom } from './fake-random.ts';
import type { StoreFaults } from './faulty-store.ts';
import type { MemoryConsumers } from './memory-consumers.ts';
import type { OverlapService } from './overlap-service.ts';
import { World } from './running-world.ts';

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
  /** Opens the store `safe`, where that is no folder. */
  readonly safe?: (clock: FakeClock) => Promise<Store>;
}

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
  const safe = await (options.safe?.(clock) ?? openFiles('safe', join(folder, 'safe'), clock));
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
