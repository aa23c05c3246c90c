/** A real HTTP server that does what a test says at each request, also what no good server does. It knows no API. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly origin: string;
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves when this many requests have arrived in full. */
  arrived(count: number): Promise<void>;
  /** How many connections are open now, and how many there were in all. */
  readonly sockets: { readonly open: number; readonly ever: number };
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
}

export type Script = (received: Received, response: ServerResponse, socket: Socket) => void;

/** The server, or the one that is made of it (such as one with TLS), listens on a free port of this machine. */
export async function scriptedServer(
  script: Script,
  make: (listener: (request: IncomingMessage, response: ServerResponse) => void) => Server = createServer,
  scheme = 'http',
): Promise<ScriptedServer> {
  const received: Received[] = [];
  const open = new Set<Socket>();
  let watchers: (() => void)[] = [];
  let ever = 0;
  const changed = () => {
    for (const watcher of watchers.splice(0)) watcher();
  };
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => (watchers = [...watchers, resolve]));
  };

  const server = make((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString() };
      received.push(one);
      changed();
      script(one, response, request.socket);
    });
  });
  server.on('connection', (socket: Socket) => {
    ever += 1;
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      changed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    url: `${origin}/v1`,
    received,
    arrived: (count) => until(() => received.length >= count),
    get sockets() {
      return { open: open.size, ever };
    },
    quiet: () => until(() => open.size === 0),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
