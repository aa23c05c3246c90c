/** Reads the configured providers, stores and connections to consumers: each by the schema of its kind. Opens none of them. */
import { createHash } from 'node:crypto';
import { CONSUMERS, consumerEntry, type ConsumerEntry } from '../consumers/registry.ts';
import { PROVIDERS, providerEntry, type ProviderEntry } from '../providers/registry.ts';
import { STORES, storeEntry, type StoreEntry } from '../stores/registry.ts';
import type { Flaw, Path } from './problem.ts';
import { foundWords, listWords, suggestion } from './words.ts';
import { check } from './zod-flaws.ts';

/** One configured provider, store or connection to consumers, ready to be opened. */
export interface Connection {
  readonly name: string;
  readonly kind: string;
  /** As the schema of its kind makes it. */
  readonly config: unknown;
  /** Changes whenever kind or configuration do. */
  readonly hash: string;
}

/** A connection as accounts refer to it; its configuration is absent where that has problems of its own. */
export interface KnownConnection<Entry> {
  readonly name: string;
  readonly entry?: Entry;
  readonly connection?: Connection;
}

export type KnownProvider = KnownConnection<ProviderEntry<never>>;
export type KnownStore = KnownConnection<StoreEntry<never>>;
export type KnownConsumers = KnownConnection<ConsumerEntry<never>>;

export interface KnownConnections {
  readonly providers: ReadonlyMap<string, KnownProvider>;
  readonly stores: ReadonlyMap<string, KnownStore>;
  readonly consumers: ReadonlyMap<string, KnownConsumers>;
}

/** Those of the main file's value, with all that is wrong with them. */
export function readConnections(main: unknown): KnownConnections & { readonly flaws: Flaw[] } {
  const flaws: Flaw[] = [];
  const providers = readMap(main, 'providers', { entries: PROVIDERS, entryOf: providerEntry, flaws });
  const stores = readMap(main, 'stores', { entries: STORES, entryOf: storeEntry, flaws });
  const consumers = readMap(main, 'consumers', { entries: CONSUMERS, entryOf: consumerEntry, flaws });
  return { providers, stores, consumers, flaws };
}

/** Scheme, host and port of a provider; `undefined` where its configuration has problems. */
export function originOf({ entry, connection }: KnownProvider): string | undefined {
  return connection === undefined ? undefined : entry?.originOf(connection.config as never);
}

function readMap<Entry extends { readonly kind: string; readonly schema: StoreEntry<never>['schema'] }>(
  main: unknown,
  key: 'providers' | 'stores' | 'consumers',
  kinds: {
    readonly entries: readonly Entry[];
    entryOf(kind: string): Entry | undefined;
    readonly flaws: Flaw[];
  },
): Map<string, KnownConnection<Entry>> {
  const known = new Map<string, KnownConnection<Entry>>();
  const map = isMapping(main) ? main[key] : undefined;
  if (!isMapping(map)) return known;
  for (const [name, raw] of Object.entries(map)) {
    const kind = isMapping(raw) ? raw['kind'] : undefined;
    const entry = typeof kind === 'string' ? kinds.entryOf(kind) : undefined;
    if (isMapping(raw) && entry !== undefined) {
      known.set(name, readOne(name, entry, { raw, path: [key, name], flaws: kinds.flaws }));
      continue;
    }
    known.set(name, { name });
    if (typeof kind !== 'string') continue;
    const allowed = kinds.entries.map((each) => each.kind);
    const message = `found ${foundWords(kind)}; allowed: ${listWords(allowed)}${suggestion(kind, allowed)}`;
    kinds.flaws.push({ path: [key, name, 'kind'], at: 'value', message });
  }
  return known;
}

function readOne<Entry extends { readonly kind: string; readonly schema: StoreEntry<never>['schema'] }>(
  name: string,
  entry: Entry,
  from: {
    readonly raw: Readonly<Record<string, unknown>>;
    readonly path: Path;
    readonly flaws: Flaw[];
  },
): KnownConnection<Entry> {
  const { kind, ...rest } = from.raw;
  const checked = check<unknown>(entry.schema, rest, from.path);
  if (!checked.ok) {
    from.flaws.push(...checked.flaws);
    return { name, entry };
  }
  const config = checked.value;
  const hash = createHash('sha256').update(JSON.stringify({ kind, config })).digest('hex');
  return { name, entry, connection: { name, kind: entry.kind, config, hash } };
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
