/** The store for Kubernetes Secrets: a target is one key of a Secret, or several. Loaded only where one is configured. */
import { accessSource } from '../../kubernetes/access-source.ts';
import type { ClusterConfig } from '../../kubernetes/cluster-config.ts';
import { connect } from '../../kubernetes/connection.ts';
import { callerOf } from '../../kubernetes/who-am-i.ts';
import type { Place, Store } from '../../ports/store.ts';
import type { OpenStore } from '../entry.ts';
import { addressOf } from './address.ts';
import { apiWith } from './api.ts';
import type { KubernetesOptions } from './entry.ts';
import { preflight } from './preflight.ts';
import { read } from './read.ts';
import { write } from './write.ts';

const ABILITIES = { compareAndSet: true, datesWrites: true, proofMaxAgeMs: 86_400_000 } as const;

export function open(options: OpenStore<ClusterConfig>): Store {
  const { name, config, installation, clock, random } = options;
  const connection = connect(options, accessSource(options));
  const caller = callerOf(connection);

  return {
    name,
    kind: 'kubernetes-secret',
    abilities: { ...ABILITIES, timeLimitMs: config.timeout },

    read: (place, { signal }) =>
      connection.within(signal, (send) => read(apiWith(send), addressOf(place.address), installation)),

    preflight: (place, { signal, size, like, realWrite }) =>
      connection.within(signal, async (send) => {
        const who = await caller(send);
        if (!who.ok) return who;
        const now = clock.now();
        const asked = {
          size,
          like,
          realWrite,
          now,
          caller: who.value,
          installation,
          writeToken: random.id(now),
        };
        return preflight(apiWith(send), {
          ...asked,
          address: addressOf(place.address),
          options: optionsOf(place),
        });
      }),

    write: (place, bytes, { signal, ...how }) =>
      connection.within(signal, (send) =>
        write(apiWith(send), bytes, {
          ...how,
          address: addressOf(place.address),
          options: optionsOf(place),
          installation,
          now: clock.now(),
        }),
      ),

    whoAmI: ({ signal, again }) => connection.within(signal, (send) => caller(send, { again })),

    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** The configuration was checked by the schema when it was loaded. */
function optionsOf({ options }: Place): KubernetesOptions {
  return options;
}
