// AWS Secrets Manager and STS as a real server: moto in a container, once a test file. It proves no rights, quotas or throttling.

import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GenericContainer, Wait } from 'testcontainers';

const IMAGE = 'motoserver/moto:5.2.5';
const PORT = 5_000;

/** The account that moto knows everybody as. */
export const MOTO_ACCOUNT = '123456789012';
export const MOTO_REGION = 'eu-central-1';

export interface Moto extends AsyncDisposable {
  readonly url: string;
  /** Beside the store under test: to see, and to do, what others do. */
  readonly client: SecretsManagerClient;
  /** From now on, nobody whom moto does not know is let in; or everybody is again. */
  enforceRights(on: boolean): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forHttp('/moto-api/', PORT))
    .start();
  const url = `http://${container.getHost()}:${container.getMappedPort(PORT)}`;
  const client = new SecretsManagerClient({
    region: MOTO_REGION,
    endpoint: url,
    credentials: { accessKeyId: 'somebody', secretAccessKey: 'else' },
  });
  return {
    url,
    client,
    async enforceRights(on) {
      const answer = await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: on ? '0' : 'inf' });
      if (!answer.ok) throw new Error(`moto answered ${answer.status}`);
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await container.stop();
    },
  };
}

export interface Wire extends AsyncDisposable {
  readonly url: string;
  /** Cuts every connection and takes no new one. */
  cut(): Promise<void>;
}

/** A way to a server that can be cut. */
export async function wireTo(url: string): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const address = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, cut, [Symbol.asyncDispose]: cut };
}
