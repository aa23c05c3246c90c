/** The store for Kubernetes Secrets: a target is one key of a Secret, or several. Loaded only where one is configured. */
import { succeeded } from '../../domain/failure.ts';
import type { ClusterConfig } from '../../kubernetes/cluster-config.ts';
import type { Result } from '../../domain/failure.ts';
import type { Place, Store } from '../../ports/store.ts';
import type { OpenStore } from '../entry.ts';
import { accessSource } from '../../kubernetes/access-source.ts';
import { addressOf } from './address.ts';
import { apiWith } from './api.ts';
import type { Api } from './api.ts';
import { connect } from '../../kubernetes/connection.ts';
import type { KubernetesOptions } from './entry.ts';
import { preflight } from './preflight.ts';
import { read } from './read.ts';
import { write } from './write.ts';

const ABILITIES = { compareAndSet: true, datesWrites: true, proofMaxAgeMs: 86_400_000 } as const;

export function open(options: OpenStore<ClusterConfig>): Store {
  const { name, config, installation, clock, random } = options;
  const connection = connect(options, accessSource(options));
  let known: { readonly generation: number; readonly who: string } | undefined;

  /** Asked once for each credential, unless asked again. */
  async function caller(api: Api, again = false): Promise<Result<string>> {
    const generation = connection.generation();
    if (!again && known?.generation === generation) return succeeded(known.who);
    const who = await api.whoAmI();
    if (who.ok) known = { generation: connection.generation(), who: who.value };
    return who;
  }

  return {
    name,
    kind: 'kubernetes-secret',
    abilities: { ...ABILITIES, timeLimitMs: config.timeout },

    read: (place, { signal }) =>
      connection.within(signal, (send) => read(apiWith(send), addressOf(place.address), installation)),

    preflight: (place, { signal, size, like, realWrite }) =>
      connection.within(signal, async (send) => {
        const api = apiWith(send);
        const who = await caller(api);
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
        return preflight(api, { ...asked, address: addressOf(place.address), options: optionsOf(place) });
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

    whoAmI: ({ signal, again }) => connection.within(signal, (send) => caller(apiWith(send), again)),

    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** The configuration was checked by the schema when it was loaded. */
function optionsOf({ options }: Place): KubernetesOptions {
  return options;
}
