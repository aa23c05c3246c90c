/** A server for the API on TCP, with or without TLS, that gives nobody more time, connections or bytes than it needs. */
import { createServer as createPlainServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { ListenError } from '../ports/listen-error.ts';
import type { Api } from './api.ts';
import { plainAddress } from './caller.ts';

export interface TcpLimits {
  /** All of a request has to be here within this time, and so has a TLS handshake, in ms. */
  readonly requestMs: number;
  /** How often connections are looked through for those that took longer, in ms. */
  readonly lookMs: number;
  readonly connections: number;
  readonly connectionsOfAddress: number;
}

export const TCP_LIMITS: TcpLimits = {
  requestMs: 10_000,
  lookMs: 1_000,
  connections: 128,
  connectionsOfAddress: 32,
};

/** PEM texts. */
export interface TlsTexts {
  readonly certificate: string;
  readonly key: string;
}

export interface TcpServer {
  /** For fastify. */
  readonly serverFactory: (handler: RequestListener) => Server;
  /** For connections from now on. Throws where they do not belong together. */
  useTls(texts: TlsTexts): void;
}

const KEEP_ALIVE_MS = 5_000;
const HEADER_BYTES_MAX = 16_384;
const OLDEST_TLS = 'TLSv1.2';

export function tcpServer(tls: TlsTexts | undefined, limits: TcpLimits): TcpServer {
  const { requestMs, lookMs } = limits;
  const timing = {
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: lookMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
  };
  let secure: ReturnType<typeof createTlsServer> | undefined;
  const contextOf = ({ certificate: cert, key }: TlsTexts) =>
    ({ cert, key, minVersion: OLDEST_TLS }) as const;
  return {
    serverFactory(handler) {
      if (tls !== undefined) {
        secure = createTlsServer({ ...timing, ...contextOf(tls), handshakeTimeout: requestMs }, handler);
      }
      // Both are servers of HTTP; Node's types do not say so.
      const server = (secure as unknown as Server | undefined) ?? createPlainServer(timing, handler);
      limitConnections(server, limits);
      return server;
    },
    useTls: (texts) => secure?.setSecureContext(contextOf(texts)),
  };
}

/** So that one machine cannot take all. */
function limitConnections(server: Server, { connections, connectionsOfAddress }: TcpLimits): void {
  const counts = new Map<string, number>();
  server.maxConnections = connections;
  server.on('connection', (socket) => {
    const address = plainAddress(socket.remoteAddress);
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left > 0) counts.set(address, left);
      else counts.delete(address);
    });
    if (count > connectionsOfAddress) socket.destroy();
  });
}

/** Where it listens, such as `https://127.0.0.1:8443`. Rejects with words for a person, and closes the API. */
export async function listenOnTcp(
  api: Api,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    await api.listen({ host, port });
    return urlOf(api, host);
  } catch (error) {
    await api.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new ListenError(`cannot serve the API on ${host}:${port} (${why}); change api.address`, {
      cause: error,
    });
  }
}

/** What fastify says would be http, whatever the server. */
function urlOf({ server }: Api, host: string): string {
  const bound = server.address();
  const port = typeof bound === 'object' ? bound?.port : undefined;
  const scheme = server instanceof TlsServer ? 'https' : 'http';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
