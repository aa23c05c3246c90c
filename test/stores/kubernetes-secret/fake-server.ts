// An API server that answers what a test says, over plain HTTP or TLS, and remembers what it was asked.

import { once } from 'node:events';
import { createServer as createPlain } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from '../../world/certificate.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

type Answering = (asked: Asked, response: ServerResponse) => void;

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Each request is answered by this from now on. */
  answer(answering: Answering): void;
}

export async function fakeServer(options: { readonly tls?: boolean } = {}): Promise<FakeServer> {
  const asked: Asked[] = [];
  let answering: Answering = status(404);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers };
    asked.push(one);
    answering(one, response);
  };
  const server =
    options.tls === true
      ? createTls({ cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY }, listener)
      : createPlain(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${port}`,
    asked,
    answer(next) {
      answering = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An answer with this status and body: the API server's own `Status` where a reason is given. */
export function status(
  code: number,
  said: { readonly reason?: string; readonly message?: string } = {},
  headers: Readonly<Record<string, string>> = {},
): Answering {
  return (_, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ kind: 'Status', status: 'Failure', ...said, code }));
  };
}

/** A Secret with this value under the key `token`. */
export function secretWith(value: string): Answering {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        kind: 'Secret',
        metadata: { uid: 'u', resourceVersion: '1' },
        data: { token: Buffer.from(value).toString('base64') },
      }),
    );
  };
}
