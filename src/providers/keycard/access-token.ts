/** An access token while it is in use: how long it lives, and from when on its refusal means something. It asks for none. */
import type { Fingerprint } from '../../domain/credential.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import { inconsistentMs } from './consistency.ts';
import type { TokenAnswer } from './models.ts';

export interface AccessToken {
  readonly text: Secret;
  /** Of the credential that it was given for. */
  readonly fingerprint: Fingerprint;
  readonly lifetimeMs: number;
  /**
   * For how long a refusal may still be of no meaning, in ms: for some seconds after it was given, until it is accepted for the
   * first time or ends.
   */
  unsureMs(): number;
  /** The service has accepted it before. */
  readonly isAccepted: boolean;
  /** The service accepts it. */
  accepted(): void;
}

const MS_PER_S = 1_000;

/** Where `expires_in` is missing, which RFC 6749 allows. Short, because asking again costs little. */
const LIFETIME_MS_UNKNOWN = 300_000;
const LIFETIME_MS_MAX = 86_400_000;

/** Called when it was given. */
export function accessToken(
  { accessToken: text, expiresInSeconds }: TokenAnswer,
  fingerprint: Fingerprint,
  clock: Pick<Clock, 'elapsed'>,
): AccessToken {
  const givenAt = clock.elapsed();
  const told = expiresInSeconds === undefined ? LIFETIME_MS_UNKNOWN : expiresInSeconds * MS_PER_S;
  const lifetimeMs = Math.min(told, LIFETIME_MS_MAX);
  let isAccepted = false;
  return {
    text,
    fingerprint,
    lifetimeMs,
    get isAccepted() {
      return isAccepted;
    },
    unsureMs() {
      const isOver = isAccepted || clock.elapsed() >= givenAt + lifetimeMs;
      return isOver ? 0 : inconsistentMs(givenAt, clock);
    },
    accepted() {
      isAccepted = true;
    },
  };
}
