/**
 * What can go wrong outside, decided once, at the adapter. A failure is a value that is returned; only
 * programmer errors are thrown.
 */

/** Each kind of failure: whether the effect may have happened, whose it is, and what follows. */
export const FAILURES = {
  'not-connected': { effect: 'none', whose: 'service', then: 'retry' },
  'no-answer': { effect: 'unknown', whose: 'service', then: 'recover' },
  'answer-invalid': { effect: 'unknown', whose: 'service', then: 'recover' },
  'rate-limited': { effect: 'none', whose: 'caller', then: 'retry-when-told' },
  'credential-refused': { effect: 'none', whose: 'caller', then: 'hold' },
  'not-allowed': { effect: 'none', whose: 'account', then: 'count' },
  'not-found': { effect: 'none', whose: 'account', then: 'observe' },
  'target-refused': { effect: 'none', whose: 'target', then: 'retry' },
  'store-unavailable': { effect: 'unknown', whose: 'store', then: 'retry' },
  'consumer-refused': { effect: 'none', whose: 'target', then: 'retry' },
  'consumer-unavailable': { effect: 'unknown', whose: 'target', then: 'retry' },
} as const satisfies Record<
  string,
  {
    readonly effect: 'none' | 'unknown';
    readonly whose: 'service' | 'caller' | 'account' | 'target' | 'store';
    readonly then: 'retry' | 'retry-when-told' | 'recover' | 'hold' | 'count' | 'observe';
  }
>;

export type FailureKind = keyof typeof FAILURES;

export interface Failure {
  readonly kind: FailureKind;
  /** What, where, why and what to do next, in plain words, without any credential. */
  readonly message: string;
  /** The HTTP status, where there was one. */
  readonly status?: number;
  /** The service's own name for the error, such as Kronup's `auth-api-expired`. */
  readonly id?: string;
  /**
   * Of `credential-refused`: the service knows the credential and says that it is no longer good. Otherwise it may be malformed,
   * or was not judged at all.
   */
  readonly revoked?: true;
  /**
   * Of `answer-invalid`: the service says in its own words that it declines this very request; a mint, for what its account has. That
   * nothing was done is not certain by that.
   */
  readonly declined?: true;
  /** How long the service asked to be left alone, in ms. */
  readonly retryAfterMs?: number;
  /** By which the service's operators can find the call, where the API takes such an id. */
  readonly requestId?: string;
}

/** Whether no account is to blame and nothing was done: whoever asks about any account now fares the same. */
export function isEverybodys({ kind }: Failure): boolean {
  const { effect, whose } = FAILURES[kind];
  return effect === 'none' && (whose === 'service' || whose === 'caller');
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

export function succeeded<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function failed(
  kind: FailureKind,
  message: string,
  more: Omit<Failure, 'kind' | 'message'> = {},
): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: { kind, message, ...more } };
}
