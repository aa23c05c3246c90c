/** What a webhook's answer, or none, means for the refresh, and what a person can do about it. */
import { sanitiseText } from '../../domain/credential-shapes.ts';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';

export interface Answer {
  readonly status: number;
  /** The beginning of the answer's text. */
  readonly text: string;
  readonly retryAfter: string | undefined;
}

/** Errors from before a connection stood: nothing was sent. */
const NOT_CONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'the name service does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network',
  EACCES: 'the system forbids the connection',
  UND_ERR_CONNECT_TIMEOUT: 'no connection came about',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that is not trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

const QUOTE_LENGTH_MAX = 200;

/** `where` names the webhook and its address, such as `the webhook deploys (https://deploys.example.com)`. */
export function meaningOf({ status, text, retryAfter }: Answer, where: string): Result<void> {
  if (status >= 200 && status <= 299) return succeeded(undefined);
  const said = sanitiseText(text).replaceAll(/\s+/g, ' ').trim().slice(0, QUOTE_LENGTH_MAX);
  const quote = said === '' ? '' : `: ${said}`;
  if (status === 429) {
    const seconds = Number(retryAfter);
    const more =
      retryAfter !== undefined && Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {};
    return failed('rate-limited', `${where} asks to wait (status 429)${quote}; it is called again`, {
      status,
      ...more,
    });
  }
  if (status >= 300 && status <= 399) {
    const why = `${where} answers with a redirect (status ${status}), and none is followed: configure the address that it leads to`;
    return failed('consumer-refused', why, { status });
  }
  if (status >= 500 || status === 408) {
    return failed('consumer-unavailable', `${where} failed (status ${status})${quote}; it is called again`, {
      status,
    });
  }
  const advice =
    status === 401 || status === 403
      ? 'see whether it has the same signing key, and whether both clocks are right'
      : 'see its log, and the configured url';
  return failed('consumer-refused', `${where} refuses the call (status ${status})${quote}; ${advice}`, {
    status,
  });
}

export function timeoutFailure(where: string, timeoutMs: number): Result<never> {
  return failed(
    'consumer-unavailable',
    `${where}: no answer within ${timeoutMs} ms; where that lasts it is blocked on the way or overloaded: see firewalls, network ` +
      'policies and the configured timeout',
  );
}

export function connectionFailure(error: unknown, where: string): Result<never> {
  const code = codeOf(error);
  const more = code === '' ? {} : { id: code };
  const why = NOT_CONNECTED[code];
  if (why !== undefined) {
    const advice = 'see the configured url, the proxy and network policies';
    return failed('not-connected', `${where} cannot be reached, ${why} (${code}); ${advice}`, more);
  }
  const detail = code === '' ? '' : ` (${code})`;
  return failed(
    'consumer-unavailable',
    `${where}: the connection broke before an answer came${detail}; it is called again`,
    more,
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : codeOf(error.cause);
}
