/**
 * The SDK's way to HTTP: each request is sent once, over connections that are kept, and its answer is read whole, up to a limit that the
 * SDK lacks. It takes less than half the time of the SDK's own handler, which pays for streams that nobody needs.
 */
import type { Clock } from '../../ports/clock.ts';
import type { dispatcherWith } from '../../system/dispatcher.ts';

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
type Watcher = Parameters<Dispatcher['dispatch']>[1];

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
      if (abortSignal instanceof AbortSignal) return await exchange(dispatcher, request, abortSignal);
      using deadline = clock.deadline(timeLimitMs);
      return await exchange(dispatcher, request, deadline.signal);
    },
    // What its settings are, the store alone says.
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<{ readonly response: HttpResponse }> {
  return new Promise((resolve, reject) => {
    let sending: { abort(reason: Error): void } | undefined;
    let statusCode = 0;
    let headers: HttpResponse['headers'] = {};
    let length = 0;
    const pieces: Uint8Array[] = [];
    let over = false;

    const end = () => {
      over = true;
      signal.removeEventListener('abort', stop);
    };
    const fail = (error: Error) => {
      if (over) return;
      end();
      reject(error);
    };
    // undici looks at a signal only once a request is on a socket; a connection that never comes about would hold the call.
    const stop = () => {
      const error = new DOMException('the request was given up', 'AbortError');
      fail(error);
      sending?.abort(error);
    };
    const watcher: Watcher = {
      onRequestStart(controller) {
        // Given up while it waited for a connection, or about to be sent a second time: neither may reach the wire.
        if (over || sending !== undefined) return controller.abort(new Error('not to be sent'));
        sending = controller;
      },
      onResponseStart(_controller, status, fields) {
        statusCode = status;
        headers = joined(fields);
      },
      onResponseData(controller, piece) {
        length += piece.byteLength;
        if (length <= ANSWER_BYTES_MAX) return void pieces.push(piece);
        const error = new AnswerTooLongError(`more than ${ANSWER_BYTES_MAX} bytes`);
        fail(error);
        controller.abort(error);
      },
      onResponseEnd() {
        if (over) return;
        end();
        resolve({ response: { statusCode, headers, body: Buffer.concat(pieces) } });
      },
      onResponseError: (_controller, error) => fail(asNodeSays(error)),
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      dispatcher.dispatch(outgoing(request), watcher);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function outgoing(request: HttpRequest): Parameters<Dispatcher['dispatch']>[0] {
  const { protocol, hostname, port, method } = request;
  return {
    origin: `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`,
    path: request.path + queryOf(request.query),
    method,
    headers: request.headers,
    body: request.body ?? null,
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
