/** What the registry knows of a kind of store: what its configuration looks like, and how to load it. */
import type { z } from 'zod';
import type { JsonObject } from '../domain/target.ts';
import type { Clock, ToldTime } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { SecretReference, SecretSource } from '../ports/settings.ts';
import type { Store } from '../ports/store.ts';

/** What a store is opened with. */
export interface OpenStore<Config> {
  readonly name: string;
  readonly config: Config;
  /** Of the configuration: marks what is made elsewhere. */
  readonly installation: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly secretOf: (reference: SecretReference) => SecretSource;
  /** Called for each answer of the service itself that says what time it is there. Not for those of a cache or a proxy. */
  readonly onTime?: (told: ToldTime) => void;
}

export interface StoreEntry<Config = unknown> {
  readonly kind: string;
  /** The connection, without `kind`. */
  readonly schema: z.ZodType<Config>;
  /** What a target in such a store may say beyond the words that all targets have. */
  readonly targetSchema: z.ZodType<JsonObject>;
  /** How far apart two writes of one place should be, in ms; a schedule that writes more often is warned of. */
  readonly writesApartMs?: number;
  /** A canonical name of the place: equal for the same place, whatever the store is called. */
  locate(config: Config, address: string): string;
  /** What the store's name leads to, by its configuration alone: equal as long as its addresses stand for the same places. */
  leadsTo(config: Config): string;
  /** What is wrong with an address, in words that say what is allowed; `undefined` where nothing is. */
  addressProblem(config: Config, address: string): string | undefined;
  /**
   * Where an address may name a part of a larger value, as it may a key of a Kubernetes Secret: that value's canonical name, and
   * the part. Two targets may share the value, not the part.
   */
  within?(config: Config, address: string): { readonly place: string; readonly key?: string };
  /** Why nothing in this format can be kept at the address; `undefined` where it can. `paths`: the keys that it writes. */
  formatProblem?(
    address: string,
    format: { readonly kind: string; readonly paths?: readonly (readonly string[])[] | undefined },
  ): string | undefined;
  load(): Promise<{ open(options: OpenStore<Config>): Store }>;
}
