/** Sends one call to an API server once: over connections that are kept, with the certificates of the access, through a proxy. */
import { dispatchers } from '../system/dispatcher.ts';
import type { Access } from './access.ts';
import type { OpenCluster } from './cluster-config.ts';

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

/** A Secret has 1 MiB at most, in base64, and what is said about it. */
export const BYTES_MAX = 8 * 1_048_576;

export function transport({ config, environment }: OpenCluster): Transport {
  const lines = dispatchers({ connectTimeoutMs: config.timeout, environment });
  return {
    opened: () => lines.opened(),
    async send(call, access, signal) {
      const { origin, pathname } = new URL(access.server);
      const answer = await lines.to(access.server, access.tls).request({
        origin,
        path: pathname.replace(/\/$/, '') + call.path,
        method: call.method,
        headers: headersOf(call, access),
        body: call.body?.() ?? null,
        signal,
      });
      return { status: answer.statusCode, headers: answer.headers, body: await textOf(answer.body) };
    },
    [Symbol.asyncDispose]: () => lines[Symbol.asyncDispose](),
  };
}

/** The last line before the wire. By name, each once: of a list, what goes through a proxy keeps the last of several. */
function headersOf(
  { contentType }: Call,
  { token, impersonate }: Access,
): Readonly<Record<string, string | string[]>> {
  return {
    accept: 'application/json',
    'user-agent': 'rekeyd',
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
    ...(impersonate !== undefined && { 'impersonate-user': impersonate.user }),
    ...(impersonate !== undefined && { 'impersonate-group': [...impersonate.groups] }),
  };
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
