/** What the engine works with, and its settings. Nothing here knows a concrete provider, store or journal. */
import type { Target } from '../domain/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { ConsumerConnection } from '../ports/consumer.ts';
import type { Format } from '../ports/format.ts';
import type { Journal } from '../ports/journal.ts';
import type { Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { ServiceClocks } from './service-clocks.ts';

/** The open connections, by configured name; `undefined` where the configuration has none of that name. */
export interface Connections {
  provider(name: string): Provider | undefined;
  store(name: string): Store | undefined;
  consumer(name: string): ConsumerConnection | undefined;
  /** What the name of an open store leads to, as targets say it; `undefined` where nobody knows. */
  leadsTo?(store: string): string | undefined;
  /** Names of all open providers. */
  readonly providers: readonly string[];
  /** Names of all open stores. */
  readonly stores: readonly string[];
  /** Names of all open connections to consumers. */
  readonly consumers: readonly string[];
  /**
   * A reload has given a name to another connection, and accounts may still have the policy that was made for the one before: none is to
   * be claimed.
   */
  readonly changing?: boolean;
}

export interface EngineSettings {
  /** Names this process among the holders of claims. */
  readonly holder: string;
  /** When this process began to run, ms since the epoch by the clock as it is set now; 0: nothing counts as missed. */
  readonly runningSince: number;
  /** Accounts worked on at once, in all and for each provider. */
  readonly concurrency: number;
  readonly concurrencyPerProvider: number;
  readonly leaseMs: number;
  /** Failures of its own after which an account is parked. */
  readonly parkAfter: number;
  /** How long history is kept, in ms. */
  readonly historyMs: number;
}

export interface EngineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
  readonly telemetry: Telemetry;
  /** Told of the time by the open providers, stores and connections to consumers. */
  readonly clocks: ServiceClocks;
  readonly settings: EngineSettings;
  /** Those of this moment, which stay as they are: a reload replaces what changed in the next ones. */
  connections(): Connections;
  formatOf(target: Target): Format;
}
