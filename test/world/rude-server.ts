/**
 * A server that takes whole requests and answers with whatever bytes a test says, also such as no server of HTTP sends. It counts
 * what arrived, and what it got rid of before the other side hung up.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What a server does once a request has arrived; `nth` counts from 1. */
export type Rudeness = (socket: Socket, nth: number) => void;

export interface RudeServer extends AsyncDisposable {
  readonly origin: string;
  /** First lines of the requests that arrived, such as `PUT /v1/x HTTP/1.1`. */
  readonly requests: readonly string[];
  /** Connections that there were, in all. */
  readonly connections: number;
  /** Bytes that were sent, in all. */
  readonly sent: number;
  /** Resolves when this many requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
  /** Writes one more letter to whoever is answered letter by letter. */
  goOn(): void;
}

export async function startRudeServer(rudeness: Rudeness): Promise<RudeServer> {
  const open = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  let sentBefore = 0;
  let watchers: (() => void)[] = [];
  const changed = () => {
    for (const watcher of watchers.splice(0)) watcher();
  };
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => (watchers = [...watchers, resolve]));
  };

  // Half open: it is the test that says when this side ends.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections += 1;
    open.add(socket);
    let unread = '';
    socket.on('data', (piece) => {
      const { heads, rest } = headsIn(unread + piece.toString('latin1'));
      unread = rest;
      for (const head of heads) {
        requests.push(head.split('\r\n')[0] ?? '');
        changed();
        rudeness(socket, requests.length);
      }
    });
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      sentBefore += socket.bytesWritten;
      open.delete(socket);
      changed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections;
    },
    get sent() {
      return [...open].reduce((sum, socket) => sum + socket.bytesWritten, sentBefore);
    },
    arrived: (count) => until(() => requests.length >= count),
    quiet: () => until(() => open.size === 0),
    goOn() {
      for (const socket of open) if (trickling.has(socket)) socket.write('x');
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The heads of requests whose bodies are there as well, and what is left after them. */
function headsIn(text: string): { readonly heads: readonly string[]; readonly rest: string } {
  const heads: string[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) break;
    const head = rest.slice(0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (rest.length < end + 4 + length) break;
    heads.push(head);
    rest = rest.slice(end + 4 + length);
  }
  return { heads, rest };
}

/** Says the first text, and then the other again and again, as fast as it is taken, until nobody takes it. */
function flood(first: string, more: string): Rudeness {
  const piece = Buffer.from(more.repeat(Math.ceil(16_384 / more.length)));
  return (socket) => {
    const pour = () => {
      while (!socket.destroyed && socket.writable && socket.write(piece));
    };
    socket.on('drain', pour);
    socket.write(first);
    pour();
  };
}

const trickling = new WeakSet<Socket>();

function trickle(text: string): Rudeness {
  return (socket) => {
    trickling.add(socket);
    socket.write(text);
  };
}

function say(text: string | Buffer): Rudeness {
  return (socket) => void socket.write(text);
}

const JSON_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
/** 64 MiB of nothing, in 64 KiB. */
const BOMB = gzipSync(Buffer.alloc(64 * 1_024 * 1_024));

/** What ends by itself: the other side notices, or has enough. */
export const SUDDEN: Readonly<Record<string, Rudeness>> = {
  'closes after the request': (socket) => void socket.end(),
  'resets the connection after the request': (socket) => void socket.resetAndDestroy(),
  'closes in the middle of a body': (socket) =>
    void socket.end(`${JSON_HEAD}content-length: 100\r\n\r\n{"id":`),
  'closes in the middle of the headers': (socket) => void socket.end(JSON_HEAD),
  'sends headers without end': flood(JSON_HEAD, 'x-flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'),
  'sends one header without end': flood(`${JSON_HEAD}x-flood: `, 'a'),
  'speaks another protocol': (socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  'says two lengths': (socket) =>
    void socket.end(`${JSON_HEAD}content-length: 2\r\ncontent-length: 20\r\n\r\n{}`),
};

/** What is an answer, and of no use. */
export const EXCESSIVE: Readonly<Record<string, Rudeness>> = {
  'sends a body in chunks without end': flood(
    `${JSON_HEAD}transfer-encoding: chunked\r\n\r\n`,
    `400\r\n${' '.repeat(1_024)}\r\n`,
  ),
  'sends a body without length and end': flood(`${JSON_HEAD}\r\n`, ' '),
  'sends a bomb of gzip': say(
    Buffer.concat([
      Buffer.from(`${JSON_HEAD}content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`),
      BOMB,
    ]),
  ),
};

const HINT = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n';

/** What goes on until the time is over. */
export const SLOW: Readonly<Record<string, Rudeness>> = {
  'says nothing': () => undefined,
  'sends early hints without end': (socket) => {
    socket.on('drain', () => void socket.write(HINT.repeat(500)));
    socket.write(HINT.repeat(500));
  },
  'begins with the headers and goes on letter by letter': trickle(`${JSON_HEAD}x-slow: `),
  'begins with the body and goes on letter by letter': trickle(
    `${JSON_HEAD}content-length: 999\r\n\r\n{"id":"`,
  ),
  'announces more than a machine holds': say(`${JSON_HEAD}content-length: 9007199254740991\r\n\r\n{`),
  'announces a chunk without end': say(`${JSON_HEAD}transfer-encoding: chunked\r\n\r\nfffffffffffff\r\n{`),
};
