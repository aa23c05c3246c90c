// Opens a connection to consumers as the composition root does: from words of a configuration, checked by the schema of its kind.

import { consumerEntry } from '../../src/consumers/registry.ts';
import type { Clock, ToldTime } from '../../src/ports/clock.ts';
import type { ConsumerConnection } from '../../src/ports/consumer.ts';
import { systemClock } from '../../src/system/clock.ts';
import { secretSource } from '../../src/system/secret-source.ts';

export interface Opening {
  readonly kind: string;
  /** The words below `kind` in the configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onTime?: (told: ToldTime) => void;
}

export async function openConsumers(opening: Opening): Promise<ConsumerConnection> {
  const { kind, config, name = kind, clock, environment = {}, onTime } = opening;
  const entry = consumerEntry(kind);
  if (entry === undefined) throw new Error(`no connection of kind ${kind}`);
  const loaded = await entry.load();
  return loaded.open({
    name,
    config: entry.schema.parse(config),
    installation: 'test',
    clock: clock ?? systemClock(),
    environment,
    secretOf: (reference) => secretSource(reference, environment),
    ...(onTime && { onTime }),
  });
}

/** A signal that nothing aborts. */
export function endless(): AbortSignal {
  return new AbortController().signal;
}
