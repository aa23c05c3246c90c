// The contract of every consumer, for each kind of them in a real cluster, as a service account with exactly the verbs get and patch.

import { consumerContract } from '../../contract/consumer-contract.ts';
import type { ConsumerWorld } from '../../contract/consumer-contract.ts';
import { describeContainers } from '../../world/containers.ts';
import { wireTo } from '../../world/moto.ts';
import { openConsumers } from '../open.ts';
import { grant, isRolledOut, pause, until, useCluster } from './cluster.ts';
import type { Consumer, ConsumerKind } from './cluster.ts';

interface Played {
  /** Counts the effects from now on. */
  readonly effects: (consumer: Consumer) => Promise<() => Promise<number>>;
  /** What its controller does, where the cluster has none. */
  readonly play?: (consumer: Consumer) => Promise<void>;
}

/** Each change of what is wanted of an object counts its generation up. */
const byGeneration: Played['effects'] = async ({ read }) => {
  const generationNow = async (): Promise<number> => (await read()).metadata.generation ?? 0;
  const before = await generationNow();
  return async () => (await generationNow()) - before;
};

/** Argo says when it has replaced all pods that were made before an instant: not before that. */
async function playArgo({ read, say }: Consumer): Promise<void> {
  const { metadata, spec } = await read();
  const restartedAt = spec?.['restartAt'];
  const observedGeneration = String(metadata.generation);
  await until(read, () => Date.now() >= Date.parse(String(restartedAt)));
  await say({ observedGeneration, restartedAt, phase: 'Healthy', replicas: 2, availableReplicas: 2 });
}

/** Its controller keeps when it began to read, in whole seconds; this one takes its time until the next one. */
async function playExternalSecrets({ read, say }: Consumer): Promise<void> {
  const forced = Date.parse((await read()).metadata.annotations?.['force-sync'] ?? '');
  await until(read, () => Date.now() >= Math.ceil(forced / 1_000) * 1_000);
  const refreshTime = new Date().toISOString().replace(/\.\d+Z/, 'Z');
  await say({ refreshTime, conditions: [{ type: 'Ready', status: 'True', reason: 'SecretSynced' }] });
}

/** An annotation says nothing of those before it: so it is looked at whenever the controller acts. */
function byAnnotation(): Played {
  const seen = new Set<string | undefined>();
  const look = async ({ read }: Consumer): Promise<void> => {
    seen.add((await read()).metadata.annotations?.['force-sync']);
  };
  return {
    async effects(consumer) {
      await look(consumer);
      return async () => {
        await look(consumer);
        return seen.size - 1;
      };
    },
    async play(consumer) {
      await look(consumer);
      await playExternalSecrets(consumer);
    },
  };
}

describeContainers('Kubernetes', () => {
  const cluster = useCluster();

  async function worldOf(kind: ConsumerKind, { effects, play }: Played): Promise<ConsumerWorld> {
    const { kubernetes, namespace, make } = await cluster();
    const consumer = await make(kind);
    if (play === undefined) await consumer.until(isRolledOut);
    const { user, revoke } = await grant(kubernetes, namespace, consumer);
    const wire = await wireTo(kubernetes.url);
    const connection = await openConsumers({
      kind: 'kubernetes',
      config: { server: wire.url, impersonate: user },
    });
    const count = await effects(consumer);
    let isGone = false;
    return {
      connection,
      step: { does: kind === 'ExternalSecret' ? 'forceSync' : 'restart', address: consumer.address },
      effects: () => (isGone ? Promise.resolve(0) : count()),
      // Real controllers are given a moment.
      settle: play === undefined ? pause : () => play(consumer),
      breaks: {
        unavailable: () => wire.cut(),
        denied: revoke,
        missing: async () => {
          await consumer.remove();
          isGone = true;
        },
      },
      cleanup: async () => {
        await connection[Symbol.asyncDispose]();
        await wire[Symbol.asyncDispose]();
      },
    };
  }

  consumerContract('a Deployment', () => worldOf('Deployment', { effects: byGeneration }));
  consumerContract('a StatefulSet', () => worldOf('StatefulSet', { effects: byGeneration }));
  consumerContract('a DaemonSet', () => worldOf('DaemonSet', { effects: byGeneration }));
  consumerContract('a Rollout', () => worldOf('Rollout', { effects: byGeneration, play: playArgo }));
  consumerContract('an ExternalSecret', () => worldOf('ExternalSecret', byAnnotation()));
});
