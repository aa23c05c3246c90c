/** A cluster as a connection to consumers: restarts workloads, has ExternalSecrets read anew. Loaded only where one is configured. */
import type { FailureKind, Result } from '../../domain/failure.ts';
import { accessSource } from '../../kubernetes/access-source.ts';
import type { ClusterConfig } from '../../kubernetes/cluster-config.ts';
import { connect } from '../../kubernetes/connection.ts';
import { callerOf } from '../../kubernetes/who-am-i.ts';
import type { ConsumerConnection } from '../../ports/consumer.ts';
import type { OpenConsumers } from '../entry.ts';
import { addressOf } from './address.ts';
import { apiWith, managerOf } from './api.ts';
import type { Versions } from './api.ts';
import { preflight, refresh } from './refresh.ts';

/** What the API server refuses or fails at is the consumer's matter here, as it is a store's there. */
const MEANT: Partial<Record<FailureKind, FailureKind>> = {
  'target-refused': 'consumer-refused',
  'store-unavailable': 'consumer-unavailable',
};

const VERBS = { restart: 'restart', forceSync: 'force a sync of', webhook: 'call' } as const;

export function open(options: OpenConsumers<ClusterConfig>): ConsumerConnection {
  const { name, config, installation, clock } = options;
  const connection = connect(options, accessSource(options));
  const versions: Versions = new Map();
  const caller = callerOf(connection);
  const who = { installation, manager: managerOf(installation) };

  return {
    name,
    kind: 'kubernetes',
    timeLimitMs: config.timeout,

    refresh: async ({ address, neededAt }, { signal }) =>
      meant(
        await connection.within(signal, (send) =>
          refresh(apiWith(send, versions, installation), addressOf(address), {
            ...who,
            neededAt,
            now: clock.now(),
          }),
        ),
      ),

    preflight: async ({ does, address }, { signal }) =>
      meant(
        await connection.within(signal, (send) =>
          preflight(apiWith(send, versions, installation), addressOf(address), {
            ...who,
            now: clock.now(),
            verb: VERBS[does],
          }),
        ),
      ),

    whoAmI: async ({ signal, again }) =>
      meant(await connection.within(signal, (send) => caller(send, { again }))),

    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

function meant<T>(result: Result<T>): Result<T> {
  if (result.ok) return result;
  const { failure } = result;
  return { ok: false, failure: { ...failure, kind: MEANT[failure.kind] ?? failure.kind } };
}
