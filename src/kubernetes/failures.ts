/** What the API server's answers and a connection's errors mean, and what a person can do about it. */
import { quotedWords } from '../domain/credential-shapes.ts';
import { failed } from '../domain/failure.ts';
import type { Failure } from '../domain/failure.ts';
import { networkCodeOf, NOT_CONNECTED } from '../system/network-error.ts';

type Failed = { readonly ok: false; readonly failure: Failure };

/** What was tried, and where. */
export interface Doing {
  /** Such as `reading`, `writing`. */
  readonly action: string;
  /** The verb that the API server asks a right for, such as `get`. */
  readonly verb: string;
  /** Such as `the Secret payments/token`. */
  readonly where: string;
}

const BROKEN_CONNECTION = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'UND_ERR_SOCKET']);

/** Whether the connection broke, as one that was kept open and closed by the other side in that moment does. */
export function isBrokenConnection(error: unknown): boolean {
  return BROKEN_CONNECTION.has(networkCodeOf(error));
}

export function connectionFailure(error: unknown, { action, where }: Doing): Failed {
  const code = networkCodeOf(error);
  const why = NOT_CONNECTED[code];
  if (why !== undefined) {
    return failed(
      'not-connected',
      `${action} ${where} was not possible: the API server cannot be reached, ${why} (${code}); see the configured ` +
        'server or kubeconfig, and network policies',
      { id: code },
    );
  }
  const detail = code === '' ? '' : ` (${code})`;
  return failed(
    'store-unavailable',
    `${action} ${where} failed: the connection to the API server broke before an answer came${detail}; it is tried again`,
    code === '' ? {} : { id: code },
  );
}

export function timeoutFailure({ action, where }: Doing, timeoutMs: number): Failed {
  return failed(
    'store-unavailable',
    `${action} ${where}: no answer of the API server within ${timeoutMs} ms; where that lasts it is blocked on ` +
      'the way: see firewalls, network policies and the configured timeout',
  );
}

export function tooLong(status: number, bytesMax: number): Failed {
  return failed(
    'store-unavailable',
    `the API server's answer (status ${status}) has more than ${bytesMax} bytes; see the configured server or kubeconfig, or a ` +
      'proxy in between',
  );
}

/** What an answer that is no success means. `body` is the API server's `Status`, as far as it is one. */
export function answerFailure(
  {
    status,
    body,
    retryAfterMs,
  }: { readonly status: number; readonly body: unknown; readonly retryAfterMs?: number },
  doing: Doing,
): Failed {
  const { action, where } = doing;
  const { reason, said } = statusOf(body);
  const more = {
    status,
    ...(reason !== '' && { id: reason }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  const known = reason === '' ? `status ${status}` : `${reason}, status ${status}`;
  if (status === 401) {
    return failed(
      'credential-refused',
      `${action} ${where}: the API server refuses rekeyd's own credential (${known}); see the token, the kubeconfig, or whether ` +
        'the service account still exists',
      more,
    );
  }
  if (status === 403) return failed('target-refused', forbidden(said, doing), more);
  if (status === 404 && reason === '') {
    return failed(
      'store-unavailable',
      `${action} ${where}: status 404, and not from a Kubernetes API server; see the configured server or kubeconfig, or a proxy in ` +
        'between; it is tried again',
      more,
    );
  }
  if (status === 404) {
    return failed(
      'target-refused',
      `${action} ${where} is not possible: ${said || 'it is not there'} (${known}); make it first`,
      more,
    );
  }
  if (status === 429) {
    return failed(
      'rate-limited',
      `${action} ${where}: the API server asks to wait (${known}); it is tried again`,
      more,
    );
  }
  if (status === 400 || status === 413 || status === 415 || status === 422) {
    return failed(
      'target-refused',
      `the API server does not take ${where} like this (${known}): ${said}`,
      more,
    );
  }
  return failed(
    'store-unavailable',
    `${action} ${where}: the API server failed (${known})${said === '' ? '' : `: ${said}`}; it is tried again`,
    more,
  );
}

/** Missing rights are named with their verb; anything else that forbids it, such as a quota or a policy, in its own words. */
function forbidden(said: string, { action, verb, where }: Doing): string {
  if (!/cannot \w+ resource/.test(said)) {
    return `${action} ${where} is forbidden: ${said || 'the API server does not say why'}`;
  }
  return `${action} ${where} is forbidden: ${said}; give it the verb ${verb} there (rekeyd rbac prints a Role with all that is needed)`;
}

/** One word, as all of Kubernetes are. An admission webhook writes what it likes there, and it has seen what was to be kept. */
const REASON = /^[A-Za-z]{1,40}$/;

function statusOf(body: unknown): { readonly reason: string; readonly said: string } {
  if (typeof body !== 'object' || body === null) return { reason: '', said: '' };
  const { reason, message } = body as { readonly reason?: unknown; readonly message?: unknown };
  return {
    reason: typeof reason === 'string' && REASON.test(reason) ? quotedWords(reason) : '',
    said: typeof message === 'string' ? quotedWords(message) : '',
  };
}
