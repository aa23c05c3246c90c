/** What Kronup's answers mean when they are no success: one table from status and error id to a failure, and the words for it. */
import type { Failure, FailureKind } from '../../domain/failure.ts';
import type { Doing } from '../http/doing.ts';
import { errorRow, failureIn, type ErrorAnswer, type ErrorForm, type ErrorRow } from '../http/errors.ts';
import { errorModel } from './models.ts';

/**
 * Every documented error (Kronup's OpenAPI 0.0.2 and its vendor's tests), then each status for an id that is not documented.
 * 400, 401, 403, 404 and 429 mean that nothing was done, whatever their id: only they have a failure whose effect is `none`.
 */
export const ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'invalid-argument-*', 'not-allowed', 'an argument is invalid', 'Check the account id.'),
  errorRow(400, '*', 'not-allowed', 'the request is invalid', 'Check the account id.'),
  errorRow(401, 'jwt-missing', 'credential-refused', 'the token is missing'),
  errorRow(401, 'jwt-format', 'credential-refused', 'the token is no valid JWT'),
  errorRow(401, 'jwt-format-header', 'credential-refused', 'the header of the JWT is invalid'),
  errorRow(401, 'jwt-format-body', 'credential-refused', 'the body of the JWT is invalid'),
  errorRow(401, 'jwt-payload', 'credential-refused', 'the payload of the JWT is invalid'),
  errorRow(401, 'jwt-issuer', 'credential-refused', 'the JWT was issued by somebody else'),
  // Reported as 401, but it is the service that could not fetch its own key: the token was not judged.
  errorRow(
    401,
    'jwt-public-key',
    'not-connected',
    'the service could not fetch the key that checks tokens',
    'Wait.',
  ),
  errorRow(401, 'auth-missing', 'credential-refused', 'the Authorization header is missing'),
  errorRow(401, 'auth-invalid', 'credential-refused', 'the kind of authorization is wrong'),
  errorRow(401, 'auth-api-invalid', 'credential-refused', 'the account of the token does not exist'),
  errorRow(401, 'auth-api-expired', 'credential-refused', 'the token is no longer valid'),
  errorRow(401, '*', 'credential-refused', 'the token was refused'),
  errorRow(
    402,
    'payment-*',
    'answer-invalid',
    'a payment is due',
    'See to the payment in the Kronup console.',
  ),
  errorRow(402, '*', 'answer-invalid', 'a payment is due', 'See to the payment in the Kronup console.'),
  errorRow(
    403,
    'limit-reached',
    'not-allowed',
    'a limit of the organisation is reached',
    'Close accounts or add users.',
  ),
  errorRow(403, 'not-allowed', 'not-allowed', 'the role of the caller does not allow it'),
  errorRow(403, '*', 'not-allowed', 'the role of the caller does not allow it'),
  errorRow(
    404,
    'not-found',
    'not-found',
    'there is no such open account, or nothing at all at this address',
    'Check the account id, whether it was closed, and baseUrl: it ends in /v1.',
  ),
  errorRow(
    404,
    '*',
    'not-found',
    'there is nothing at this address',
    'Check the account id, whether it was closed, and baseUrl: it ends in /v1.',
  ),
  errorRow(409, 'cluster-not-configured', 'answer-invalid', 'the cluster is not configured', 'Ask Kronup.'),
  errorRow(
    409,
    '*',
    'answer-invalid',
    'the service reports a conflict',
    'Look at the account in the Kronup console.',
  ),
  errorRow(
    422,
    '*',
    'answer-invalid',
    'the service could not process the request',
    'Look at the account in the console.',
  ),
  errorRow(429, 'auth-api-limited', 'rate-limited', 'the daily limit of calls is reached'),
  errorRow(429, '*', 'rate-limited', 'there were too many calls'),
];

/** How Kronup says that something went wrong. */
export const KRONUP_ERRORS: ErrorForm = {
  service: 'Kronup',
  rows: ERRORS,
  // By these ids it says that the token itself is no longer good; the others are about its form, or about Kronup.
  revokedIds: ['auth-api-expired', 'auth-api-invalid'],
  // A mint names the account and nothing else, so that this is what cannot be processed. 402 and 409 are the whole organisation's.
  declines: [422],
  read: (body) => errorModel.safeParse(body).data,
  advice: adviceOf,
};

/** The failure of an answer that is no success. `now` in ms since the epoch, for a `Retry-After` that is a date. */
export function failureOf(answer: ErrorAnswer, doing: Doing, now: number): Failure {
  return failureIn(KRONUP_ERRORS, answer, doing, now);
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
    case 'consumer-refused':
    case 'consumer-unavailable':
      return 'It is tried again.';
  }
}
