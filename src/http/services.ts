/** What the API's routes work with. They write requests and wake the loop; they never do the work. */
import type { Cause } from '../domain/fact.ts';
import type { Hold } from '../domain/hold.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';
import type { DueReport } from './due-report.ts';

/** Who runs, for `GET /v1/status`. */
export interface DaemonInfo {
  readonly installation: string;
  readonly version: string;
  readonly pid: number;
  readonly host: string;
  /** False where a command reads the journal itself, because no daemon runs. */
  readonly running: boolean;
  readonly startedAt: number;
  /** Where probes and metrics are served, such as `http://127.0.0.1:8080`. */
  readonly probes?: string;
  /** Where the API is served to other machines, such as `https://0.0.0.0:8443`. */
  readonly api?: string;
  /** The configuration was changed and refused, at this time; the last good one is in force. */
  readonly configRefused?: { readonly at: number; readonly problems: readonly string[] };
}

/** What became of a provider that somebody freezes or unfreezes. */
export interface FreezingOutcome {
  /** False where it was so already. */
  readonly changed: boolean;
  /** The hold that is in force, or that was lifted; absent where there was none to lift. */
  readonly hold?: Hold;
}

/** A call that did more than read. */
export interface CalledApi {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Of the answer, as HTTP numbers it. */
  readonly status: number;
  readonly by: string;
  readonly from: string;
}

export interface ApiServices {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
  readonly info: () => DaemonInfo;
  /** Aborted when the daemon begins to stop: whoever waits is answered at once. */
  readonly stopping: AbortSignal;
  /** Names of the configured providers. */
  providers(): readonly string[];
  /** Writes the hold of a provider, or lifts it; one that is so already stays as it is. */
  readonly freezing: Readonly<
    Record<'freeze' | 'unfreeze', (provider: string, cause: Cause) => Promise<FreezingOutcome>>
  >;
  /** A request was written: look for work. */
  wake(): void;
  /** Resolves at the next committed fact, or when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void>;
  /** Reads the configuration again; answers the problems that stood in the way. */
  reload(): Promise<readonly string[]>;
  /** Does what is due now, with its retries up to `until`; answers at once when the signal is aborted. */
  doDue(options: { readonly until: number; readonly signal: AbortSignal }): Promise<DueReport>;
  /** Somebody did more than read, and had this answer; `by` is who, `from` the address or `socket`. */
  called(call: CalledApi): void;
  received(request: { readonly request: string; readonly does: string; readonly from: string }): void;
  /** `; did you mean "x"?`, or nothing where no known word is near. */
  suggest(word: string, known: readonly string[]): string;
}
