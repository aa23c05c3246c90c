import { once } from 'node:events';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { OTHER_CERTIFICATE, TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from '../world/certificate.ts';
import { OPERATOR, tcpWorld, VIEWER } from './tcp-world.ts';
import type { TcpWorld } from './tcp-world.ts';

let tcp: TcpWorld | undefined;

afterEach(async () => {
  await tcp?.[Symbol.asyncDispose]();
  tcp = undefined;
});

async function open(options: Parameters<typeof tcpWorld>[0] = {}): Promise<TcpWorld> {
  tcp = await tcpWorld(options);
  return tcp;
}

/** What the other side said until it closed the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => (text += more));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}

describe('a listener on TCP', () => {
  it('reads no body of somebody without a token', async () => {
    const { connect } = await open();
    const socket = await connect();
    const length = 100_000_000;
    socket.write(`POST /v1/rotations HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n{`);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('refuses a body that is larger than any request', async () => {
    const { call } = await open();
    const body = { accounts: ['x'.repeat(1_100_000)], reason: 'x' };
    const { status } = await call({ method: 'POST', path: '/v1/rotations', token: OPERATOR, body });
    expect(status).toBe(413);
  });

  it('ends a connection that says nothing, or a request that does not come to its end', async () => {
    const { connect } = await open({ limits: { requestMs: 200, lookMs: 20 } });
    const silent = await connect();
    const slow = await connect();
    slow.write('GET /v1/status HTTP/1.1\r\nhost: x\r\n');
    const slowBody = await connect();
    const authorization = `authorization: Bearer ${OPERATOR}`;
    slowBody.write(
      `POST /v1/reload HTTP/1.1\r\nhost: x\r\n${authorization}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    );
    const answers = await Promise.all([silent, slow, slowBody].map(untilClosed));
    for (const answer of answers) expect(answer).not.toMatch(/ 200 /);
    expect(answers[1]).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('takes only so many connections of one address', async () => {
    const { connect, call } = await open({ limits: { connectionsOfAddress: 2 } });
    const [first] = [await connect(), await connect()];
    await expect(call({ path: '/v1/status', token: VIEWER })).rejects.toMatchObject({ code: 'ECONNRESET' });
    first.destroy();
    await once(first, 'close');
    await expect.poll(() => call({ path: '/v1/status', token: VIEWER }).catch(() => undefined)).toBeTruthy();
  });

  it('speaks TLS, and shows another certificate from the moment on that it is given', async () => {
    const key = TEST_CERTIFICATE_KEY;
    const { port, server } = await open({ tls: { certificate: TEST_CERTIFICATE, key } });
    expect(await shownAt(port)).toBe('localhost');
    server.useTls({ certificate: OTHER_CERTIFICATE, key });
    expect(await shownAt(port)).toBe('other.example');
  });

  it('says which address cannot be had', async () => {
    const { port, world } = await open();
    const { createApi } = await import('../../src/http/api.ts');
    const { listenOnTcp } = await import('../../src/http/tcp.ts');
    const second = createApi(world.services, { onError: () => undefined });
    await expect(listenOnTcp(second, { host: '127.0.0.1', port })).rejects.toThrow(
      new RegExp(String.raw`cannot serve the API on 127\.0\.0\.1:${port} .*EADDRINUSE.*change api\.address`),
    );
  });
});

/** The name in the certificate that is shown there. */
async function shownAt(port: number): Promise<string | undefined> {
  const headers = { authorization: `Bearer ${VIEWER}` };
  const asking = request({
    host: '127.0.0.1',
    port,
    path: '/v1/status',
    agent: false,
    headers,
    rejectUnauthorized: false,
  });
  const socket = once(asking, 'socket').then(([found]) => found as TLSSocket);
  asking.end();
  const answer = once(asking, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
  const [{ statusCode }] = await answer;
  expect(statusCode).toBe(200);
  const { subject } = (await socket).getPeerCertificate();
  return String(subject.CN);
}
