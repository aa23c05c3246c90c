/** What the registry knows of a kind of connection to consumers: what its configuration looks like, and how to load it. */
import type { z } from 'zod';
import type { ConsumerAction } from '../domain/consumer.ts';
import type { Clock, ToldTime } from '../ports/clock.ts';
import type { ConsumerConnection } from '../ports/consumer.ts';
import type { SecretReference, SecretSource } from '../ports/settings.ts';

/** What a connection to consumers is opened with. */
export interface OpenConsumers<Config> {
  readonly name: string;
  readonly config: Config;
  /** Of the configuration: says elsewhere who did it. */
  readonly installation: string;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly secretOf: (reference: SecretReference) => SecretSource;
  /** Called for each answer of the service itself that says what time it is there. Not for those of a cache or a proxy. */
  readonly onTime?: (told: ToldTime) => void;
}

export interface ConsumerEntry<Config = unknown> {
  readonly kind: string;
  /** The connection, without `kind`. */
  readonly schema: z.ZodType<Config>;
  /** What it does to consumers: the words of a target's `consumers` that may name such a connection. */
  readonly actions: readonly ConsumerAction[];
  /** What is wrong with an address, for one of the actions, in words that say what is allowed; `undefined` where nothing is. */
  addressProblem(does: ConsumerAction, address: string): string | undefined;
  load(): Promise<{ open(options: OpenConsumers<Config>): ConsumerConnection }>;
}
