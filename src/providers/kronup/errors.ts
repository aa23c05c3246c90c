/**
 * What Kronup's answers mean when they are no success: one table from status and error id to a failure, and the words
 * for it. It never repeats a body: at most the error's id and its message, without anything that could be a credential.
 */
import { failed, type Failure, type FailureKind } from '../../domain/failure.ts';
import { errorModel } from './models.ts';

/** Who made a call: it is theirs to be refused or limited. */
export type Caller = 'manager' | 'account';

/** What was being done, for messages. */
export interface Doing {
  /** An infinitive, such as `mint for account 1a2b`. */
  readonly what: string;
  /** The provider's name and base URL, such as `kronup (https://api.kronup.com/v1)`. */
  readonly where: string;
  readonly caller: Caller;
  /** Where the manager credential comes from, such as `file /run/secrets/token`. */
  readonly source: string;
}

interface Row {
  readonly status: number;
  /** The documented id; `prefix-*` stands for all that begin so, `*` for any other. */
  readonly id: string;
  readonly failure: FailureKind;
  readonly why: string;
  readonly next?: string;
}

/**
 * Every documented error (Kronup's OpenAPI 0.0.2 and its vendor's tests), then each status for an id that is not documented.
 * 400, 401, 403, 404 and 429 mean that nothing was done, whatever their id: only they have a failure whose effect is `none`.
 */
export const ERRORS: readonly Row[] = [
  row(400, 'invalid-argument-*', 'not-allowed', 'an argument is invalid', 'Check the account id.'),
  row(400, '*', 'not-allowed', 'the request is invalid', 'Check the account id.'),
  row(401, 'jwt-missing', 'credential-refused', 'the token is missing'),
  row(401, 'jwt-format', 'credential-refused', 'the token is no valid JWT'),
  row(401, 'jwt-format-header', 'credential-refused', 'the header of the JWT is invalid'),
  row(401, 'jwt-format-body', 'credential-refused', 'the body of the JWT is invalid'),
  row(401, 'jwt-payload', 'credential-refused', 'the payload of the JWT is invalid'),
  row(401, 'jwt-issuer', 'credential-refused', 'the JWT was issued by somebody else'),
  // Reported as 401, but it is the service that could not fetch its own key: the token was not judged.
  row(
    401,
    'jwt-public-key',
    'not-connected',
    'the service could not fetch the key that checks tokens',
    'Wait.',
  ),
  row(401, 'auth-missing', 'credential-refused', 'the Authorization header is missing'),
  row(401, 'auth-invalid', 'credential-refused', 'the kind of authorization is wrong'),
  row(401, 'auth-api-invalid', 'credential-refused', 'the account of the token does not exist'),
  row(401, 'auth-api-expired', 'credential-refused', 'the token is no longer valid'),
  row(401, '*', 'credential-refused', 'the token was refused'),
  row(402, 'payment-*', 'answer-invalid', 'a payment is due', 'See to the payment in the Kronup console.'),
  row(402, '*', 'answer-invalid', 'a payment is due', 'See to the payment in the Kronup console.'),
  row(
    403,
    'limit-reached',
    'not-allowed',
    'a limit of the organisation is reached',
    'Close accounts or add users.',
  ),
  row(403, 'not-allowed', 'not-allowed', 'the role of the caller does not allow it'),
  row(403, '*', 'not-allowed', 'the role of the caller does not allow it'),
  row(
    404,
    'not-found',
    'not-found',
    'there is no such open account',
    'Check the account id, and whether it was closed.',
  ),
  row(404, '*', 'not-found', 'there is no such resource', 'Check the account id, and whether it was closed.'),
  row(409, 'cluster-not-configured', 'answer-invalid', 'the cluster is not configured', 'Ask Kronup.'),
  row(
    409,
    '*',
    'answer-invalid',
    'the service reports a conflict',
    'Look at the account in the Kronup console.',
  ),
  row(
    422,
    '*',
    'answer-invalid',
    'the service could not process the request',
    'Look at the account in the console.',
  ),
  row(429, 'auth-api-limited', 'rate-limited', 'the daily limit of calls is reached'),
  row(429, '*', 'rate-limited', 'there were too many calls'),
];

