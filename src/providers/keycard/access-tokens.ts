/**
 * The access token of the manager credential: kept while it lives, renewed before it ends, asked for once by however many at a
 * time. A failure is told to those who waited for it and is not kept.
 */
import { fingerprintOf, type ClientCredential, type Fingerprint } from '../../domain/credential.ts';
import type { Result } from '../../domain/failure.ts';
import { succeeded } from '../../domain/failure.ts';
import type { Clock } from '../../ports/clock.ts';
import { within } from '../http/within.ts';
import { accessToken, type AccessToken } from './access-token.ts';
import { askedOnce } from './asked-once.ts';
import type { TokenAnswer } from './models.ts';

export interface AccessTokens {
  /** One that should be accepted now; with `again`, a new one. `undefined`: stopped while it waited. */
  get(options: {
    readonly signal: AbortSignal;
    readonly again?: boolean;
  }): Promise<Result<AccessToken> | undefined>;
  /** The service does not accept it any more: nobody else gets it. */
  refused(token: AccessToken): void;
}

/** Renewed this long before its end, or after four fifths of a short life, while it is still used. */
const AHEAD_MS_MAX = 300_000;
const AHEAD_SHARE = 0.2;

/** Not used any more this long before its end, for calls on their way. */
const SPARE_MS_MAX = 10_000;
const SPARE_SHARE = 0.1;

/** After a renewal ahead of time that failed. */
const RENEW_AGAIN_MS = 10_000;

interface Known {
  readonly token: AccessToken;
  /** Both on the clock that only goes forward. */
  renewAt: number;
  readonly usableUntil: number;
}

export function accessTokens(options: {
  readonly clock: Clock;
  /** The manager credential. */
  readonly read: () => Promise<Result<ClientCredential>>;
  readonly ask: (credential: ClientCredential) => Promise<Result<TokenAnswer>>;
}): AccessTokens {
  const { clock, read, ask } = options;
  let known: Known | undefined;
  const once = askedOnce<Result<Known>>();

  async function renew(credential: ClientCredential, fingerprint: Fingerprint): Promise<Result<Known>> {
    // Counted from before the request, so that it never seems to live longer than it does.
    const from = clock.elapsed();
    const given = await ask(credential);
    if (!given.ok) {
      if (known !== undefined) known.renewAt = clock.elapsed() + RENEW_AGAIN_MS;
      return given;
    }
    const token = accessToken(given.value, fingerprint, clock);
    const { lifetimeMs } = token;
    known = {
      token,
      renewAt: from + lifetimeMs - Math.min(AHEAD_MS_MAX, lifetimeMs * AHEAD_SHARE),
      usableUntil: from + lifetimeMs - Math.min(SPARE_MS_MAX, lifetimeMs * SPARE_SHARE),
    };
    return succeeded(known);
  }

  function renewOnce(credential: ClientCredential, fingerprint: Fingerprint): Promise<Result<Known>> {
    return once(fingerprint, () => renew(credential, fingerprint));
  }

  return {
    async get({ signal, again = false }) {
      const credential = await within(read(), signal);
      if (credential?.ok !== true) return credential;
      const fingerprint = fingerprintOf(credential.value);
      const now = clock.elapsed();
      if (!again && known?.token.fingerprint === fingerprint && now < known.usableUntil) {
        if (now >= known.renewAt) void renewOnce(credential.value, fingerprint);
        return succeeded(known.token);
      }
      const renewed = await within(renewOnce(credential.value, fingerprint), signal);
      return renewed?.ok === true ? succeeded(renewed.value.token) : renewed;
    },
    refused(token) {
      if (known?.token === token) known = undefined;
    },
  };
}
