// The stores' contract, on the simulated store: what the engine is simulated upon behaves as the real ones do.

import { storeContract } from '../../contract/store-contract.ts';
import { storeFor } from '../store.ts';
import { calmWorld, played } from './playing.ts';

for (const name of ['files', 'aws']) {
  storeContract(`simulated ${name}`, () => {
    const { world, host } = calmWorld(() => true);
    return Promise.resolve({
      store: played(storeFor(world, host, world.shelf(name)), world.timeline),
      place: (place: string) => ({ address: `tested/${place}`, options: {} }),
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
