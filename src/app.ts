/**
 * The composition root: puts the daemon together from its concrete parts, starts it, reloads it and stops it in order. No rule about
 * accounts lives here.
 */
import { createConnectionPool } from './app/connections.ts';
import type { ConnectionPool } from './app/connections.ts';
import { formatFactory } from './app/formats.ts';
import { createReloader } from './app/reload.ts';
import type { Reloaded } from './app/reload.ts';
import { VERSION } from './app/version.ts';
import type { LoadedConfig } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { startEngine } from './engine/loop.ts';
import type { Engine } from './engine/loop.ts';
import type { EngineParts } from './engine/parts.ts';
import { createCallCounter, upkeep } from './engine/upkeep.ts';
import type { CallCounter } from './engine/upkeep.ts';
import { openSqliteJournal } from './journal/sqlite/open.ts';
import type { SqliteJournal } from './journal/sqlite/open.ts';
import type { Host } from './ports/host.ts';
import type { DaemonTelemetry } from './telemetry/telemetry.ts';

export interface DaemonOptions {
  readonly host: Host;
  readonly telemetry: DaemonTelemetry;
  /** Of the main file of the configuration. */
  readonly configPath: string;
  /** Loaded already, without a problem. The daemon disposes of it. */
  readonly config: LoadedConfig;
  /** Slots from before the start are due now, instead of being missed: for `once`. */
  readonly nothingIsMissed?: boolean;
}

export interface Daemon extends AsyncDisposable {
  readonly settings: Settings;
  readonly journal: SqliteJournal;
  readonly engine: Engine;
  readonly connections: ConnectionPool;
  /** Reads the configuration again; a bad one changes nothing. */
  reload(): Promise<Reloaded>;
  /** Ends what was begun, for at most the grace of the settings, and closes everything. */
  stop(why: string): Promise<void>;
  /** Rejects when the daemon cannot go on by itself, resolves when it was stopped. */
  readonly ended: Promise<void>;
}

/** Rejects with `JournalError` where the journal cannot be used. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { host, telemetry, config } = options;
  const { clock } = host;
  const { settings } = config;
  await using undo = new AsyncDisposableStack();
  const startedAt = clock.now();
  const journal = undo.use(await openJournal(options, settings));
  telemetry.event('journal-opened', {
    path: journal.path,
    created: journal.created,
    migrations: journal.migrations,
  });
  const calls = createCallCounter({ journal });
  const connections = undo.use(openPool(options, settings, calls));
  const reloader = createReloader({ ...options, clock, journal, connections });
  await reloader.apply(config);
  const parts = engineParts(options, settings, { journal, connections, startedAt });
  const engine = await startEngine(parts, settings.installation);
  reloader.onApplied(() => engine.wake());
  const stopping = new AbortController();
  const house = upkeep(parts, { sharedHolds: engine.sharedHolds, calls, signal: stopping.signal });
  const ended = Promise.race([engine.ended, house.then(() => engine.ended)]);
  ended.catch(() => stopping.abort());
  const kept = undo.move();
  telemetry.event('daemon-started', {
    version: VERSION,
    node: host.nodeVersion,
    tzdata: host.timeZoneData,
    installation: settings.installation,
    pid: host.pid,
  });
  const stop = stopOnce(async (why) => {
    const from = clock.elapsed();
    telemetry.event('daemon-stopping', { why, graceMs: reloader.settings().shutdownGraceMs });
    await engine.stop(reloader.settings().shutdownGraceMs).catch(() => undefined);
    stopping.abort();
    await house.catch(() => undefined);
    await kept[Symbol.asyncDispose]();
    telemetry.event('daemon-stopped', { afterMs: Math.round(clock.elapsed() - from) });
  });
  return {
    settings,
    journal,
    engine,
    connections,
    reload: () => reloader.reload(),
    stop,
    ended,
    [Symbol.asyncDispose]: () => stop('disposed of'),
  };
}

function stopOnce(stop: (why: string) => Promise<void>): (why: string) => Promise<void> {
  let stopped: Promise<void> | undefined;
  return (why) => (stopped ??= stop(why));
}

async function openJournal({ host }: DaemonOptions, settings: Settings): Promise<SqliteJournal> {
  return openSqliteJournal({
    path: settings.journal.path,
    clock: host.clock,
    holder: { host: host.hostname, pid: host.pid },
    socketPath: settings.socket.path,
  });
}

function openPool({ host }: DaemonOptions, settings: Settings, calls: CallCounter): ConnectionPool {
  const { clock, random } = host;
  return createConnectionPool({
    clock,
    random,
    environment: host.environment,
    installation: settings.installation,
    version: VERSION,
    calls,
    callsMade: (provider) => calls.callsMade(provider, clock.now()),
  });
}

function engineParts(
  { host, telemetry, nothingIsMissed }: DaemonOptions,
  settings: Settings,
  made: { readonly journal: SqliteJournal; readonly connections: ConnectionPool; readonly startedAt: number },
): EngineParts {
  const { clock, random } = host;
  return {
    clock,
    random,
    telemetry,
    journal: made.journal,
    connections: () => made.connections.current,
    formatOf: formatFactory(),
    settings: {
      holder: `${host.hostname}/${host.pid}`,
      runningSince: nothingIsMissed === true ? 0 : made.startedAt,
      concurrency: settings.concurrency.total,
      concurrencyPerProvider: settings.concurrency.perProvider,
      leaseMs: settings.leaseMs,
      parkAfter: settings.parkAfter,
      historyMs: settings.journal.retentionMs,
    },
  };
}
