/** Passes TCP connections on to a server, counts them, and can be cut. It does not look at what it carries. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** Connections that clients have open. */
  readonly open: number;
  /** Resolves when no client has a connection open. */
  quiet(): Promise<void>;
}

/** Listens on a free port of this machine, and passes on to `port` of the same. Disposing of it cuts everything. */
export async function startRelay(port: number): Promise<Relay> {
  const clients = new Set<Socket>();
  let watchers: (() => void)[] = [];
  const server = createServer((client) => {
    clients.add(client);
    const upstream = connect(port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    // A side that is torn down takes the other with it, whatever the reason.
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    client.on('close', () => {
      clients.delete(client);
      for (const watcher of watchers.splice(0)) watcher();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return clients.size;
    },
    async quiet() {
      while (clients.size > 0) await new Promise<void>((resolve) => (watchers = [...watchers, resolve]));
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
