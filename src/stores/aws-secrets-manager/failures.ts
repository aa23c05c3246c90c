/**
 * What AWS's errors mean: whose failure each is, and what a person can do about it. The table is in
 * `meanings.ts`. Never quotes an
 * answer's body, which could hold what was sent.
 */
import { sanitiseText } from '../../domain/credential-shapes.ts';
import { failed } from '../../domain/failure.ts';
import type { Failure } from '../../domain/failure.ts';
import { LIMITS } from '../../domain/limits.ts';
import { NOT_CONNECTED } from '../../system/network-error.ts';
import { AnswerTooLongError } from './handler.ts';
import { meaningOfStatus, MEANINGS } from './meanings.ts';

export type Failed = { readonly ok: false; readonly failure: Failure };

/** What was tried: the permission that it takes, and where. */
export interface Doing {
  /** Such as `secretsmanager:PutSecretValue`. */
  readonly action: string;
  /** Such as `prod/app/token in eu-central-1`. */
  readonly where: string;
}

/** Credentials could not be had; thrown by the provider of credentials, where the SDK passes it on. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  /** The source never answered, as opposed to having refused. */
  readonly silent: boolean;

  constructor(silent: boolean, cause: unknown) {
    super('no credentials', { cause });
    this.silent = silent;
  }
}

/** As elsewhere, and what the SDK and Node say of a connection that they make. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ...NOT_CONNECTED,
  ENOTFOUND: 'the name of the service is not known',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS, or no kind of it that this machine accepts',
  ERR_PROXY_TUNNEL: 'the proxy does not let it through',
};

/** What OpenSSL says of a server that was never agreed with. It comes under the name of whichever call met it. */
const NO_TLS = /wrong version number|alert (?:handshake failure|protocol version|no application protocol)/;

/** Errors of a connection that broke: the request may have arrived. */
const BROKEN_CONNECTION = new Set(['ECONNRESET', 'EPIPE', 'EPROTO', 'ECONNABORTED', 'ETIMEDOUT']);

const QUOTE_LENGTH_MAX = 300;

/** No name of AWS is one word of this length, and the tokens of its sessions are: what was signed is quoted when it does not fit. */
const RUN = /[\w+/=.-]{100,}/g;

/** Whether the connection broke, as one that was kept open and closed by the other side in that moment does. */
export function isBrokenConnection(error: unknown): boolean {
  return BROKEN_CONNECTION.has(codeOf(error));
}

/** The failure for what a call of the SDK threw. */
export function failureOf(error: unknown, doing: Doing): Failed {
  if (error instanceof CredentialError) return credentialFailure(error, doing);
  if (error instanceof AnswerTooLongError)
    return unfit(doing, undefined, `more than ${error.bytesMax} bytes`);
  const code = codeOf(error);
  const unreachable = UNREACHABLE[code];
  if (unreachable !== undefined) {
    const next = 'see the store’s region, endpoint and ca, and the proxy settings';
    const answered = partOf(error, 'statusCode');
    const detail = typeof answered === 'number' ? `${code}, status ${answered}` : code;
    return failed('not-connected', sentence(doing, unreachable, detail, next), { id: code });
  }
  if (isBrokenConnection(error) || textOf(error, 'name') === 'TimeoutError') {
    const why = 'the connection broke before an answer came';
    return failed('store-unavailable', sentence(doing, why, code, 'it is tried again'), { id: code });
  }
  return answerFailure(error, doing);
}

/** What AWS answered that is no success, or is nothing that it would say. */
function answerFailure(error: unknown, doing: Doing): Failed {
  const name = textOf(error, 'name') ?? '';
  const { status, requestId, retryAfterMs } = metadataOf(error);
  const meaning = MEANINGS[name] ?? meaningOfStatus(status);
  if (meaning === undefined) {
    if (name === 'SyntaxError' || status !== undefined) return unfit(doing, status, requestId);
    const why = `the call could not be made${quote(error, '')}`;
    return failed('store-unavailable', sentence(doing, why, name, 'see the store’s region and endpoint'));
  }
  const known = MEANINGS[name] === undefined ? `status ${status}` : name;
  const words = meaning.quoted === true ? quote(error) : '';
  const request = requestId === undefined ? known : `${known}, request ${requestId}`;
  return failed(meaning.kind, sentence(doing, `${meaning.why}${words}`, request, meaning.next), {
    ...(status === undefined ? {} : { status }),
    ...(MEANINGS[name] === undefined ? {} : { id: name }),
    ...(meaning.kind === 'rate-limited' && retryAfterMs !== undefined ? { retryAfterMs } : {}),
  });
}

