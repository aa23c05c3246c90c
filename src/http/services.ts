/** What the API's routes work with. They write requests and wake the loop; they never do the work. */
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';

/** Who runs, for `GET /v1/status`. */
export interface DaemonInfo {
  readonly installation: string;
  readonly version: string;
  readonly pid: number;
  readonly host: string;
  readonly startedAt: number;
  /** Where probes and metrics are served, such as `http://127.0.0.1:8080`. */
  readonly probes?: string;
}

export interface ApiServices {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
  readonly info: () => DaemonInfo;
  /** A request was written: look for work. */
  wake(): void;
  /** Resolves at the next committed fact, or when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void>;
  /** Reads the configuration again; answers the problems that stood in the way. */
  reload(): Promise<readonly string[]>;
  received(request: { readonly request: string; readonly does: string; readonly from: string }): void;
}
