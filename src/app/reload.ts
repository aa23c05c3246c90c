/** Reads the configuration again and makes the daemon follow it. A bad one is reported and changes nothing. */
import { basename } from 'node:path';
import { applyConfig } from '../config/apply.ts';
import { loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import type { Problem } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import type { ServiceClocks } from '../engine/service-clocks.ts';
import type { Clock } from '../ports/clock.ts';
import type { Applied, Journal } from '../ports/journal.ts';
import type { DaemonTelemetry } from '../telemetry/telemetry.ts';
import type { ConnectionPool } from './connections.ts';
import { OpenError } from './open-error.ts';

export type Reloaded =
  | { readonly ok: true; readonly applied: Applied }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface Reloader {
  /** Makes this configuration the one in force. Rejects with `OpenError` or `JournalError`. */
  apply(config: LoadedConfig): Promise<Applied>;
  /**
   * Loads the files again and applies them. Calls while one is under way share the next. Never rejects: whatever stands in the way
   * is logged and answered, and the last good configuration stays in force.
   */
  reload(): Promise<Reloaded>;
  /** From now on nothing is reloaded; resolves when what is under way has ended. */
  close(): Promise<void>;
  /** Called, and waited for, after each configuration that was applied. */
  onApplied(listener: () => Promise<void>): void;
  /** Why the configuration that was read last is not in force, if so, and since when. */
  refused(): { readonly at: number; readonly problems: readonly string[] } | undefined;
  /** Of the configuration in force. */
  settings(): Settings;
  /** In which ways the configuration in force takes accounts by their names. */
  accountsFrom(): LoadedConfig['accountsFrom'];
  /** The files that were read last, good or bad. */
  watched(): LoadedConfig['watched'];
}

interface Parts {
  readonly configPath: string;
  readonly config: LoadedConfig;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly connections: ConnectionPool;
  readonly clocks: ServiceClocks;
  readonly telemetry: DaemonTelemetry;
}

export function createReloader(parts: Parts): Reloader {
  const { clock, journal, connections, telemetry } = parts;
  let { settings, watched, accountsFrom } = parts.config;
  const listeners: (() => Promise<void>)[] = [];
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Reloaded> | undefined;
  let closed = false;
  let refused: ReturnType<Reloader['refused']>;

  async function apply(config: LoadedConfig): Promise<Applied> {
    const from = clock.elapsed();
    for (const warning of config.warnings)
      telemetry.event('config-warned', { warning: formatProblem(warning) });
    const applied = await connections.update(config, () => applyConfig({ config, journal, clock }));
    ({ settings, watched, accountsFrom } = config);
    refused = undefined;
    declareMetrics(config, parts);
    const tookMs = Math.round(clock.elapsed() - from);
    telemetry.event('config-applied', { files: config.files.length, ...applied, tookMs });
    for (const listener of listeners) await listener();
    return applied;
  }

  function refuse(problems: readonly Problem[]): Reloaded {
    refused = { at: clock.now(), problems: problems.map(formatProblem) };
    telemetry.event('config-refused', { problems: refused.problems });
    return { ok: false, problems };
  }

  async function reload(): Promise<Reloaded> {
    next = undefined;
    if (closed)
      return { ok: false, problems: [problem(parts.configPath, 'not read: the daemon is stopping')] };
    try {
      const known = { appliedFiles: await journal.appliedFiles(), found: await journal.found() };
      const loaded = await loadConfig({ path: parts.configPath, clock, ...known });
      if (!loaded.ok) {
        ({ watched } = loaded);
        return refuse(loaded.problems);
      }
      await using config = loaded.config;
      // Good or not: it is tried again when it changes.
      ({ watched } = config);
      return { ok: true, applied: await apply(config) };
    } catch (error) {
      return refuse(problemsOf(parts.configPath, error));
    }
  }

  return {
    apply,
    reload() {
      next ??= running.then(reload);
      running = next;
      return next;
    },
    async close() {
      closed = true;
      await running;
    },
    onApplied: (listener) => void listeners.push(listener),
    refused: () => refused,
    settings: () => settings,
    accountsFrom: () => accountsFrom,
    watched: () => watched,
  };
}

function problemsOf(configPath: string, error: unknown): readonly Problem[] {
  if (error instanceof OpenError) {
    return error.failures.map(({ path, message }) => ({ ...problem(configPath, message), path }));
  }
  return [problem(configPath, error instanceof Error ? error.message : String(error))];
}

/** About the configuration as a whole. */
function problem(configPath: string, message: string): Problem {
  return { file: basename(configPath), line: 1, column: 1, path: '', message };
}

function declareMetrics(
  config: LoadedConfig,
  { connections, clocks, telemetry }: Pick<Parts, 'connections' | 'clocks' | 'telemetry'>,
): void {
  telemetry.metrics.declare({
    providers: [...connections.providers()].map(({ name, strategies }) => ({ name, strategies })),
    stores: config.stores.map(({ name }) => name),
    consumers: config.consumers.map(({ name }) => name),
    callsLeft: () =>
      [...connections.providers()].map((provider) => [provider.name, provider.callsLeft()?.left] as const),
    clockSkews: () => clocks.skews(),
  });
}