/** An answer that is not AWS's: a proxy's page, or something else at that address. */
export function unfit(doing: Doing, status: number | undefined, detail: string | undefined): Failed {
  const said = [status === undefined ? '' : `status ${status}`, detail ?? '']
    .filter((part) => part !== '')
    .join(', ');
  const next = 'see whether the endpoint or a proxy in between is something else';
  return failed(
    'store-unavailable',
    sentence(doing, 'the answer is not one of AWS Secrets Manager', said, next),
    status === undefined ? {} : { status },
  );
}

/** The time of a whole read, write or preflight is over. */
export function timeoutFailure(doing: Doing, timeoutMs: number): Failed {
  const why = `no answer within ${timeoutMs} ms`;
  return failed(
    'store-unavailable',
    sentence(
      doing,
      why,
      '',
      'where that lasts it is blocked on the way: see firewalls, network policies and the store’s timeout',
    ),
  );
}

function credentialFailure({ silent, cause }: CredentialError, doing: Doing): Failed {
  if (silent) {
    const why = 'the source of the AWS credentials does not answer';
    const next =
      'see the instance metadata service, the pod identity agent or the token service, and whether a firewall or network ' +
      'policy blocks the way there';
    return failed('store-unavailable', sentence(doing, why, '', next));
  }
  const code = codeOf(cause);
  if (UNREACHABLE[code] !== undefined || isBrokenConnection(cause)) {
    const why = 'the source of the AWS credentials cannot be reached';
    return failed('not-connected', sentence(doing, why, code, 'see the network and stsEndpoint'), {
      id: code,
    });
  }
  const name = textOf(cause, 'name') ?? '';
  const { status } = metadataOf(cause);
  const meaning = MEANINGS[name] ?? meaningOfStatus(status);
  if (meaning?.kind === 'rate-limited' || meaning?.kind === 'store-unavailable') {
    return failed(meaning.kind, sentence(doing, `for credentials: ${meaning.why}`, name, meaning.next), {
      id: name,
    });
  }
  const next = 'see what the environment, the profile or the pod gives, and the trust policy of assumeRole';
  const why = `there are no AWS credentials to be had${quote(cause)}`;
  return failed('credential-refused', sentence(doing, why, name, next), name === '' ? {} : { id: name });
}

function sentence({ action, where }: Doing, why: string, detail: string, next: string): string {
  return `${action} on ${where} failed: ${why}${detail === '' ? '' : ` (${detail})`}; ${next}`;
}

function quote(error: unknown, says = 'AWS says '): string {
  const words = sanitiseText(textOf(error, 'message') ?? '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(RUN, '…')
    .trim();
  return words === '' || words === 'UnknownError' ? '' : `, ${says}“${words.slice(0, QUOTE_LENGTH_MAX)}”`;
}

function metadataOf(error: unknown): { status?: number; requestId?: string; retryAfterMs?: number } {
  const metadata = partOf(error, '$metadata');
  const response = partOf(error, '$response');
  const status = partOf(metadata, 'httpStatusCode') ?? partOf(response, 'statusCode');
  const requestId = textOf(metadata, 'requestId');
  const seconds = Number(textOf(partOf(response, 'headers'), 'retry-after'));
  return {
    ...(typeof status === 'number' ? { status } : {}),
    ...(requestId === undefined ? {} : { requestId }),
    ...(seconds > 0 ? { retryAfterMs: Math.min(seconds * 1_000, LIMITS.askedWaitMaxMs) } : {}),
  };
}

function codeOf(error: unknown): string {
  const code = textOf(error, 'code') ?? '';
  const isTls = code === 'EPROTO' && NO_TLS.test(textOf(error, 'message') ?? '');
  return isTls ? 'ERR_SSL_WRONG_VERSION_NUMBER' : code;
}

function textOf(value: unknown, key: string): string | undefined {
  const part = partOf(value, key);
  return typeof part === 'string' ? part : undefined;
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
