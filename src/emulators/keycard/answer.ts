/** What the emulated API answers when something is wrong. The codes are made up: Keycard documents none. */
import type { Answer } from '../wire.ts';

/** By status: a code and words for it. */
export const API_ERRORS = {
  400: ['bad_request', 'The request is invalid'],
  401: ['unauthorized', 'The access token is missing or not valid'],
  402: ['payment_required', 'Payment required'],
  403: ['forbidden', 'The permission is missing'],
  404: ['not_found', 'There is no such resource'],
  409: ['conflict', 'The request conflicts with the state of the resource'],
  415: ['unsupported_media_type', 'The content type is not supported'],
  422: ['unprocessable', 'The request could not be processed'],
  429: ['rate_limited', 'Too many requests'],
} as const satisfies Record<number, readonly [string, string]>;

export type ErrorStatus = keyof typeof API_ERRORS;

/** `{message, code, status}`, as the API's older document has it. */
export function answerError(status: ErrorStatus, words?: string): Answer {
  const [code, message] = API_ERRORS[status];
  return { status, body: { message: words ?? message, code, status } };
}

/** The token endpoint's own form (RFC 6749, 5.2). */
export function answerTokenError(status: 400 | 401 | 415, error: string, words: string): Answer {
  return { status, body: { error, error_description: words } };
}

/** The body of an error with this status, where the API has one. */
export function errorBody(status: number, code: string | undefined): unknown {
  if (!(status in API_ERRORS)) return undefined;
  const { body } = answerError(status as ErrorStatus);
  return code === undefined ? body : { ...(body as object), code };
}