/** By these ids Kronup says that the token itself is no longer good; the others are about its form, or about Kronup. */
const REVOKED_IDS: readonly (string | undefined)[] = ['auth-api-expired', 'auth-api-invalid'];

/** The failure of an answer that is no success. `now` in ms since the epoch, for a `Retry-After` that is a date. */
export function failureOf(
  answer: { readonly status: number; readonly retryAfter: string | undefined; readonly body: unknown },
  doing: Doing,
  now: number,
): Failure {
  const { status } = answer;
  const body = errorModel.safeParse(answer.body).data;
  const id = body !== undefined && /^[a-zA-Z0-9-]{1,64}$/.test(body.id) ? body.id : undefined;
  const row = rowOf(status, body === undefined ? undefined : (id ?? ''));
  const said = body === undefined || row.id !== '*' ? '' : `; it says "${harmless(body.message)}"`;
  const retryAfterMs = retryAfterOf(answer.retryAfter, now);
  const label = id === undefined ? String(status) : `${status} ${id}`;
  const next = row.next ?? adviceOf(row.failure, doing);
  const message = `${doing.where} did not ${doing.what}: ${label}, ${row.why}${said}. ${next}`;
  return failed(row.failure, message, {
    status,
    ...(id === undefined ? {} : { id }),
    ...(row.failure === 'credential-refused' && REVOKED_IDS.includes(id) ? { revoked: true as const } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }).failure;
}

/** Statuses that the table has rows for. Where nobody speaks Kronup's error format, something else has answered. */
function rowOf(status: number, id: string | undefined): Row {
  if (status >= 500) return row(status, '*', 'no-answer', 'something went wrong inside the service', 'Wait.');
  if (status >= 300 && status < 400) {
    return row(status, '*', 'answer-invalid', 'it redirects, which is never followed', 'Check baseUrl.');
  }
  // Judged by its status alone, a proxy's 403 would count against every account, and its 404 would make them all absent.
  if (id === undefined && (status === 400 || status === 403 || status === 404)) {
    const why = 'and not in the form of a Kronup error: something else has answered, such as a proxy';
    return row(status, '*', 'not-connected', why, 'Check baseUrl and the proxy.');
  }
  return (
    ERRORS.find((one) => one.status === status && matches(one.id, id ?? '')) ??
    row(status, '*', 'answer-invalid', 'which is not documented', 'Check baseUrl and the proxy.')
  );
}

function matches(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}

function row(status: number, id: string, failure: FailureKind, why: string, next?: string): Row {
  return { status, id, failure, why, ...(next === undefined ? {} : { next }) };
}

function adviceOf(failure: FailureKind, { caller, source }: Doing): string {
  switch (failure) {
    case 'credential-refused':
      return caller === 'manager'
        ? `Put a valid API key of an admin service account into ${source}.`
        : 'Observe the account: another credential may be live.';
    case 'not-allowed':
      return caller === 'manager'
        ? `Give the account whose key is in ${source} the role admin.`
        : 'Check the role of the account.';
    case 'rate-limited':
      return caller === 'manager'
        ? 'Wait; the limit holds for all calls of the manager credential.'
        : 'Wait; the limit is that of the account itself, not of the manager credential.';
    case 'answer-invalid':
      return 'Check that baseUrl leads to the Kronup API.';
    case 'not-connected':
    case 'no-answer':
    case 'not-found':
    case 'store-unavailable':
    case 'target-refused':
      return 'It is tried again.';
  }
}

const MS_PER_S = 1_000;
const RETRY_AFTER_MS_MAX = 24 * 3_600_000;

/** Seconds or an HTTP date, as RFC 9110 allows; in ms, at most a day. */
function retryAfterOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * MS_PER_S : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX);
}

const SAID_LENGTH_MAX = 160;

/** A service's own words, on one line, without any run of characters that is long enough to be a credential. */
export function harmless(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/[^ ]{20,}/g, '…')
    .slice(0, SAID_LENGTH_MAX);
}
