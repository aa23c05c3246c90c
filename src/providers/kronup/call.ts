/** Calls to the Kronup API: in whose name each is made, and against the limit of which day it counts. It knows no endpoint. */
import { fingerprintOf } from '../../domain/credential.ts';
import { succeeded, type Result } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { SecretSource } from '../../ports/settings.ts';
import type { Api } from '../http/answer.ts';
import type { Call as HttpCall, Reply } from '../http/call.ts';
import { caller as httpCaller, type ClientOptions } from '../http/caller.ts';
import type { Doing } from '../http/doing.ts';
import { sendable } from '../http/header-text.ts';
import { within } from '../http/within.ts';
import { callCounter, type CallCounter } from './calls.ts';
import { KRONUP_ERRORS } from './errors.ts';
import type { KronupConfig } from './schema.ts';
import { organisationOf } from './token.ts';

export interface CallerOptions extends ClientOptions<KronupConfig> {
  /** The manager credential. */
  readonly source: SecretSource;
  /** Calls that it made today before this process started. */
  readonly callsMade?: number;
}

export interface Call<T> extends Omit<HttpCall<T>, 'as' | 'authorise'> {
  /** In place of the manager credential. */
  readonly as?: Secret | undefined;
}

export interface Caller extends AsyncDisposable {
  readonly calls: CallCounter;
  call<T>(call: Call<T>): Promise<Result<Reply<T>>>;
  /** The organisation in whose name this credential's calls are made; absent where none is known. */
  organisationOf(token: Secret): string | undefined;
}

/** Kronup documents 200 as the only success, also for create and close. */
export const KRONUP_API: Api = { errors: KRONUP_ERRORS, isSuccess: (status) => status === 200 };

/** A day's limit is not over in a moment: whoever asks again is not asked to be quick. */
const PAUSE_MS_OF_DAY = 60_000;

export function caller(options: CallerOptions): Caller {
  const { config, clock, source } = options;
  const calls = callCounter({ clock, dailyLimit: config.dailyLimit, callsMade: options.callsMade ?? 0 });
  const line = httpCaller({
    ...options,
    api: KRONUP_API,
    source: source.description,
    counting: {
      sent: () => calls.sent(),
      accepted: () => calls.accepted(),
      limited({ id, retryAfterMs }) {
        if (id !== 'auth-api-limited') return undefined;
        calls.limited(retryAfterMs);
        return retryAfterMs ?? PAUSE_MS_OF_DAY;
      },
    },
  });

  function organisationFor(token: Secret): string | undefined {
    return config.organisation ?? organisationOf(token);
  }

  return {
    calls,
    organisationOf: organisationFor,
    call({ as, ...call }) {
      async function authorise(doing: Doing, signal: AbortSignal) {
        const read = as === undefined ? await within(source.read(), signal) : succeeded(as);
        if (read?.ok !== true) return read;
        const token = sendable(read.value, doing);
        if (!token.ok) return token;
        const organisation = organisationFor(token.value);
        return succeeded({
          authorization: `Bearer ${token.value.reveal()}`,
          ...(organisation === undefined ? {} : { 'x-org-id': organisation }),
        });
      }
      const fingerprint = as === undefined ? undefined : fingerprintOf({ kind: 'token', token: as });
      return line.call({ ...call, as: fingerprint, authorise });
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}
