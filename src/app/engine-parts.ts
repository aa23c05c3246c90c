/** What the engine works with, made of the concrete parts, and what these report to it. */
import type { Connections, EngineParts } from '../engine/parts.ts';
import type { ServiceClocks } from '../engine/service-clocks.ts';
import type { CallCounter } from '../engine/upkeep.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../ports/host.ts';
import type { Journal } from '../ports/journal.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { createConnectionPool } from './connections.ts';
import type { ConnectionPool } from './connections.ts';
import { formatFactory } from './formats.ts';
import type { Reloader } from './reload.ts';
import { VERSION } from './version.ts';

/** To whom the open providers and stores report. */
export interface Reports {
  readonly calls: CallCounter;
  readonly clocks: ServiceClocks;
  readonly telemetry: Telemetry;
}

export function openPool(
  { clock, random, environment }: Host,
  { installation }: Settings,
  { calls, clocks, telemetry }: Reports,
): ConnectionPool {
  return createConnectionPool({
    clock,
    random,
    environment,
    installation,
    version: VERSION,
    calls,
    callsMade: (provider) => calls.callsMade(provider, clock.now()),
    onTime: (service, told) => clocks.told(service, told),
    onRateLimited: (provider, { retryAfterMs }) =>
      telemetry.event('provider-rate-limited', { provider, retryAfterMs }),
  });
}

/** The names under which the open providers, stores and connections to consumers report what time it is there. */
export function servicesOf({ providers, stores, consumers }: Connections): string[] {
  return [
    ...providers.map((name) => `provider ${name}`),
    ...stores.map((name) => `store ${name}`),
    ...consumers.map((name) => `consumers ${name}`),
  ];
}

export function engineParts(made: {
  readonly host: Host;
  /** Slots from before the start are due now instead of being missed. */
  readonly once: boolean;
  readonly startedAt: number;
  readonly reports: Reports;
  readonly journal: Journal;
  readonly connections: ConnectionPool;
  readonly reloader: Reloader;
}): EngineParts {
  const { host, once, startedAt, reports, journal, connections, reloader } = made;
  return {
    clock: host.clock,
    random: host.random,
    telemetry: reports.telemetry,
    clocks: reports.clocks,
    journal,
    connections: () => connections.current,
    formatOf: formatFactory(),
    get settings() {
      const settings = reloader.settings();
      return {
        holder: `${host.hostname}/${host.pid}`,
        runningSince: once ? 0 : startedAt,
        concurrency: settings.concurrency.total,
        concurrencyPerProvider: settings.concurrency.perProvider,
        leaseMs: settings.leaseMs,
        parkAfter: settings.parkAfter,
        historyMs: settings.journal.retentionMs,
      };
    },
  };
}
