/** Reads the configuration again and makes the daemon follow it. A bad one is reported and changes nothing. */
import { applyConfig } from '../config/apply.ts';
import { loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import type { Problem } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../ports/clock.ts';
import type { Applied, Journal } from '../ports/journal.ts';
import type { DaemonTelemetry } from '../telemetry/telemetry.ts';
import type { ConnectionPool } from './connections.ts';

export type Reloaded =
  | { readonly ok: true; readonly applied: Applied }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface Reloader {
  /** Makes this configuration the one in force. */
  apply(config: LoadedConfig): Promise<Applied>;
  /** Loads the files again and applies them. Calls while one is under way share the next. */
  reload(): Promise<Reloaded>;
  onApplied(listener: () => void): void;
  /** Of the configuration in force. */
  settings(): Settings;
  /** The files that were read last, good or bad. */
  watched(): LoadedConfig['watched'];
}

export function createReloader(parts: {
  readonly configPath: string;
  readonly config: LoadedConfig;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly connections: ConnectionPool;
  readonly telemetry: DaemonTelemetry;
}): Reloader {
  const { clock, journal, connections, telemetry } = parts;
  let { settings, watched } = parts.config;
  const listeners: (() => void)[] = [];
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Reloaded> | undefined;

  async function apply(config: LoadedConfig): Promise<Applied> {
    const from = clock.elapsed();
    for (const warning of config.warnings)
      telemetry.event('config-warned', { warning: formatProblem(warning) });
    await connections.update(config);
    const applied = await applyConfig({ config, journal, clock });
    ({ settings, watched } = config);
    declareMetrics(config, connections, telemetry);
    const tookMs = Math.round(clock.elapsed() - from);
    telemetry.event('config-applied', { files: config.files.length, ...applied, tookMs });
    for (const listener of listeners) listener();
    return applied;
  }

  async function reload(): Promise<Reloaded> {
    next = undefined;
    const loaded = await loadConfig({
      path: parts.configPath,
      clock,
      appliedFiles: await journal.appliedFiles(),
    });
    if (!loaded.ok) {
      ({ watched } = loaded);
      telemetry.event('config-refused', { problems: loaded.problems.map(formatProblem) });
      return { ok: false, problems: loaded.problems };
    }
    return { ok: true, applied: await apply(loaded.config) };
  }

  return {
    apply,
    reload() {
      next ??= running.then(reload);
      running = next.catch(() => undefined);
      return next;
    },
    onApplied: (listener) => void listeners.push(listener),
    settings: () => settings,
    watched: () => watched,
  };
}

function declareMetrics(config: LoadedConfig, connections: ConnectionPool, telemetry: DaemonTelemetry): void {
  telemetry.metrics.declare({
    providers: [...connections.providers()].map(({ name, strategies }) => ({ name, strategies })),
    stores: config.stores.map(({ name }) => name),
    callsLeft: () =>
      [...connections.providers()].map((provider) => [provider.name, provider.callsLeft()] as const),
  });
}
