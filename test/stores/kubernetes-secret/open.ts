// Opens the store under test as the composition root does: from words of a configuration, checked by its schema.

import { kubernetesSecret } from '../../../src/stores/kubernetes-secret/entry.ts';
import type { Clock, ToldTime } from '../../../src/ports/clock.ts';
import type { Store } from '../../../src/ports/store.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemRandom } from '../../../src/system/random.ts';
import { secretSource } from '../../../src/system/secret-source.ts';

export interface Opening {
  /** The words below `kind` in the configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly installation?: string;
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onTime?: (told: ToldTime) => void;
}

export async function openStore(opening: Opening): Promise<Store> {
  const { config, clock, installation, environment = {}, onTime } = opening;
  const loaded = await kubernetesSecret.load();
  return loaded.open({
    name: 'cluster',
    config: kubernetesSecret.schema.parse(config),
    installation: installation ?? 'test',
    clock: clock ?? systemClock(),
    random: systemRandom(),
    environment,
    secretOf: (reference) => secretSource(reference, environment),
    ...(onTime && { onTime }),
  });
}

/** A signal that nothing aborts. */
export function endless(): AbortSignal {
  return new AbortController().signal;
}
