// The two bare calls of a rotation, with nothing around them: what no daemon can be faster than.

import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { performance } from 'node:perf_hooks';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Pool } from 'undici';
import type { KronupReady } from './kronup-process.ts';

export interface Floor extends AsyncDisposable {
  /** Makes the secret of an account. */
  prepare(accountId: string): Promise<void>;
  /** Mints for one account and writes its token to its secret; how long that took, in ms. */
  rotate(accountId: string): Promise<number>;
}

export const SOCKETS = 64;

export function openFloor(kronup: KronupReady, awsUrl: string): Floor {
  const { origin } = new URL(kronup.url);
  const pool = new Pool(origin, { allowH2: false, connections: SOCKETS, pipelining: 1 });
  const secrets = new SecretsManagerClient({
    endpoint: awsUrl,
    region: 'eu-central-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'bench', secretAccessKey: randomUUID() },
    requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: SOCKETS }) }),
  });
  const headers = {
    authorization: `Bearer ${kronup.token}`,
    accept: 'application/json',
    'x-org-id': kronup.organisation,
  };
  return {
    async prepare(accountId) {
      await secrets.send(new CreateSecretCommand({ Name: secretOf(accountId), SecretString: '-' }));
    },
    async rotate(accountId) {
      const from = performance.now();
      const path = `/v1/service-accounts/${accountId}`;
      const answer = await pool.request({ method: 'PUT', path, headers });
      if (answer.statusCode !== 200) throw new Error(`the emulated Kronup answered ${answer.statusCode}`);
      const { serviceToken } = (await answer.body.json()) as { readonly serviceToken: string };
      await secrets.send(
        new PutSecretValueCommand({
          SecretId: secretOf(accountId),
          ClientRequestToken: randomUUID(),
          SecretString: serviceToken,
        }),
      );
      return performance.now() - from;
    },
    async [Symbol.asyncDispose]() {
      secrets.destroy();
      await pool.close();
    },
  };
}

export function secretOf(accountId: string): string {
  return `bench/${accountId}`;
}
