/** Calls to the Keycard API, each with an access token: the manager's, or one that was given. It knows no endpoint but that of tokens. */
import { fingerprintOf, type ClientCredential, type Fingerprint } from '../../domain/credential.ts';
import { failed, succeeded, type Failure, type Result } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Api } from '../http/answer.ts';
import type { Call as HttpCall, Reply } from '../http/call.ts';
import {
  caller as httpCaller,
  whereOf,
  type Caller as HttpCaller,
  type ClientOptions,
} from '../http/caller.ts';
import { nothingDone } from '../http/errors.ts';
import type { AccessToken } from './access-token.ts';
import { accessTokens, type AccessTokens } from './access-tokens.ts';
import { waited } from './consistency.ts';
import { KEYCARD_ERRORS } from './errors.ts';
import type { ManagerSource } from './manager-credential.ts';
import { tokenModel, type TokenAnswer } from './models.ts';
import type { KeycardConfig } from './schema.ts';

export interface CallerOptions extends ClientOptions<KeycardConfig> {
  /** The manager credential. */
  readonly source: ManagerSource;
}

/** An access token that is used in place of the manager's, and the fingerprint of the credential that it was given for. */
export interface TokenInUse {
  readonly accessToken: Secret;
  readonly fingerprint: Fingerprint;
}

export interface Call<T> extends Omit<HttpCall<T>, 'as' | 'authorise' | 'deadline'> {
  readonly as?: TokenInUse | undefined;
  /** Never sent a second time, not even where the first was refused for its access token. */
  readonly once?: boolean;
}

export interface Caller extends AsyncDisposable {
  call<T>(call: Call<T>): Promise<Result<Reply<T>>>;
  /** A token for this credential, or for the manager's. Asked for anew each time. */
  token(options: {
    readonly as?: ClientCredential | undefined;
    readonly signal: AbortSignal;
  }): Promise<Result<Reply<TokenAnswer>>>;
  /** Whose credential the manager's is; with `again`, after it was used for a new access token. */
  manager(options: { readonly signal: AbortSignal; readonly again?: boolean }): Promise<Result<Fingerprint>>;
}

/** Which of the 2xx each operation answers with is not documented. */
export const KEYCARD_API: Api = {
  errors: KEYCARD_ERRORS,
  isSuccess: (status) => status >= 200 && status < 300,
  requestIdHeader: 'x-client-request-id',
};

/** Where a client id and secret are exchanged for an access token. */
export const TOKEN_PATH = '/service-account-token';

const UNAUTHORISED = 401;

export function caller(options: CallerOptions): Caller {
  const { source, clock, config } = options;
  const where = whereOf(options.name, config);
  const line = httpCaller({ ...options, api: KEYCARD_API, source: source.description });
  const lifetime = new AbortController();

  async function token(as: ClientCredential | undefined, signal: AbortSignal) {
    const credential = as === undefined ? await source.read() : succeeded(as);
    return credential.ok ? await askForToken(line, credential.value, as !== undefined, signal) : credential;
  }

  const tokens = accessTokens({
    clock,
    read: () => source.read(),
    async ask(credential) {
      const reply = await askForToken(line, credential, false, lifetime.signal);
      return reply.ok ? succeeded(reply.value.value) : reply;
    },
  });

  const stopped = (what: string, why = 'it was stopped'): Result<never> =>
    failed('not-connected', `${where} was not asked to ${what}: ${why}.`);

  return {
    token: ({ as, signal }) => token(as, signal),
    async manager(asking) {
      const given = await tokens.get(asking);
      if (given === undefined) return stopped('say whose the credential is');
      return given.ok ? succeeded(given.value.fingerprint) : given;
    },
    async call(call) {
      const { as, once, ...rest } = call;
      if (as !== undefined) {
        return await line.call({ ...rest, as: as.fingerprint, authorise: bearer(as.accessToken) });
      }
      // A mint's time limit holds for getting the access token too, because stopping waits for it.
      using deadline = call.urgent === true ? clock.deadline(config.timeout, call.signal) : undefined;
      const signal = deadline?.signal ?? call.signal;
      return await asManager(line, tokens, {
        call: { ...rest, ...(deadline && { deadline }) },
        where,
        clock,
        once: once === true,
        waitFor: signal,
        late: () =>
          stopped(call.what, deadline?.expired === true ? 'no access token came in time' : undefined),
      });
    },
    async [Symbol.asyncDispose]() {
      lifetime.abort(new Error('closed'));
      await line[Symbol.asyncDispose]();
    },
  };
}

