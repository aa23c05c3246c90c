/** What Keycard's answers mean when they are no success: one table from status and code to a failure, and the words for it. */
import { z } from 'zod';
import type { FailureKind } from '../../domain/failure.ts';
import { loose } from '../http/body.ts';
import type { Doing } from '../http/doing.ts';
import { errorRow, type ErrorForm, type ErrorRow, type SaidError } from '../http/errors.ts';

/**
 * Keycard's codes are not documented, so that it is the status that counts; those of its token endpoint are of RFC 6749, 5.2.
 * 400, 401, 403, 404 and 429 mean that nothing was done: only they have a failure whose effect is `none`.
 */
export const ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'invalid_client', 'credential-refused', 'the client id or the client secret is not accepted'),
  errorRow(400, '*', 'not-allowed', 'the request is invalid', 'Check the ids and texts in it.'),
  errorRow(401, 'invalid_client', 'credential-refused', 'the client id or the client secret is not accepted'),
  errorRow(401, '*', 'credential-refused', 'the credential was refused'),
  errorRow(402, '*', 'answer-invalid', 'a payment is due', 'See to the payment in the Keycard console.'),
  errorRow(403, '*', 'not-allowed', 'the caller does not have the permission'),
  errorRow(404, '*', 'not-found', 'there is no such resource', 'Check the ids of organisation and account.'),
  errorRow(
    409,
    '*',
    'answer-invalid',
    'the service reports a conflict',
    'Look at it in the Keycard console.',
  ),
  errorRow(415, '*', 'answer-invalid', 'the kind of body was not accepted', 'Check the proxy.'),
  errorRow(422, '*', 'answer-invalid', 'the service could not process the request', 'Check the texts in it.'),
  errorRow(429, '*', 'rate-limited', 'there were too many calls'),
];

/** Nothing of it is taken for granted: the current API documents no errors, its older document has `{message, code, status}`. */
const model = z.object({
  message: loose(z.string()),
  code: loose(z.string()),
  status: loose(z.number()),
  error: loose(z.string()),
  error_description: loose(z.string()),
});

const BAD_REQUEST = 400;

/** How Keycard says that something went wrong. */
export const KEYCARD_ERRORS: ErrorForm = {
  service: 'Keycard',
  rows: ERRORS,
  revokedIds: ['invalid_client'],
  // What conflicts, or cannot be processed, is what the account has: a limit of its credentials, or what it may be given.
  declines: [409, 422],
  read: readError,
  advice: adviceOf,
};

/** A message alone, as gateways say it too, is known of Keycard for 400 only. */
function readError(body: unknown, status: number): SaidError | undefined {
  const said = model.safeParse(body).data;
  if (said === undefined) return undefined;
  const { message, code, error, error_description: description } = said;
  const isTheirs = code !== undefined || error !== undefined || said.status === status;
  if (!isTheirs && (status !== BAD_REQUEST || message === undefined)) return undefined;
  return { id: code ?? error ?? '', message: message ?? description ?? '' };
}

function adviceOf(failure: FailureKind, { caller, source }: Doing): string {
  switch (failure) {
    case 'credential-refused':
      return caller === 'manager'
        ? `Put a valid client id and secret into ${source}.`
        : 'Observe the account: another credential may be live.';
    case 'not-allowed':
      return caller === 'manager'
        ? `Let the service account whose credential is in ${source} manage service accounts.`
        : 'Check what the account may do.';
    case 'rate-limited':
      return caller === 'manager'
        ? 'Wait; the limit holds for all calls of the manager credential.'
        : 'Wait; the limit is that of the account itself, not of the manager credential.';
    case 'answer-invalid':
      return 'Check that baseUrl leads to the Keycard API.';
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
