/** What a webhook's answer, or none, means for the refresh, and what a person can do about it. */
import { quotedWords } from '../../domain/credential-shapes.ts';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { LIMITS } from '../../domain/limits.ts';
import { networkCodeOf, NOT_CONNECTED } from '../../system/network-error.ts';

export interface Answer {
  readonly status: number;
  /** The beginning of the answer's text. */
  readonly text: string;
  readonly retryAfter: string | undefined;
}

/** `where` names the webhook and its address, such as `the webhook deploys (https://deploys.example.com)`. */
export function meaningOf({ status, text, retryAfter }: Answer, where: string): Result<void> {
  if (status >= 200 && status <= 299) return succeeded(undefined);
  const said = quotedWords(text);
  const quote = said === '' ? '' : `: ${said}`;
  if (status === 429) {
    const seconds = Number(retryAfter);
    const more =
      retryAfter !== undefined && Number.isFinite(seconds)
        ? { retryAfterMs: Math.min(seconds * 1_000, LIMITS.askedWaitMaxMs) }
        : {};
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
  const code = networkCodeOf(error);
  const more = code === '' ? {} : { id: code };
  const why = NOT_CONNECTED[code];
  if (why !== undefined) {
    const advice = 'see the configured url and ca, the proxy settings and network policies';
    return failed('not-connected', `${where} cannot be reached, ${why} (${code}); ${advice}`, more);
  }
  const detail = code === '' ? '' : ` (${code})`;
  return failed(
    'consumer-unavailable',
    `${where}: the connection broke before an answer came${detail}; it is called again`,
    more,
  );
}
