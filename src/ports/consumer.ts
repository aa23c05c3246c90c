/**
 * A configured connection through which consumers are refreshed: made to read the new value from a target that was confirmed to hold
 * it. Nothing but names and fingerprints goes through it, never a credential. Every method returns expected failures (kinds
 * `consumer-refused`, `consumer-unavailable`, `rate-limited`, `credential-refused`, `not-connected`), bounds its own time, throws the
 * reason of its signal when that is aborted first, and is safe to repeat.
 */
import type { ConsumerAction, Progress } from '../domain/consumer.ts';
import type { Fingerprint } from '../domain/credential.ts';
import type { Result } from '../domain/failure.ts';
import type { TargetId } from '../domain/target.ts';

export type { Progress } from '../domain/consumer.ts';

/** What a consumer is asked to take up. Names and fingerprints only: never a credential. */
export interface Refresh {
  readonly does: ConsumerAction;
  /** In the connection's own words, such as `Deployment shop/checkout`. Of a webhook: its name. */
  readonly address: string;
  /**
   * When the newest value that it has to take up was confirmed in its target, in ms since the epoch: of all accounts that are refreshed
   * together.
   */
  readonly neededAt: number;
  /** A UUID, the same for the same need: the same refresh may be asked for again without a second effect. */
  readonly token: string;
  readonly account: string;
  readonly target: TargetId;
  readonly fingerprint: Fingerprint;
  /** The rotation that minted the credential, where there was one. */
  readonly rotation?: string;
}

export interface ConsumerConnection extends AsyncDisposable {
  readonly name: string;
  readonly kind: string;
  /** The longest that one call can take, in ms. */
  readonly timeLimitMs: number;
  /**
   * Begins where it has not begun, and says how far it is. What was begun for this need, or for a later one, is not begun again,
   * whoever began it: so a restart of the daemon restarts nothing.
   */
  refresh(refresh: Refresh, options: { readonly signal: AbortSignal }): Promise<Result<Progress>>;
  /** Whether `refresh` would be allowed, and whether the consumer is there: in words for a person. Has no effect. */
  preflight(
    step: { readonly does: ConsumerAction; readonly address: string },
    options: { readonly signal: AbortSignal },
  ): Promise<Result<string>>;
  /** Who the other side takes us for, in words for a person, for `rekeyd check`. With `again` it is asked even where it is known. */
  whoAmI(options: { readonly signal: AbortSignal; readonly again?: boolean }): Promise<Result<string>>;
}