interface ManagersCall<T> {
  readonly call: Omit<HttpCall<T>, 'as' | 'authorise'>;
  /** The provider, for messages. */
  readonly where: string;
  readonly clock: Clock;
  readonly once: boolean;
  /** Bounds the wait for an access token, and for a new one to be accepted. */
  readonly waitFor: AbortSignal;
  /** No access token was there before the wait ended. */
  readonly late: () => Result<never>;
}

/** A token that was refused is replaced once: it may have been revoked before its end, or the clock of this machine stood still. */
async function asManager<T>(
  line: HttpCaller,
  tokens: AccessTokens,
  made: ManagersCall<T>,
): Promise<Result<Reply<T>>> {
  const { once, waitFor, late } = made;
  const first = await tokens.get({ signal: waitFor });
  if (first?.ok !== true) return first === undefined ? late() : nothingDone(first.failure);
  const isNew = first.value.unsureMs() > 0;
  const result = await sendWith(line, first.value, made);
  if (!isRefused(result)) return result;
  tokens.refused(first.value);
  if (isNew && !first.value.isAccepted) return result;
  const next = await tokens.get({ signal: waitFor });
  if (next?.ok !== true) return next === undefined ? late() : nothingDone(next.failure);
  if (!once) return await sendWith(line, next.value, made);
  return refusedForItsToken(made, result, 'before its end. There is a new one, and it is tried again.');
}

/** Where a new access token is refused, the same one is tried again: any other would be as new. */
async function sendWith<T>(
  line: HttpCaller,
  token: AccessToken,
  made: ManagersCall<T>,
): Promise<Result<Reply<T>>> {
  const { clock, once, waitFor } = made;
  for (;;) {
    const result = await line.call({ ...made.call, authorise: bearer(token.text) });
    if (result.ok) token.accepted();
    if (!isRefused(result) || token.unsureMs() === 0) return result;
    if (once || !(await waited(clock, waitFor))) {
      return refusedForItsToken(
        made,
        result,
        'which is so new that it may not be known yet. It is tried again.',
      );
    }
  }
}

interface Refused {
  readonly ok: false;
  readonly failure: Failure;
}

function isRefused(result: Result<unknown>): result is Refused {
  return !result.ok && result.failure.status === UNAUTHORISED && result.failure.kind === 'credential-refused';
}

/** Nothing was done, and nothing is said of the manager credential. */
function refusedForItsToken(
  { where, call }: ManagersCall<unknown>,
  { failure }: Refused,
  why: string,
): Refused {
  const message = `${where} did not ${call.what}: 401, but only the access token was refused, ${why}`;
  return { ok: false, failure: { ...failure, kind: 'not-connected', message } };
}

function bearer(token: Secret) {
  return () => Promise.resolve(succeeded({ authorization: `Bearer ${token.reveal()}` }));
}

/** `POST /service-account-token`. Asking again does no harm, so it is repeated where no answer came. */
function askForToken(
  line: HttpCaller,
  credential: ClientCredential,
  isOther: boolean,
  signal: AbortSignal,
): Promise<Result<Reply<TokenAnswer>>> {
  return line.call({
    what: 'give an access token',
    method: 'POST',
    path: TOKEN_PATH,
    form: new URLSearchParams({ grant_type: 'client_credentials' }),
    model: tokenModel,
    as: isOther ? fingerprintOf(credential) : undefined,
    authorise: () => Promise.resolve(succeeded({ authorization: basic(credential) })),
    repeatable: true,
    signal,
  });
}

/** Each part is encoded as in a form before they are joined (RFC 6749, 2.3.1). */
function basic({ clientId, clientSecret }: ClientCredential): string {
  const encoded = [clientId, clientSecret.reveal()].map((part) =>
    new URLSearchParams([['', part]]).toString().slice(1),
  );
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}
