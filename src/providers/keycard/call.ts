/** Calls to the Keycard API, each with an access token: the manager's, or one that was given. It knows no endpoint but that of tokens. */
import { fingerprintOf, type ClientCredential, type Fingerprint } from '../../domain/credential.ts';
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Api } from '../http/answer.ts';
import type { Call as HttpCall, Reply } from '../http/call.ts';
import {
  caller as httpCaller,
  whereOf,
  type Caller as HttpCaller,
  type ClientOptions,
} from '../http/caller.ts';
import { nothingDone } from '../http/errors.ts';
import { accessTokens, type AccessToken, type AccessTokens } from './access-tokens.ts';
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
      const limits = { ...rest, ...(deadline && { deadline }) };
      const signal = deadline?.signal ?? call.signal;
      return await asManager(line, tokens, {
        ...limits,
        where,
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

type ManagersCall<T> = Omit<HttpCall<T>, 'as' | 'authorise'> & {
  /** The provider, for messages. */
  readonly where: string;
  readonly once: boolean;
  /** Bounds the wait for an access token. */
  readonly waitFor: AbortSignal;
  /** No access token was there before the wait ended. */
  readonly late: () => Result<never>;
};

/** A token that was refused is replaced once: it may have been revoked before its end, or the clock of this machine stood still. */
async function asManager<T>(
  line: HttpCaller,
  tokens: AccessTokens,
  { where, once, waitFor, late, ...call }: ManagersCall<T>,
): Promise<Result<Reply<T>>> {
  const send = (token: AccessToken) => line.call({ ...call, authorise: bearer(token.text) });
  const first = await tokens.get({ signal: waitFor });
  if (first?.ok !== true) return first === undefined ? late() : nothingDone(first.failure);
  const result = await send(first.value);
  if (result.ok || result.failure.status !== UNAUTHORISED) return result;
  tokens.refused(first.value);
  if (first.value.isNew) return result;
  const next = await tokens.get({ signal: waitFor });
  if (next?.ok !== true) return next === undefined ? late() : nothingDone(next.failure);
  if (!once) return await send(next.value);
  const message =
    `${where} did not ${call.what}: 401, but only the access token was refused, before its end. There is a new one, and it ` +
    'is tried again.';
  return { ok: false, failure: { ...result.failure, kind: 'not-connected', message } };
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
