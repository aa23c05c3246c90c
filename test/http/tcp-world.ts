/** The API on TCP, over the world of the API: real connections, tokens of a test, and a clock that stands still. */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createApi } from '../../src/http/api.ts';
import type { Api } from '../../src/http/api.ts';
import { createAttempts } from '../../src/http/attempts.ts';
import type { RefusedRequest } from '../../src/http/guard.ts';
import { listenOnTcp, TCP_LIMITS, tcpServer } from '../../src/http/tcp.ts';
import type { TcpLimits, TcpServer, TlsTexts } from '../../src/http/tcp.ts';
import type { KnownToken } from '../../src/http/tokens.ts';
import { apiWorld } from './api-world.ts';
import type { ApiWorld } from './api-world.ts';

export const OPERATOR = 'operator-operator-operator-operator';
export const VIEWER = 'viewer-viewer-viewer-viewer-viewer';
/** Configured, but nobody may be let in by so short a one. */
export const SHORT = 'short-short';

export interface TcpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly error?: string } & Readonly<Record<string, unknown>>;
}

export interface TcpCall {
  readonly method?: string;
  readonly path: string;
  /** Absent: none is shown. */
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TcpWorld extends AsyncDisposable {
  readonly world: ApiWorld;
  readonly api: Api;
  readonly server: TcpServer;
  readonly port: number;
  /** Those that were told. */
  readonly refusals: readonly RefusedRequest[];
  /** All of them, told or not. */
  readonly counted: readonly RefusedRequest[];
  /** The tokens that are configured; a test may change them. */
  readonly tokens: KnownToken[];
  readonly call: (call: TcpCall) => Promise<TcpAnswer>;
  /** A connection of its own, to say on it what one likes. */
  readonly connect: () => Promise<Socket>;
}

export async function tcpWorld(
  options: {
    readonly limits?: Partial<TcpLimits>;
    readonly tls?: TlsTexts;
    readonly failuresMax?: number;
    readonly toldMax?: number;
  } = {},
): Promise<TcpWorld> {
  const { limits, tls, failuresMax = 1_000, toldMax = 1_000 } = options;
  const world = await apiWorld({ name: 'billing' });
  const refusals: RefusedRequest[] = [];
  const counted: RefusedRequest[] = [];
  const tokens = [
    knownToken('oncall', 'operator', OPERATOR),
    knownToken('dashboard', 'viewer', VIEWER),
    knownToken('short', 'operator', SHORT),
  ];
  const server = tcpServer(tls, { ...TCP_LIMITS, ...limits });
  const attempts = (max: number) =>
    createAttempts(() => world.clock.elapsed(), { failuresMax: max, periodMs: 60_000, addressesMax: 100 });
  const api = createApi(world.services, {
    onError: (error) => {
      throw error;
    },
    serverFactory: server.serverFactory,
    guard: {
      tokens: () => tokens,
      attempts: attempts(failuresMax),
      tellings: attempts(toldMax),
      refused(refused, isTold) {
        counted.push(refused);
        if (isTold) refusals.push(refused);
      },
    },
  });
  const url = await listenOnTcp(api, { host: '127.0.0.1', port: 0 });
  const port = Number(new URL(url).port);
  return {
    world,
    api,
    server,
    port,
    refusals,
    counted,
    tokens,
    call: (call) => answerTo(port, call),
    async connect() {
      const socket = connect(port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      return socket;
    },
    async [Symbol.asyncDispose]() {
      await api.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

export function knownToken(token: string, role: KnownToken['role'], text: string): KnownToken {
  const digest = createHash('sha256').update(text).digest();
  return { token, role, digest: () => Promise.resolve(digest) };
}

function answerTo(port: number, { method = 'GET', path, token, body, headers }: TcpCall): Promise<TcpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<TcpAnswer>();
  const asking = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  asking.once('error', reject);
  asking.once('response', (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (more: string) => (text += more));
    answer.once('end', () => {
      const parsed = text === '' ? {} : (JSON.parse(text) as TcpAnswer['body']);
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: parsed });
    });
  });
  asking.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

/** Every route that the API has, as the server itself lists them. */
export async function routesOf(
  api: Api,
): Promise<readonly { readonly method: string; readonly path: string }[]> {
  await api.ready();
  const above: string[] = [];
  return api
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S*) ?\((.*)\)$/.exec(line) ?? [];
      if (methods === '') return [];
      const depth = indent.length / 4;
      above.length = depth;
      above.push(part);
      return methods.split(', ').map((method) => ({ method, path: above.join('') }));
    });
}
