/** Calls the API server, as whoever the access says, each call within the time of its session. */
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import { raced } from '../system/raced.ts';
import type { AccessSource } from './access.ts';
import type { OpenCluster } from './cluster-config.ts';
import { connectionFailure, isBrokenConnection, timeoutFailure, tooLong } from './failures.ts';
import type { Doing } from './failures.ts';
import { BYTES_MAX, transport } from './transport.ts';
import type { Call, Headers } from './transport.ts';

export interface Answer {
  readonly status: number;
  /** Parsed where it is JSON. */
  readonly body: unknown;
  /** Of 429: for how long the API server asks to be left alone, in ms. */
  readonly retryAfterMs?: number;
}

/** Sends one call, again where a kept-alive connection had just been closed: all calls are safe to repeat. */
export type Send = (call: Call, doing: Doing) => Promise<Result<Answer>>;

export interface Connection extends AsyncDisposable {
  /**
   * Runs `work` within the configured time limit. Rejects with the reason of `signal` when that is aborted first; the work's calls
   * are given up then as well.
   */
  within<T>(signal: AbortSignal, work: (send: Send) => Promise<Result<T>>): Promise<Result<T>>;
  /** Changes when the credential does that calls are made with. */
  readonly generation: () => number;
}

/** Half of the second that the header's whole seconds leave open. */
const DATE_HALF_STEP_MS = 500;

export function connect(options: OpenCluster, access: AccessSource): Connection {
  const { clock, config } = options;
  const line = transport(options);
  let refusals = 0;

  async function once(call: Call, signal: AbortSignal): Promise<Result<Answer & { readonly date?: number }>> {
    const current = await access.current(signal);
    if (!current.ok) return current;
    const { status, headers, body } = await line.send(call, current.value, signal);
    if (status === 401) {
      access.forget();
      refusals += 1;
    }
    if (body === undefined) return tooLong(status, BYTES_MAX);
    const retryAfter = Number(headers['retry-after']);
    const more =
      status === 429 && Number.isFinite(retryAfter)
        ? { retryAfterMs: Math.min(retryAfter * 1_000, LIMITS.askedWaitMaxMs) }
        : {};
    return succeeded({ status, body: jsonIn(body), ...more, ...dated(headers) });
  }

  return {
    generation: () => refusals + line.opened(),
    async within(signal, work) {
      signal.throwIfAborted();
      using deadline = clock.deadline(config.timeout, signal);
      return await work(async (call, doing) => {
        const sentAt = clock.elapsed();
        try {
          const attempt = () => raced(deadline.signal, () => once(call, deadline.signal));
          const answer = await attempt().catch((error: unknown) => {
            if (isBrokenConnection(error) && !deadline.signal.aborted) return attempt();
            throw error;
          });
          if (answer.ok) tellTime(options, answer.value, sentAt);
          return answer.ok || answer.failure.message.includes(doing.where) ? answer : about(doing, answer);
        } catch (error) {
          signal.throwIfAborted();
          return deadline.expired ? timeoutFailure(doing, config.timeout) : connectionFailure(error, doing);
        }
      });
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}

function about(doing: Doing, { failure }: Extract<Result<never>, { ok: false }>): Result<never> {
  const { kind, message, ...more } = failure;
  return failed(kind, `${doing.action} ${doing.where} was not possible: ${message}`, more);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only the API server itself gives its answers audit ids; a cache says how old an answer is. */
function dated(headers: Headers): { date?: number } {
  const date = Date.parse(String(headers['date'] ?? '')) + DATE_HALF_STEP_MS;
  const isTheirs = headers['audit-id'] !== undefined && headers['age'] === undefined;
  return isTheirs && !Number.isNaN(date) ? { date } : {};
}

function tellTime(
  { clock, onTime }: { readonly clock: Clock } & Pick<OpenCluster, 'onTime'>,
  answer: Answer & { readonly date?: number },
  sentAt: number,
): void {
  if (answer.date !== undefined) onTime?.({ date: answer.date, sentAt, receivedAt: clock.elapsed() });
}
