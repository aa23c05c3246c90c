/**
 * The composition root: puts the daemon together from its concrete parts, starts it, reloads it and stops it in order. No rule
 * about accounts lives here.
 */
import { createChanges } from './app/changes.ts';
import type { ConnectionPool } from './app/connections.ts';
import { createFinder } from './app/finder.ts';
import type { Finder } from './app/finder.ts';
import { engineParts, openPool, servicesOf } from './app/engine-parts.ts';
import { openJournal } from './app/journal.ts';
import { openDoors } from './app/doors.ts';
import type { Doors } from './app/doors.ts';
import { doDueAndEnd } from './app/once.ts';
import { createReloader } from './app/reload.ts';
import type { Reloaded, Reloader } from './app/reload.ts';
import { VERSION } from './app/version.ts';
import type { LoadedConfig } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { watchConfig } from './config/watch.ts';
import { startEngine } from './engine/loop.ts';
import type { Engine } from './engine/loop.ts';
import { createCallCounter, upkeep } from './engine/upkeep.ts';
import { createServiceClocks } from './engine/service-clocks.ts';
import type { DueReport } from './http/due-report.ts';
import type { DaemonInfo } from './http/services.ts';
import type { SqliteJournal } from './journal/sqlite/open.ts';
import type { Fact } from './domain/fact.ts';
import type { Host } from './ports/host.ts';
import type { Subject } from './ports/telemetry.ts';
import type { DaemonTelemetry } from './telemetry/telemetry.ts';

export interface DaemonOptions {
  readonly host: Host;
  readonly telemetry: DaemonTelemetry;
  /** Of the main file of the configuration. */
  readonly configPath: string;
  /** Loaded already, without a problem. The daemon disposes of it. */
  readonly config: LoadedConfig;
  /** One round and no doors: slots from before the start are due now instead of being missed, nobody listens or watches. */
  readonly once?: boolean;
  /** Told of each committed fact. */
  readonly onFact?: (subject: Subject, fact: Fact) => void;
  /** Makes each commit take this much longer, as a slower disk would. For measuring. */
  readonly commitDelayMs?: number;
  /** Opened already, while the configuration was loaded. The daemon disposes of it. */
  readonly journal?: SqliteJournal;
  /** Aborted while it starts: nothing is begun. Later it means nothing. */
  readonly signal?: AbortSignal;
}

export interface Daemon extends AsyncDisposable {
  readonly journal: SqliteJournal;
  readonly engine: Engine;
  /** Where probes and metrics are served; absent with `once`. */
  readonly probes?: string;
  /**
   * Does what is due now, with its retries up to `until`. When the signal is aborted it answers at once, and nothing more is
   * begun or minted from then on.
   */
  doDue(options: { readonly until: number; readonly signal: AbortSignal }): Promise<DueReport>;
  /** Reads the configuration again; a bad one changes nothing. Never rejects; does nothing once the daemon stops. */
  reload(): Promise<Reloaded>;
  /** Ends what was begun, for at most the grace of the settings, and closes everything. */
  stop(why: string): Promise<void>;
  /** Rejects when the daemon cannot go on by itself, resolves when it was stopped. */
  readonly ended: Promise<void>;
}

/**
 * Rejects with `JournalError` where the journal cannot be used, with `OpenError` where a provider or store cannot be opened,
 * with `ListenError` where a listener cannot be had, and with the signal's reason where that is aborted before it runs.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { host, config, once = false } = options;
  const { clock } = host;
  const { settings } = config;
  // Applied or not, its worker must not outlive this: it would keep a process alive that could not start.
  await using _config = config;
  await using undo = new AsyncDisposableStack();
  const startedAt = clock.now();
  const changes = createChanges();
  const journal = undo.use(options.journal ?? (await openJournal(options, settings)));
  const telemetry = noticing(options, journal, () => changes.notify());
  const { path, created, migrations } = journal;
  telemetry.event('journal-opened', { path, created, migrations });
  const reports = { calls: createCallCounter({ journal }), clocks: createServiceClocks(clock), telemetry };
  const connections = undo.use(openPool(host, settings, reports));
  const reloader = createReloader({ ...options, ...reports, clock, journal, connections });
  await reloader.apply(config);
  options.signal?.throwIfAborted();
  const parts = engineParts({ host, once, startedAt, reports, journal, connections, reloader });
  // No work before the doors are open: a daemon that cannot have its port would end in the middle of it.
  const opening = Promise.withResolvers<void>();
  const engine = await startEngine(parts, settings.installation, opening.promise);
  const finder = finderOf({ clock, journal, telemetry }, connections, reloader);
  const follow = async () => {
    await engine.sharedHolds.follow(connections.current);
    reports.clocks.follow(servicesOf(connections.current));
    engine.wake();
    finder.poke();
  };
  await follow();
  reloader.onApplied(follow);
  let doors: Doors | undefined;
  const info = (): DaemonInfo => infoOf(host, settings, { startedAt, doors, reloader });
  const leaving = new AbortController();
  const listenWith = {
    host,
    config,
    journal,
    engine,
    reloader,
    changes,
    telemetry,
    providers: () => connections.current.providers,
    info,
    stopping: leaving.signal,
  };
  if (!once) doors = await openDoors(listenWith, undo);
  const stopping = new AbortController();
  // One round has no second list: what is due is done for the accounts that are there now.
  if (once && (await finder.round(options.signal ?? stopping.signal))) await reloader.reload();
  // From here on nothing is waited for: whoever is told to stop later stops a daemon that runs.
  options.signal?.throwIfAborted();
  const tasks = [upkeep(parts, { engine, calls: reports.calls, signal: stopping.signal })];
  if (!once) tasks.push(watch(reloader, clock, stopping.signal), find(finder, reloader, stopping.signal));
  announce(host, settings, telemetry);
  opening.resolve();
  return daemonOf({
    clock,
    reloader,
    telemetry,
    journal,
    engine,
    tasks,
    leaving,
    stopping,
    opened: undo.move(),
    probes: doors?.probes,
  });
}

function finderOf(
  parts: Pick<Running, 'clock' | 'journal' | 'telemetry'>,
  connections: ConnectionPool,
  reloader: Reloader,
): Finder {
  return createFinder({
    ...parts,
    connections: () => connections.current,
    accountsFrom: () => reloader.accountsFrom(),
  });
}

interface Running {
  readonly clock: Host['clock'];
  readonly reloader: Reloader;
  readonly telemetry: DaemonTelemetry;
  readonly journal: SqliteJournal;
  readonly engine: Engine;
  readonly tasks: readonly Promise<void>[];
  /** Aborted first: nobody is kept waiting. */
  readonly leaving: AbortController;
  /** Aborted when what was begun has ended. */
  readonly stopping: AbortController;
  readonly opened: AsyncDisposableStack;
  readonly probes: string | undefined;
}

