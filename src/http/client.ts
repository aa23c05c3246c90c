/** The API from the other side, for the command line: over the socket of a running daemon, or in process. */
import { Client } from 'undici';
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
}

export interface ApiClient extends AsyncDisposable {
  call(call: ApiCall): Promise<ApiAnswer>;
}

/** Nobody answers at the socket. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Speaks to the daemon at this socket. */
export function socketClient(path: string): ApiClient {
  const client = new Client('http://rekeyd', { socketPath: path, allowH2: false });
  return {
    async call({ method, path: target, body, headers, timeoutMs }) {
      try {
        const answer = await client.request({
          method,
          path: target,
          headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        });
        return { status: answer.statusCode, body: await answer.body.json() };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        throw new UnreachableError(`no daemon answers at ${path} (${code})`, { cause: error });
      }
    },
    [Symbol.asyncDispose]: () => client.close(),
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
