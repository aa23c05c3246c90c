/**
 * Stands before a server, and answers some of the requests by errors that repeat all that it knows: every credential there is, in
 * every form, what the request carried, and what the server would have answered.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { ownHeaders } from './gate.ts';
import type { Passing } from './gate.ts';

export interface Asked extends Passing {
  readonly body: string;
}

export interface Said {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Repeating {
  /** What it is, for who asks which were never met. */
  readonly name: string;
  readonly which: (asked: Asked) => boolean;
  readonly status: number;
  /** Once, unless this says otherwise. */
  readonly times?: number;
  /** Before the effect, or after it; `before` by default. */
  readonly when?: 'before' | 'after';
  /** In place of an error in JSON: what is answered, from all that is repeated and what the server answered. */
  readonly body?: (all: string, said: string) => string;
}

export interface Repeater {
  readonly origin: string;
  repeat(repeating: Repeating): void;
  /** The names of those that no request has met. */
  unmet(): readonly string[];
}

const FORMS: readonly ((text: string) => string)[] = [
  (credential) => credential,
  (credential) => Buffer.from(credential).toString('base64'),
  (credential) => encodeURIComponent(credential),
  (credential) => Buffer.from(JSON.stringify({ data: credential })).toString('base64'),
  (credential) => JSON.stringify({ data: credential }),
  (credential) => Buffer.from(`id:${credential}`).toString('base64url'),
];

/** To be called in a test. `credentials`: all that are repeated, also those that are added later. */
export async function startRepeater(
  credentials: ReadonlySet<string>,
  upstream: (asked: Asked) => Said | Promise<Said>,
): Promise<Repeater> {
  const open: (Repeating & { left: number; isMet: boolean })[] = [];
  let turn = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request;
    const asked = { method, path, headers: ownHeaders(request.headers), body: await text(request) };
    const met = open.find(({ which, left }) => left > 0 && which(asked));
    if (met === undefined) return say(response, await upstream(asked));
    met.left -= 1;
    met.isMet = true;
    const said = met.when === 'after' ? (await upstream(asked)).text : '';
    turn += 1;
    // What is shown of a long text is its beginning: another form stands there each time.
    const forms = FORMS.map((_, index) => FORMS[(index + turn) % FORMS.length] ?? String);
    const known = forms.flatMap((form) => [...credentials].map(form));
    const all = [...known, said, JSON.stringify(asked)].join(' ');
    // Of those that are letters and digits alone, as names of errors are.
    const [one = ''] = [...credentials].filter((credential) => /^[\dA-Za-z]+$/.test(credential));
    say(response, {
      status: met.status,
      text: met.body?.(all, said) ?? errorWith(all, one, met.status),
      headers: {
        'content-type': met.body === undefined ? 'application/json' : 'text/html',
        'retry-after': '0',
        location: `/again?token=${encodeURIComponent(one)}`,
        'www-authenticate': `Bearer realm="${one}"`,
      },
    });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repeat: (repeating) => void open.push({ ...repeating, left: repeating.times ?? 1, isMet: false }),
    unmet: () => open.filter(({ isMet }) => !isMet).map(({ name }) => name),
  };
}

/** As Keycard, Kubernetes and an endpoint of tokens each say an error. */
function errorWith(all: string, one: string, status: number): string {
  return JSON.stringify({
    message: all,
    kind: 'Status',
    reason: one,
    code: one,
    error: one,
    error_description: all,
    details: { name: all },
    status,
  });
}

function say(response: ServerResponse, { status, text: body, headers = {} }: Said): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}
