/** The API from the other side, for the command line: over the socket of a running daemon, or in process. */
import { Pool } from 'undici';
import type { Api } from './api.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiCall {
  readonly method: 'GET' | 'POST';
  /** With the query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long to wait for the answer, in ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ApiClient extends AsyncDisposable {
  /** Rejects with `UnreachableError` where no answer came, with the signal's reason where it was aborted. */
  call(call: ApiCall): Promise<ApiAnswer>;
}

/** Nobody answers at the socket, or nobody does any more. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** The system's or undici's name for what went wrong, such as `ECONNREFUSED`. */
  readonly code: string;

  constructor(message: string, code = 'no answer', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const CONNECTIONS = 8;
const CONNECT_TIME_LIMIT_MS = 5_000;

/** Speaks to the daemon at this socket. */
export function socketClient(path: string): ApiClient {
  const pool = new Pool('http://rekeyd', {
    socketPath: path,
    allowH2: false,
    connections: CONNECTIONS,
    connect: { timeout: CONNECT_TIME_LIMIT_MS },
  });
  return {
    async call({ method, path: target, body, headers, timeoutMs, signal }) {
      try {
        const answer = await pool.request({
          method,
          path: target,
          headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          ...(signal && { signal }),
        });
        return { status: answer.statusCode, body: await answer.body.json() };
      } catch (error) {
        signal?.throwIfAborted();
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
        throw new UnreachableError(`no daemon answers at ${path} (${code})`, code, { cause: error });
      }
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

/** Speaks to routes in this process, with nothing in between. */
export function localClient(api: Api): ApiClient {
  return {
    async call({ method, path, body, headers }) {
      const answer = await api.inject({
        method,
        url: path,
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { payload: body as object }),
      });
      return { status: answer.statusCode, body: answer.json() };
    },
    [Symbol.asyncDispose]: () => api.close(),
  };
}
