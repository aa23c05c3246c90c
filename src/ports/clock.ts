/** Time, as the daemon sees it. Nothing else in the project reads a clock or sets a timer. */

export interface Clock {
  /** The wall clock, in ms since the epoch. It may jump. */
  now(): number;
  /** A clock that only goes forward, in ms from an arbitrary start. For durations. */
  elapsed(): number;
  /** Resolves after `ms` (0 or more). Rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * A signal that is aborted after `ms`, or when `parent` is, whichever comes first. Dispose of it when the
   * call is over: an undisposed deadline holds a timer and a listener on its parent.
   */
  deadline(ms: number, parent?: AbortSignal): Deadline;
}

export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Whether the time ran out, as opposed to the parent having been aborted. */
  readonly expired: boolean;
}

/** What an answer of a service said of the time there. The service is not believed more than this machine: they are compared. */
export interface ToldTime {
  /** The service's wall clock when it answered, in ms since the epoch. */
  readonly date: number;
  /** When the request was written and when the answer came, on the clock that only goes forward. */
  readonly sentAt: number;
  readonly receivedAt: number;
}
