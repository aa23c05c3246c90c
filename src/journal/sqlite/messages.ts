/** What the main thread and the journal's worker say to each other. */
import type { OperationName } from '../operations/index.ts';

/** With what the worker is started. */
export interface WorkerGiven {
  readonly path: string;
  /** When it is opened, ms since the epoch. */
  readonly now: number;
  /** Makes each commit that writes take this much longer: a slower disk, for measuring. */
  readonly commitDelayMs: number;
}

/** One operation. */
export interface Asked {
  readonly id: number;
  readonly name: OperationName;
  readonly given: unknown;
}

export type ToWorker =
  | { readonly kind: 'run'; readonly asked: readonly Asked[] }
  /** The last message: do what was asked for before, then end. */
  | { readonly kind: 'close' };

/** Why something failed, as far as it can be told apart. */
export type Trouble =
  /** SQLite's primary result code, such as 13 for a full disk. */
  | { readonly kind: 'sqlite'; readonly code: number; readonly message: string }
  | { readonly kind: 'damaged'; readonly message: string }
  | { readonly kind: 'other-program' }
  | { readonly kind: 'too-new'; readonly found: number; readonly known: number }
  /** A mistake of the program. */
  | { readonly kind: 'bug'; readonly message: string; readonly stack?: string };

export interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly trouble?: Trouble;
}

export type FromWorker =
  | { readonly kind: 'opened'; readonly created: boolean; readonly migrations: number }
  | { readonly kind: 'refused'; readonly trouble: Trouble }
  /** What was committed, or failed, together. */
  | { readonly kind: 'answered'; readonly answers: readonly Answer[] };
