// A small real HTTP server that speaks AWS's JSON protocol, for what moto cannot do: refuse, throttle, be silent, answer nonsense.

import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from '../../world/certificate.ts';

export interface Call {
  /** Such as `GetSecretValue`; `credentials` for a look at the source of credentials. */
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The access key that it was signed with. */
  readonly accessKeyId: string | undefined;
}

export type Answer =
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly text: string;
      readonly status?: number;
      readonly type?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Nothing comes, for ever. */
  | 'silence'
  /** The headers and a first piece come, and then nothing. */
  | 'trickle'
  /** The connection is torn down instead of an answer. */
  | 'reset';

export interface FakeAws extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly Call[];
  /** How this action is answered from now on; without a word it is unknown to this server. */
  on(action: string, answer: Answer | ((call: Call) => Answer)): void;
  /** Resolves once the action was called `count` times. */
  called(action: string, count?: number): Promise<void>;
}

const CALLER = 'arn:aws:sts::123456789012:assumed-role/rekeyd/session-7';

/** With `tls` it shows a certificate that only those trust who are told to. `host`: where it listens, on this machine. */
export async function startFakeAws({
  tls = false,
  certificate = TEST_CERTIFICATE,
  host = '127.0.0.1',
} = {}): Promise<FakeAws> {
  const calls: Call[] = [];
  const answers = new Map<string, Answer | ((call: Call) => Answer)>([
    ['GetCallerIdentity', { text: callerXml(CALLER), type: 'text/xml' }],
    ['credentials', { json: freshCredentials('AKIACONTAINER') }],
  ]);
  let watchers: (() => void)[] = [];

  const listener: RequestListener = (request, response) => {
    void callOf(request).then((call) => {
      calls.push(call);
      for (const watcher of watchers.splice(0)) watcher();
      const found = answers.get(call.action) ?? error('UnknownOperationException', 'not here');
      give(response, typeof found === 'function' ? found(call) : found);
    });
  };
  const server = tls
    ? createTlsServer({ cert: certificate, key: TEST_CERTIFICATE_KEY }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    on: (action, answer) => void answers.set(action, answer),
    async called(action, count = 1) {
      while (calls.filter((call) => call.action === action).length < count) {
        await new Promise<void>((resolve) => (watchers = [...watchers, resolve]));
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error as Secrets Manager gives it. */
export function error(name: string, message: string, status = 400): Answer {
  const headers = { 'x-amzn-requestid': 'request-42' };
  return { status, json: { __type: name, message }, headers };
}

export function freshCredentials(accessKeyId: string): Readonly<Record<string, string>> {
  const Expiration = '2999-01-01T00:00:00Z';
  return { AccessKeyId: accessKeyId, SecretAccessKey: 'secret', Token: 'token', Expiration };
}

function give(response: ServerResponse, answer: Answer): void {
  if (answer === 'silence') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
  } else if (answer === 'trickle') {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.write('{"ARN"');
  } else if ('text' in answer) {
    response.writeHead(answer.status ?? 200, {
      'content-type': answer.type ?? 'text/html',
      ...answer.headers,
    });
    response.end(answer.text);
  } else {
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/x-amz-json-1.1',
      ...answer.headers,
    });
    response.end(JSON.stringify(answer.json));
  }
}

async function callOf(request: IncomingMessage): Promise<Call> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  const text = Buffer.concat(pieces).toString();
  const accessKeyId = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1];
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const body = JSON.parse(text) as Record<string, unknown>;
    return { action: target.split('.')[1] ?? '', body, accessKeyId };
  }
  const body = Object.fromEntries(new URLSearchParams(text));
  return { action: body['Action'] ?? 'credentials', body, accessKeyId };
}

function callerXml(arn: string): string {
  const result = `<Arn>${arn}</Arn><UserId>AROA:session-7</UserId><Account>123456789012</Account>`;
  const inner = `<GetCallerIdentityResult>${result}</GetCallerIdentityResult>`;
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${inner}</GetCallerIdentityResponse>`;
}
