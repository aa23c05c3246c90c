/** What one call to an API is, and what comes of it. */
import type { Deadline } from '../../ports/clock.ts';
import type { Result } from '../../domain/failure.ts';
import type { Expected } from './answer.ts';
import type { Doing } from './doing.ts';
import type { Outgoing } from '../../system/exchange.ts';

/** What came back, and when it was asked for. */
export interface Reply<T> {
  readonly value: T;
  /** When the request was written, in ms since the epoch. */
  readonly sentAt: number;
  /** The service's clock minus ours, in ms, where the answer had a date. */
  readonly clockOffsetMs?: number;
  /** By which the service's operators can find the call, where the API takes such an id. */
  readonly requestId?: string;
}

export interface Call<T> extends Expected<T> {
  /** An infinitive, for messages. */
  readonly what: string;
  readonly method: Outgoing['method'];
  /** Below the base URL, beginning with a slash. */
  readonly path: string;
  /** Sent as JSON, or as a form. */
  readonly payload?: unknown;
  readonly form?: URLSearchParams;
  readonly bytesMax?: number;
  /** Fingerprint of the credential that is used in place of the manager's. */
  readonly as?: string | undefined;
  /** Headers that carry the credential; asked for each try. `undefined`: it was stopped. */
  authorise(doing: Doing, signal: AbortSignal): Promise<Result<Readonly<Record<string, string>>> | undefined>;
  /** Goes before others, and its time limit includes its waiting. */
  readonly urgent?: boolean;
  /** The time limit where it runs already; else the one that is configured begins with the call. */
  readonly deadline?: Deadline;
  /** Asked again where no answer came, though it is no `GET`. */
  readonly repeatable?: boolean;
  readonly signal: AbortSignal;
  /** Asked just before the request is written: why it may not be, if so. */
  readonly maySend?: (() => string | undefined) | undefined;
  /** Told when the request is written, in ms since the epoch. */
  readonly onSent?: ((sentAt: number) => void) | undefined;
}
