/** Sends one call to an API server once: over connections that are kept, with the certificates of the access, through a proxy. */
import { createHash } from 'node:crypto';
import { Agent, EnvHttpProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import type { OpenStore } from '../entry.ts';
import type { Access } from './access.ts';
import type { KubernetesConfig } from './entry.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** With the query. */
  readonly path: string;
  readonly contentType?: string;
  /** The text of the body: made when the call is written, because it may hold a credential. */
  readonly body?: () => string;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What came back; without a body where that is longer than `BYTES_MAX`. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | undefined;
}

export interface Transport extends AsyncDisposable {
  /** Rejects with what went wrong on the way. */
  send(call: Call, access: Access, signal: AbortSignal): Promise<Received>;
  /** How often connections were begun anew, because an address or a certificate changed. */
  opened(): number;
}

const KEEP_ALIVE_MS = 4_000;
const CONNECTIONS_MAX = 32;
/** A Secret has 1 MiB at most, in base64, and what is said about it. */
export const BYTES_MAX = 8 * 1_048_576;

export function transport(options: OpenStore<KubernetesConfig>): Transport {
  let open: { readonly for: string; readonly dispatcher: Dispatcher } | undefined;
  let opened = 0;
  const closing = new Set<Promise<void>>();

  function dispatcherFor({ server, tls }: Access): Dispatcher {
    const wanted = createHash('sha256')
      .update(JSON.stringify([server, tls]))
      .digest('hex');
    if (open?.for === wanted) return open.dispatcher;
    // What is under way with the old ones is carried through.
    if (open !== undefined) drain(open.dispatcher, closing);
    opened += 1;
    open = { for: wanted, dispatcher: dispatcherOf(tls, options) };
    return open.dispatcher;
  }

  return {
    opened: () => opened,
    async send(call, access, signal) {
      const { origin, pathname } = new URL(access.server);
      const answer = await dispatcherFor(access).request({
        origin,
        path: pathname.replace(/\/$/, '') + call.path,
        method: call.method,
        headers: headersOf(call, access),
        body: call.body?.() ?? null,
        signal,
      });
      return { status: answer.statusCode, headers: answer.headers, body: await textOf(answer.body) };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(closing);
      await open?.dispatcher.destroy();
    },
  };
}

function drain(dispatcher: Dispatcher, closing: Set<Promise<void>>): void {
  const done = dispatcher.close().catch(() => undefined);
  closing.add(done);
  void done.then(() => closing.delete(done));
}

function dispatcherOf(tls: Access['tls'], { config, environment }: OpenStore<KubernetesConfig>): Dispatcher {
  const connectWith = { ...tls, timeout: config.timeout, allowH2: false };
  const shared = {
    allowH2: false,
    pipelining: 1,
    connections: CONNECTIONS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Time is kept by the Clock port, for a whole session.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connectWith,
  } as const;
  const httpProxy = environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '';
  const httpsProxy = environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '';
  const noProxy = environment['no_proxy'] ?? environment['NO_PROXY'] ?? '';
  if (httpProxy === '' && httpsProxy === '') return new Agent(shared);
  return new EnvHttpProxyAgent({ ...shared, httpProxy, httpsProxy, noProxy, requestTls: connectWith });
}

/** The last line before the wire. */
function headersOf({ contentType }: Call, { token, impersonate }: Access): string[] {
  const headers = ['accept', 'application/json', 'user-agent', 'rekeyd'];
  if (contentType !== undefined) headers.push('content-type', contentType);
  if (token !== undefined) headers.push('authorization', `Bearer ${token.reveal()}`);
  if (impersonate !== undefined) headers.push('impersonate-user', impersonate.user);
  for (const group of impersonate?.groups ?? []) headers.push('impersonate-group', group);
  return headers;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
