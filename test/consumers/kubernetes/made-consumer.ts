// A consumer that a test makes in a cluster, and what comes of asking for it to be refreshed.

import type { Result } from '../../../src/domain/failure.ts';
import type { ConsumerConnection, Progress } from '../../../src/ports/consumer.ts';
import { endless, openConsumers } from '../open.ts';
import { until } from './cluster.ts';
import type { Cluster, Consumer, ConsumerKind } from './cluster.ts';

export interface MadeConsumer extends Consumer, Omit<Cluster, 'make'> {
  readonly connection: ConsumerConnection;
  readonly refresh: (neededAt: number) => Promise<Result<Progress>>;
  /** What it says when it is through, or says something that matches. */
  readonly come: (neededAt: number, wanted?: RegExp) => Promise<string>;
  /** What its preflight says. */
  readonly check: () => Promise<string>;
}

export type MakeConsumer = (kind: ConsumerKind, spec?: object) => Promise<MadeConsumer>;

export function makerIn(cluster: () => Promise<Cluster>): MakeConsumer {
  return async (kind, spec = {}) => {
    const { kubernetes, namespace, make } = await cluster();
    const consumer = await make(kind, spec);
    const connection = await openConsumers({
      kind: 'kubernetes',
      config: { server: kubernetes.url, insecure: true },
    });
    const step = {
      does: kind === 'ExternalSecret' ? 'forceSync' : 'restart',
      address: consumer.address,
    } as const;
    const refresh = (neededAt: number) => refreshBy(connection, step, neededAt);
    return {
      ...consumer,
      kubernetes,
      namespace,
      connection,
      refresh,
      come: (neededAt, wanted = /^through/) =>
        until(
          async () => saidBy(await refresh(neededAt)),
          (said) => wanted.test(said),
        ),
      check: async () => {
        const said = await connection.preflight(step, { signal: endless() });
        return said.ok ? said.value : `${said.failure.kind}: ${said.failure.message}`;
      },
    };
  };
}

export async function refreshBy(
  connection: ConsumerConnection,
  step: { readonly does: 'restart' | 'forceSync'; readonly address: string },
  neededAt: number,
): Promise<Result<Progress>> {
  const about = { account: 'billing', target: 's:a#b', fingerprint: '0123456789abcdef', token: 'token' };
  return await connection.refresh({ ...step, ...about, neededAt }, { signal: endless() });
}

export function saidBy(result: Result<Progress>): string {
  if (!result.ok) return `${result.failure.kind}: ${result.failure.message}`;
  return result.value.state === 'through' ? 'through' : `${result.value.state}: ${result.value.why}`;
}