function daemonOf(running: Running): Daemon {
  const { clock, reloader, telemetry, journal, engine, tasks, opened, probes } = running;
  const ended = Promise.race([engine.ended, Promise.all(tasks).then(() => engine.ended)]);
  ended.catch(() => undefined);
  let stopped: Promise<void> | undefined;
  // Decisions first, then what was begun, then the house, then the doors and the journal: probes answer to the end.
  const stop = async (why: string) => {
    const from = clock.elapsed();
    const graceMs = reloader.settings().shutdownGraceMs;
    telemetry.event('daemon-stopping', { why, graceMs });
    running.leaving.abort(new Error('the daemon is stopping'));
    const reloaded = reloader.close();
    await engine.stop(graceMs).catch(() => undefined);
    running.stopping.abort(new Error('the daemon is stopping'));
    await Promise.allSettled([...tasks, reloaded]);
    await opened[Symbol.asyncDispose]();
    telemetry.event('daemon-stopped', { afterMs: Math.round(clock.elapsed() - from) });
  };
  const stopOnce = (why: string) => (stopped ??= stop(why));
  return {
    journal,
    engine,
    ...(probes === undefined ? {} : { probes }),
    doDue: (given) => doDueAndEnd(running, { ...given, graceMs: reloader.settings().shutdownGraceMs }),
    reload: () => reloader.reload(),
    stop: stopOnce,
    ended,
    [Symbol.asyncDispose]: () => stopOnce('done'),
  };
}

async function find(finder: Finder, reloader: Reloader, signal: AbortSignal): Promise<void> {
  await finder.follow({ signal, onChange: () => reloader.reload() });
}

async function watch(reloader: Reloader, clock: Host['clock'], signal: AbortSignal): Promise<void> {
  await watchConfig({
    clock,
    signal,
    watched: () => reloader.watched(),
    onChange: async () => void (await reloader.reload()),
  });
}

/** Tells of each committed fact whoever waits for something to happen, and, once, of a journal that was lost. */
function noticing(
  { telemetry, onFact }: DaemonOptions,
  { created }: SqliteJournal,
  notify: () => void,
): DaemonTelemetry {
  let told = false;
  return {
    ...telemetry,
    fact(subject, fact) {
      telemetry.fact(subject, fact);
      const wasLost = created && fact.kind === 'account-adopted' && fact.evidence === 'store';
      if (wasLost && !told) telemetry.event('journal-lost', { account: subject.account });
      told ||= wasLost;
      onFact?.(subject, fact);
      notify();
    },
  };
}

function infoOf(
  host: Host,
  { installation }: Settings,
  {
    startedAt,
    doors,
    reloader,
  }: { readonly startedAt: number; readonly doors: Doors | undefined; readonly reloader: Reloader },
): DaemonInfo {
  const { pid, hostname } = host;
  const configRefused = reloader.refused();
  const api = doors?.api();
  const who = { installation, version: VERSION, pid, host: hostname };
  return {
    ...who,
    running: true,
    startedAt,
    ...(doors && { probes: doors.probes }),
    ...(api && { api }),
    ...(configRefused && { configRefused }),
  };
}

function announce(host: Host, { installation }: Settings, telemetry: DaemonTelemetry): void {
  const { nodeVersion: node, timeZoneData: tzdata, pid } = host;
  telemetry.event('daemon-started', { version: VERSION, node, tzdata, installation, pid });
}
