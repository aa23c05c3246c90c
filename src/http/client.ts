/** The API from the other side, for the command line: by the socket of a running daemon, by its URL, or in process. */
import { Pool } from 'undici';
import type { Secret } from '../domain/secret.ts';
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

/** In place of a code of the system: an answer came, but not from a daemon. */
export const NOT_OURS = 'no-json';

const CONNECTIONS = 8;
const CONNECT_TIME_LIMIT_MS = 5_000;

/** Speaks to the daemon at this socket. */
export function socketClient(path: string): ApiClient {
  return poolClient(pool('http://rekeyd', { socketPath: path }), { where: path });
}

export interface TcpClientOptions {
  /** Shown with each call. */
  readonly token: Secret;
  /** PEM texts of the authorities to trust, and no others; absent: those of Node. */
  readonly authorities?: string;
}

/** Speaks to the daemon at this URL, which may have a path that comes before those of the API. */
export function tcpClient(url: URL, { token, authorities }: TcpClientOptions): ApiClient {
  const more = authorities === undefined ? {} : { ca: authorities };
  const prefix = url.pathname.replace(/\/+$/, '');
  return poolClient(pool(url.origin, more), { where: url.href, prefix, token });
}

function pool(origin: string, connect: { readonly socketPath?: string; readonly ca?: string }): Pool {
  return new Pool(origin, {
    allowH2: false,
    connections: CONNECTIONS,
    connect: { timeout: CONNECT_TIME_LIMIT_MS, ...connect },
  });
}

function poolClient(
  connections: Pool,
  {
    where,
    prefix = '',
    token,
  }: { readonly where: string; readonly prefix?: string; readonly token?: Secret },
): ApiClient {
  return {
    async call({ method, path, body, headers, timeoutMs, signal }) {
      try {
        const answer = await connections.request({
          method,
          path: `${prefix}${path}`,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(token && { authorization: `Bearer ${token.reveal()}` }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          ...(signal && { signal }),
        });
        return { status: answer.statusCode, body: bodyOf(await answer.body.text()) };
      } catch (error) {
        signal?.throwIfAborted();
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
        throw new UnreachableError(`no daemon answers at ${where} (${code})`, code, { cause: error });
      }
    },
    [Symbol.asyncDispose]: () => connections.destroy(),
  };
}

/** Throws where it is no JSON: then it is another server that answers. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw Object.assign(new Error('what answered is no JSON', { cause: error }), { code: NOT_OURS });
  }
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
