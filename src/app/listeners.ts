/** The daemon's doors that are always there: probes and metrics on TCP, the API on a unix socket. */
import type { LoadedConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { suggestion } from '../config/words.ts';
import { createFreezing } from '../engine/freezing.ts';
import type { Engine } from '../engine/loop.ts';
import { createApi } from '../http/api.ts';
import { startProbes } from '../http/probes.ts';
import type { Probes } from '../http/probes.ts';
import type { ApiServices, DaemonInfo } from '../http/services.ts';
import { listenOnSocket } from '../http/socket.ts';
import type { Host } from '../ports/host.ts';
import type { Journal } from '../ports/journal.ts';
import { METRICS_CONTENT_TYPE } from '../telemetry/metrics.ts';
import type { DaemonTelemetry } from '../telemetry/telemetry.ts';
import type { Changes } from './changes.ts';
import { doDue } from './once.ts';
import { gaugePages, readinessOf } from './gauges.ts';
import type { Reloader } from './reload.ts';

/** A loop that has not gone round for this long hangs: it never sleeps for longer than half of it. */
const STUCK_MS = 90_000;

export interface ListenWith {
  readonly host: Host;
  readonly config: Pick<LoadedConfig, 'settings'>;
  readonly journal: Journal;
  readonly engine: Engine;
  readonly reloader: Reloader;
  readonly changes: Changes;
  readonly telemetry: DaemonTelemetry;
  /** Names of the configured providers. */
  readonly providers: () => readonly string[];
  readonly info: () => DaemonInfo;
  /** Aborted when the daemon begins to stop. */
  readonly stopping: AbortSignal;
}

export async function openProbes({
  host,
  config,
  journal,
  engine,
  reloader,
  telemetry,
}: ListenWith): Promise<Probes> {
  const { clock } = host;
  const turned = () => engine.turnedAt();
  const accountsMax = () => reloader.settings().metrics.maxAccounts;
  async function* render(): AsyncGenerator<string> {
    const now = clock.now();
    const [summary, { holds }] = await Promise.all([journal.summary(now), journal.shared()]);
    const pages = gaugePages(journal, { now, accounts: summary.accounts, accountsMax: accountsMax() });
    yield* telemetry.metrics.render({ now, accountsMax: accountsMax(), pages, summary, holds });
  }
  return startProbes({
    address: config.settings.probes,
    clock,
    stuck() {
      const silentMs = clock.elapsed() - (turned() ?? clock.elapsed());
      return silentMs > STUCK_MS
        ? `the loop has not gone round for ${Math.round(silentMs / 1_000)} s`
        : undefined;
    },
    checks: async () => [
      { name: 'config', ok: true },
      await journal.shared().then(
        () => ({ name: 'journal', ok: true }),
        (error: unknown) => ({ name: 'journal', ok: false, reason: String(error) }),
      ),
      turned() === undefined
        ? { name: 'loop', ok: false, reason: 'the loop has not gone round yet' }
        : { name: 'loop', ok: true },
    ],
    account: (name) => readinessOf(journal, name, clock.now()),
    metrics: { contentType: METRICS_CONTENT_TYPE, render },
    onError: (error) => telemetry.log.error('probe failed', { detail: error.message }),
  });
}

export async function openSocket(options: ListenWith): Promise<AsyncDisposable> {
  const { telemetry, config } = options;
  const { path, mode } = config.settings.socket;
  const onError = (error: Error) => telemetry.log.error('request failed', { detail: error.message });
  const listening = await listenOnSocket(createApi(servicesOf(options), { onError }), { path, mode });
  telemetry.event('listener-started', { listener: 'socket', address: path });
  return listening;
}

export function servicesOf(options: ListenWith): ApiServices {
  const { host, journal, engine, reloader, changes, telemetry, info, stopping, providers } = options;
  const { clock } = host;
  return {
    clock,
    random: host.random,
    journal,
    info,
    stopping,
    providers,
    freezing: createFreezing({ journal, clock, telemetry }),
    wake: () => engine.wake(),
    changed: (signal) => changes.changed(signal),
    async reload() {
      const reloaded = await reloader.reload();
      return reloaded.ok ? [] : reloaded.problems.map(formatProblem);
    },
    doDue: (until) => doDue({ journal, engine, clock }, until),
    called: (call) => telemetry.event('api-called', call),
    received: (request) => telemetry.event('request-received', request),
    suggest: suggestion,
  };
}
