// Faults of the network between a client and a server of this machine: toxiproxy in a container, once a test file.

import { GenericContainer, Wait } from 'testcontainers';

const IMAGE = 'ghcr.io/shopify/toxiproxy:2.5.0';
const API_PORT = 8_474;
const PROXY_PORT = 8_666;
/** The name by which a container reaches the machine that it runs on. */
const MACHINE = 'host.docker.internal';

export interface Toxiproxy extends AsyncDisposable {
  /** Host and port of the way through it. */
  readonly address: string;
  /** From now on the way leads to this port of the machine, without any fault. What it led to before is cut off. */
  leadTo(port: number): Promise<void>;
  /** Adds a fault to what goes to the server (`upstream`) or comes from it (`downstream`). */
  add(type: ToxicType, stream: 'upstream' | 'downstream', attributes?: Attributes): Promise<void>;
}

/** The faults, as toxiproxy calls them. */
export type ToxicType = 'latency' | 'bandwidth' | 'slow_close' | 'timeout' | 'reset_peer' | 'limit_data';
/** In ms, KB a second, or bytes, as each fault has it. */
export type Attributes = Readonly<Record<string, number>>;

export async function startToxiproxy(): Promise<Toxiproxy> {
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(API_PORT, PROXY_PORT)
    .withExtraHosts([{ host: MACHINE, ipAddress: 'host-gateway' }])
    .withWaitStrategy(Wait.forHttp('/version', API_PORT))
    .start();
  const api = `http://${container.getHost()}:${container.getMappedPort(API_PORT)}`;
  const ask = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${api}${path}`, { method, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`toxiproxy answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  return {
    address: `${container.getHost()}:${container.getMappedPort(PROXY_PORT)}`,
    async leadTo(port) {
      const upstream = `${MACHINE}:${port}`;
      await ask('POST', '/populate', [{ name: 'way', listen: `0.0.0.0:${PROXY_PORT}`, upstream }]);
      await ask('POST', '/reset', {});
    },
    add: (type, stream, attributes = {}) =>
      ask('POST', '/proxies/way/toxics', { type, stream, toxicity: 1, attributes }),
    async [Symbol.asyncDispose]() {
      await container.stop();
    },
  };
}
