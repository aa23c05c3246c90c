/** What the emulated API answers: a status with a JSON body, and every error that its documents name. */
import type { Answer } from '../wire.ts';

/** Every error id with its status and message, as in the OpenAPI document's tables; `limit-reached` as 403. */
export const API_ERRORS = {
  'jwt-missing': [401, 'Authentication token missing'],
  'jwt-format': [401, 'Invalid JWT token'],
  'jwt-format-header': [401, 'Invalid JWT header'],
  'jwt-format-body': [401, 'Invalid JWT body'],
  'jwt-payload': [401, 'Invalid JWT payload'],
  'jwt-issuer': [401, 'Invalid JWT issuer'],
  'jwt-public-key': [401, 'Could not fetch JWT public key'],
  'auth-missing': [401, 'Authorization header missing'],
  'auth-invalid': [401, 'Wrong authorization strategy'],
  'auth-api-invalid': [401, 'API user does not exist'],
  'auth-api-expired': [401, 'API token is no longer valid'],
  'payment-required': [402, 'Payment required'],
  'not-allowed': [403, 'Not allowed'],
  'limit-reached': [403, 'Limit reached'],
  'not-found': [404, 'Not found'],
  'cluster-not-configured': [409, 'Cluster not configured'],
  'auth-api-limited': [429, 'API daily usage limit reached'],
} as const satisfies Record<string, readonly [number, string]>;

export type ApiErrorId = keyof typeof API_ERRORS;

export function answerOk(body: unknown): Answer {
  return { status: 200, body };
}

export function answerError(id: ApiErrorId): Answer {
  const [status, message] = API_ERRORS[id];
  return { status, body: { id, message } };
}

/** 400, with the field's own camel-case name in the id. */
export function answerInvalidArgument(field: string): Answer {
  return { status: 400, body: { id: `invalid-argument-${field}`, message: 'Invalid arguments provided' } };
}
