// The contract of consumers, on the simulated ones: what the engine is simulated upon behaves as the real ones do.

import { consumerId } from '../../../src/domain/consumer.ts';
import type { ConsumerAction } from '../../../src/domain/consumer.ts';
import { consumerContract } from '../../contract/consumer-contract.ts';
import { CLUSTER, consumersFor, HOOKS } from '../cluster.ts';
import type { Reading } from '../cluster.ts';
import { readersOf } from '../readers.ts';
import { calmWorld, played } from './playing.ts';

/** Nobody in the world has anything to do with these, but for the webhook, which is called for its own targets. */
const STEPS: readonly (readonly [ConsumerAction, string])[] = [
  ['restart', 'Deployment shop/tested'],
  ['forceSync', 'ExternalSecret shop/tested'],
  ['webhook', HOOKS],
];

const isTested = ({ target = '' }: Reading) => target.startsWith('cluster-secrets:');

for (const [does, address] of STEPS) {
  consumerContract(`a simulated ${address}`, () => {
    const { world, host } = calmWorld((_, seed) => readersOf(seed).dice !== undefined);
    const name = does === 'webhook' ? HOOKS : CLUSTER;
    const id = consumerId({ connection: name, does, address });
    return Promise.resolve({
      connection: played(consumersFor(world, host, name), world.timeline),
      step: { does, address },
      effects: () => Promise.resolve((world.cluster?.readings.get(id) ?? []).filter(isTested).length),
      now: () => host.clock.now(),
      breaks: {
        unavailable: async () => {
          world.conditions = () => ({ unreachable: 1 });
          await Promise.resolve();
        },
        denied: async () => {
          world.storeTroubles = () => ({ readOnly: true });
          await Promise.resolve();
        },
      },
      cleanup: () => Promise.resolve(),
    });
  });
}
