/**
 * The SDK's way to HTTP: each request is sent once, over connections that are kept, and its answer is read whole, up to a limit that the
 * SDK lacks. It takes less than half the time of the SDK's own handler, which pays for streams that nobody needs.
 */
import type { Clock } from '../../ports/clock.ts';
import type { dispatcherWith } from '../../system/dispatcher.ts';
import { exchange } from '../../system/exchange.ts';
import type { Outgoing } from '../../system/exchange.ts';

/** A request as the SDK makes it. */
export interface HttpRequest {
  /** With its colon. */
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What the SDK's clients take in place of their own. */
export interface HttpHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(
    request: HttpRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ readonly response: HttpResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

type Dispatcher = ReturnType<typeof dispatcherWith>;

/** AWS's longest answers are a value of 64 KiB in base64, and a page of a hundred versions. */
const ANSWER_BYTES_MAX = 1_048_576;

/** Whoever answers is not AWS, or ill. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError';
  readonly bytesMax = ANSWER_BYTES_MAX;
}

export interface HandlerOptions {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  /** For requests that come without a signal, such as those for credentials, in ms. */
  readonly timeLimitMs: number;
}

export function httpHandler({ dispatcher, clock, timeLimitMs }: HandlerOptions): HttpHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, options) {
      const abortSignal = options?.abortSignal;
      if (abortSignal instanceof AbortSignal) return await answered(dispatcher, request, abortSignal);
      using deadline = clock.deadline(timeLimitMs);
      return await answered(dispatcher, request, deadline.signal);
    },
    // What its settings are, the store alone says.
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

async function answered(
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<{ readonly response: HttpResponse }> {
  const outcome = await exchange(dispatcher, { ...outgoing(request), bytesMax: ANSWER_BYTES_MAX, signal });
  switch (outcome.kind) {
    case 'answered': {
      const { status: statusCode, headers, body } = outcome;
      return { response: { statusCode, headers: joined(headers), body } };
    }
    case 'too-long':
      throw new AnswerTooLongError(`more than ${ANSWER_BYTES_MAX} bytes`);
    case 'withheld':
      throw new Error(outcome.why);
    case 'not-sent':
    case 'broken':
      if (signal.aborted) throw new DOMException('the request was given up', 'AbortError');
      throw asNodeSays(outcome.error);
  }
}

function outgoing(request: HttpRequest): Omit<Outgoing, 'bytesMax' | 'signal'> {
  const { protocol, hostname, port, method } = request;
  return {
    origin: `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`,
    path: request.path + queryOf(request.query),
    method,
    headers: request.headers,
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

/** In the form in which the SDK has signed it. */
function queryOf(query: HttpRequest['query']): string {
  const pairs: string[] = [];
  for (const name of Object.keys(query ?? {}).toSorted()) {
    const value = query?.[name];
    if (value === undefined || value === null) pairs.push(escaped(name));
    else for (const one of [value].flat()) pairs.push(`${escaped(name)}=${escaped(one)}`);
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function escaped(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, hex);
}

/** The SDK knows no header that comes twice. */
function joined(fields: Readonly<Record<string, string | string[] | undefined>>): HttpResponse['headers'] {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}

const TUNNEL_REFUSED = /^Proxy response \((\d+)\)/;

/** undici has words of its own for what Node has a code for. */
function asNodeSays(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException;
  const [, status] = TUNNEL_REFUSED.exec(error.message) ?? [];
  if (status !== undefined) return coded(error, { code: 'ERR_PROXY_TUNNEL', statusCode: Number(status) });
  return code === 'UND_ERR_SOCKET' ? coded(error, { code: 'ECONNRESET' }) : error;
}

function coded(cause: Error, more: { readonly code: string; readonly statusCode?: number }): Error {
  return Object.assign(new Error(cause.message, { cause }), more);
}
