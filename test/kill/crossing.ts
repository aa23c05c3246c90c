/** Stands between the daemon and a service: passes every request on, and tells of each when it can be struck. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ownHeaders } from '../world/gate.ts';
import type { Passing } from '../world/gate.ts';
import type { RequestPoint } from './point.ts';

export interface Crossing extends AsyncDisposable {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Counts requests from one again, as at the start of a process. */
  reset(): void;
  /** Resolves when whoever was connected has gone, and all that was sent has had its effect. */
  quiet(): Promise<void>;
}

export interface CrossingOptions {
  readonly service: string;
  readonly upstream: string;
  nameOf(request: Passing): string;
  /** Awaited at each point. Where it answers `false` the request ends here, without an answer. */
  at(point: RequestPoint): Promise<boolean>;
  /** Told of the body of each answer. */
  onAnswer?(body: string): void;
}

/** All crossings of a world, which count together. */
export interface Crossings extends AsyncDisposable {
  /** Puts one before a service; answers where it is reached. */
  put(service: string, upstream: string, nameOf: CrossingOptions['nameOf']): Promise<string>;
  reset(): void;
  quiet(): Promise<void>;
}

export function createCrossings(told: Pick<CrossingOptions, 'at' | 'onAnswer'>): Crossings {
  const all = new AsyncDisposableStack();
  const crossings: Crossing[] = [];
  return {
    async put(service, upstream, nameOf) {
      const crossing = all.use(await startCrossing({ service, upstream, nameOf, ...told }));
      crossings.push(crossing);
      return crossing.origin;
    },
    reset: () => crossings.forEach((crossing) => crossing.reset()),
    quiet: async () => void (await Promise.all(crossings.map((crossing) => crossing.quiet()))),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startCrossing(options: CrossingOptions): Promise<Crossing> {
  const counts = new Map<string, number>();

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const passing: Passing = { method, path: url, headers: ownHeaders(request.headers) };
    const body = await buffer(request);
    const name = options.nameOf(passing);
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    const at = (side: RequestPoint['side']) =>
      options.at({ kind: 'request', service: options.service, name, nth, side });
    if (!(await at('before'))) return void response.destroy();
    const answer = await fetch(new URL(url, options.upstream), {
      method,
      headers: passing.headers,
      ...(body.length === 0 ? {} : { body }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    options.onAnswer?.(bytes.toString('utf8'));
    if (!(await at('after'))) return void response.destroy();
    response.writeHead(answer.status, ownHeaders(Object.fromEntries(answer.headers)));
    response.end(bytes, () => void at('answered'));
  }

  const passing = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    keep(
      passing,
      pass(request, response).catch(() => void response.destroy()),
    );
  });
  const connected = new Set<Promise<void>>();
  server.on('connection', (socket) => keep(connected, new Promise((closed) => socket.once('close', closed))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reset: () => counts.clear(),
    async quiet() {
      await Promise.all(connected);
      await Promise.all(passing);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Until it is over. */
function keep(all: Set<Promise<void>>, one: Promise<void>): void {
  all.add(one);
  void one.then(() => all.delete(one));
}
