// Somebody who is called by a webhook: a real server, which checks signatures by itself and remembers the calls.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from '../../world/certificate.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answering = (received: Received, response: ServerResponse) => void;

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** Calls with a body, the preflights' aside. */
  readonly received: readonly Received[];
  /** Each call is answered by this from now on; at first by 204. */
  answer(answering: Answering): void;
}

export async function startReceiver(options: { readonly tls?: boolean } = {}): Promise<Receiver> {
  const received: Received[] = [];
  let answering: Answering = answerWith(204);
  const server =
    options.tls === true ? createTls({ cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY }) : createServer();
  server.on('request', (request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      if (method !== 'HEAD') received.push(one);
      answering(one, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${port}`,
    received,
    answer(next) {
      answering = next;
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function answerWith(
  status: number,
  text = '',
  headers: Readonly<Record<string, string>> = {},
): Answering {
  return (_, response) => {
    response.writeHead(status, headers);
    response.end(text);
  };
}

/** Whether a call was signed with this key, as the specification says to find out. */
export function isSignedWith(key: string, { headers, body }: Received): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const want = createHmac('sha256', Buffer.from(key.replace('whsec_', ''), 'base64'))
    .update(signed)
    .digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((each) => {
      const [version, signature = ''] = each.split(',');
      const given = Buffer.from(signature, 'base64');
      return version === 'v1' && given.length === want.length && timingSafeEqual(given, want);
    });
}
