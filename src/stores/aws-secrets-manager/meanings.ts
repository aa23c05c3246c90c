/** AWS's own names for errors, and what each means for a delivery. Data only; `failures.ts` makes the messages. */
import type { FailureKind } from '../../domain/failure.ts';

/** Whose failure an error is, why it happened, and what a person can do. */
export interface Meaning {
  readonly kind: FailureKind;
  readonly why: string;
  readonly next: string;
  /** AWS's own words say more, and never repeat what was sent. */
  readonly quoted?: true;
}

const THROTTLED: Meaning = {
  kind: 'rate-limited',
  why: 'AWS throttles this account and region',
  next: 'it is tried again more slowly; lower the store’s rate if others write there too',
};
const EXPIRED: Meaning = {
  kind: 'credential-refused',
  why: 'the AWS credentials have expired',
  next: 'they are asked for anew; if that does not help, renew them where they come from, and look at this machine’s clock',
};
const REFUSED: Meaning = {
  kind: 'credential-refused',
  why: 'AWS does not accept the credentials',
  next: 'see which ones are found (rekeyd check), and whether this machine’s clock is right',
};
const DENIED: Meaning = {
  kind: 'target-refused',
  why: 'access is denied',
  next: 'allow this action on this secret, and kms:GenerateDataKey and kms:Decrypt on its key, to the caller',
  quoted: true,
};
const KEY: Meaning = {
  kind: 'target-refused',
  why: 'the KMS key of the secret cannot be used',
  next: 'see that the key is enabled, and allow kms:GenerateDataKey and kms:Decrypt on it to the caller',
  quoted: true,
};
const INVALID: Meaning = {
  kind: 'target-refused',
  why: 'AWS does not accept the request',
  next: 'compare the target’s options with what AWS allows',
};
const BROKEN: Meaning = {
  kind: 'store-unavailable',
  why: 'AWS has a fault of its own',
  next: 'it is tried again; see AWS’s health page if it lasts',
};

/** By the name that AWS gives the error. */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
  ThrottlingException: THROTTLED,
  Throttling: THROTTLED,
  TooManyRequestsException: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  ExpiredTokenException: EXPIRED,
  ExpiredToken: EXPIRED,
  RequestExpired: EXPIRED,
  UnrecognizedClientException: REFUSED,
  InvalidClientTokenId: REFUSED,
  InvalidSignatureException: REFUSED,
  SignatureDoesNotMatch: REFUSED,
  IncompleteSignature: REFUSED,
  IncompleteSignatureException: REFUSED,
  MissingAuthenticationToken: REFUSED,
  MissingAuthenticationTokenException: REFUSED,
  OptInRequired: REFUSED,
  AccessDeniedException: DENIED,
  AccessDenied: DENIED,
  DecryptionFailure: KEY,
  EncryptionFailure: KEY,
  ResourceNotFoundException: {
    kind: 'target-refused',
    why: 'there is no such secret, or no such version of it',
    next: 'create the secret, or say create: true for this target',
  },
  ResourceExistsException: {
    kind: 'target-refused',
    why: 'it is there already',
    next: 'it is looked at again',
  },
  InvalidRequestException: {
    kind: 'target-refused',
    why: 'the secret does not allow it in its present state',
    next: 'look at the secret in AWS’s console',
    quoted: true,
  },
  InvalidParameterException: INVALID,
  ValidationException: INVALID,
  PreconditionNotMetException: INVALID,
  MalformedPolicyDocumentException: INVALID,
  LimitExceededException: {
    kind: 'target-refused',
    why:
      'a quota is full, most likely that of about 100 versions of a secret, of which AWS removes none that is ' +
      'younger than 24 hours',
    next: 'write it less often than every 20 minutes; it is tried again, and works once versions are a day old',
    quoted: true,
  },
  InternalServiceError: BROKEN,
  InternalServiceErrorException: BROKEN,
  InternalFailure: BROKEN,
  ServiceUnavailable: BROKEN,
  ServiceUnavailableException: BROKEN,
};

/** What a status means where the error has no name that is known; `undefined` where it says nothing. */
export function meaningOfStatus(status: number | undefined): Meaning | undefined {
  if (status === undefined) return undefined;
  if (status === 429) return THROTTLED;
  if (status === 401) return REFUSED;
  if (status === 403) return DENIED;
  return status >= 500 ? BROKEN : undefined;
}
