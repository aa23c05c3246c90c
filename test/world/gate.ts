/** Stands before an HTTP server and passes requests on, unless it is told to hold them back or to refuse them. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

type Which = (request: Passing) => boolean;

export interface Held {
  /** Resolves when the first such request has arrived. */
  readonly arrived: Promise<void>;
  /** Lets those that wait pass, and all to come. */
  release(): void;
}

export interface Gate extends AsyncDisposable {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Requests that fit wait here, and have not reached the server. Those whose client goes away never do. */
  hold(which: Which): Held;
  /** Answers of the server to requests that fit wait here: the effect has happened. */
  holdAnswers(which: Which): Held;
  /** Requests that fit are answered with 503, until what this returns is called. */
  refuse(which: Which): () => void;
}

interface Rule {
  readonly which: Which;
  readonly arrived: PromiseWithResolvers<void>;
  readonly open: PromiseWithResolvers<void>;
}

/** Those of HTTP itself, which are each connection's own. */
const OWN_HEADERS = [
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
  'content-encoding',
];

export async function startGate(upstream: string): Promise<Gate> {
  const before = new Set<Rule>();
  const after = new Set<Rule>();
  const refused = new Set<Which>();

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const { method = 'GET', url = '/' } = request;
    const passing = { method, path: url, headers: ownHeaders(request.headers) };
    const body = await buffer(request);
    await waitAt(before, passing);
    if (gone.signal.aborted) return;
    if ([...refused].some((which) => which(passing))) {
      response.writeHead(503, { 'content-type': 'application/x-amz-json-1.1' });
      response.end('{"__type":"ServiceUnavailable","message":"down"}');
      return;
    }
    const answer = await fetch(new URL(url, upstream), {
      method,
      headers: passing.headers,
      ...(body.length === 0 ? {} : { body }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    await waitAt(after, passing);
    response.writeHead(answer.status, ownHeaders(Object.fromEntries(answer.headers)));
    response.end(bytes);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (which) => holdAt(before, which),
    holdAnswers: (which) => holdAt(after, which),
    refuse(which) {
      refused.add(which);
      return () => void refused.delete(which);
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

async function waitAt(rules: ReadonlySet<Rule>, passing: Passing): Promise<void> {
  for (const rule of rules) {
    if (!rule.which(passing)) continue;
    rule.arrived.resolve();
    await rule.open.promise;
  }
}

function holdAt(rules: Set<Rule>, which: Which): Held {
  const rule = { which, arrived: Promise.withResolvers<void>(), open: Promise.withResolvers<void>() };
  rules.add(rule);
  return {
    arrived: rule.arrived.promise,
    release() {
      rules.delete(rule);
      rule.open.resolve();
    },
  };
}

/** The headers that a request or an answer keeps on its way through. */
export function ownHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
