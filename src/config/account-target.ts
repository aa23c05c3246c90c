/** Reads one target of an account: which place in which store, and in which format. */
import type { Credential } from '../domain/credential.ts';
import type { JsonObject, Target } from '../domain/target.ts';
import { FORMATS, formatEntry, type FormatEntry } from '../formats/registry.ts';
import { readConsumers } from './account-consumers.ts';
import { targetFields, type TargetSettings } from './account-schema.ts';
import type { KnownConsumers, KnownProvider, KnownStore } from './connections.ts';
import type { Flaw, Path } from './problem.ts';
import { foundWords, listWords, suggestion } from './words.ts';
import { check, unknownKey } from './zod-flaws.ts';
import { keysAt } from './zod-tree.ts';

/** Where a target's credential goes: two targets share a place only as different parts of it. */
export interface Occupied {
  readonly place: string;
  /** Absent: the whole value. */
  readonly part?: string;
  /** The keys inside the value that it writes, each as the path that leads there. Absent: the whole value. */
  readonly paths?: readonly (readonly string[])[];
  /** Kind of the format: parts in different formats cannot be of one value. */
  readonly format: string;
  readonly path: Path;
}

export interface ReadTarget {
  /** Absent where there is a flaw. */
  readonly target?: Target;
  readonly occupied?: Occupied;
  readonly flaws: readonly Flaw[];
}

const COMMON = Object.keys(targetFields);
/** The plainest format for what is minted. */
const DEFAULT_FORMATS: Readonly<Record<Credential['kind'], string>> = { token: 'raw', client: 'json' };

/** What a target is read against. */
export interface TargetContext {
  readonly stores: ReadonlyMap<string, KnownStore>;
  readonly consumers: ReadonlyMap<string, KnownConsumers>;
  readonly provider: KnownProvider | undefined;
}

/** `path` is where the target stands in its account. */
export function readTarget(settings: TargetSettings, context: TargetContext, path: Path): ReadTarget {
  const { stores, provider } = context;
  const { store: storeName, address, format: written, required, overwrite, ...more } = settings;
  const { consumerLag, consumers: named, ...rest } = more;
  const flaws: Flaw[] = [];
  const store = stores.get(storeName);
  if (store === undefined) flaws.push(unknownStore(storeName, [...stores.keys()], path));
  const kind = DEFAULT_FORMATS[provider?.entry?.mints ?? 'token'];
  const format = readFormat(written ?? kind, context, { path: [...path, 'format'], flaws });
  const options = store?.entry && readOptions(store.entry.targetSchema, rest, { path, flaws });
  const place = store && locate(store, address, { path, flaws });
  const misfit =
    place !== undefined && format !== undefined ? store?.entry?.formatProblem?.(address, format) : undefined;
  if (misfit !== undefined) flaws.push({ path: [...path, 'format'], at: 'value', message: misfit });
  const reading = { connections: context.consumers, path: [...path, 'consumers'], flaws };
  const consumers = named === undefined ? [] : readConsumers(named, reading);
  if (place === undefined || format === undefined) return { flaws };
  const occupied = { ...occupiedBy(store, address, { place, format }), path };
  if (options === undefined || flaws.length > 0) return { flaws, occupied };
  const leadsTo = store?.connection && store.entry?.leadsTo(store.connection.config as never);
  const suffix = format.part === undefined ? '' : `#${format.part}`;
  const target: Target = {
    id: `${storeName}:${address}${suffix}`,
    location: `${place}${suffix}`,
    store: storeName,
    ...(leadsTo !== undefined && { leadsTo }),
    address,
    options,
    format: { kind: format.kind, options: format.options },
    required: required ?? true,
    overwrite: overwrite ?? false,
    ...(consumerLag !== undefined && { consumerLagMs: consumerLag }),
    ...(consumers.length > 0 && { consumers }),
  };
  return { target, occupied, flaws };
}

/** Where addresses can name parts, what is written at such a part is a part of the whole as well, in whatever format. */
function occupiedBy(
  store: KnownStore | undefined,
  address: string,
  { place, format }: { readonly place: string; readonly format: ReadFormat },
): Omit<Occupied, 'path'> {
  const { kind, part, paths } = format;
  const within = store?.connection && store.entry?.within?.(store.connection.config as never, address);
  if (within?.key !== undefined && part === undefined) {
    return { place: within.place, part: within.key, paths: [[within.key]], format: 'key' };
  }
  return {
    place: within?.key === undefined ? (within?.place ?? place) : `${within.place}/${within.key}`,
    format: kind,
    ...(part !== undefined && { part }),
    ...(paths !== undefined && { paths }),
  };
}

function unknownStore(name: string, known: readonly string[], path: Path): Flaw {
  const near = suggestion(name, known);
  const message = `there is no store ${foundWords(name)}; configured: ${listWords(known)}${near}`;
  return { path: [...path, 'store'], at: 'value', message };
}

interface ReadFormat {
  readonly kind: string;
  readonly options: JsonObject;
  readonly part: string | undefined;
  readonly paths: readonly (readonly string[])[] | undefined;
}

function readFormat(
  written: string | { readonly kind: string },
  context: TargetContext,
  { path, flaws }: { readonly path: Path; readonly flaws: Flaw[] },
): ReadFormat | undefined {
  const { kind, ...rest } = typeof written === 'string' ? { kind: written } : written;
  const entry = formatEntry(kind);
  if (entry === undefined) {
    const kinds = FORMATS.map((each) => each.kind);
    const message = `found ${foundWords(kind)}; allowed: ${listWords(kinds)}${suggestion(kind, kinds)}`;
    flaws.push({ path: typeof written === 'string' ? path : [...path, 'kind'], at: 'value', message });
    return undefined;
  }
  const checked = check<unknown>(entry.schema, rest, path);
  if (!checked.ok) {
    flaws.push(...checked.flaws);
    return undefined;
  }
  const options = checked.value as never;
  const problem = unfit(entry, options, context);
  if (problem !== undefined) flaws.push({ path, at: 'value', message: problem });
  return { kind, options, part: entry.partOf(options), paths: entry.pathsOf(options) };
}

/** Why the format does not go with what the account's provider mints; `undefined` where it does. */
function unfit(entry: FormatEntry<never>, options: never, { provider }: TargetContext): string | undefined {
  if (provider?.entry === undefined) return undefined;
  const { mints, kind } = provider.entry;
  const minted = mints === 'token' ? 'a token' : 'a client id with its client secret';
  const { carries, details } = entry.create(options);
  if (!carries.includes(mints)) {
    return `format ${entry.kind} cannot hold ${minted} as it is configured, which is what providers of kind ${kind} mint`;
  }
  if (mints === 'token' && details.includes('tokenEndpoint')) {
    return `there is no tokenEndpoint: what providers of kind ${kind} mint is a token, which is used as it is`;
  }
  return undefined;
}

/** What the store's kind lets a target say. Keys that it does not know are compared with the common ones as well. */
function readOptions(
  schema: NonNullable<KnownStore['entry']>['targetSchema'],
  rest: Readonly<Record<string, unknown>>,
  { path, flaws }: { readonly path: Path; readonly flaws: Flaw[] },
): JsonObject | undefined {
  const own = keysAt(schema, []);
  const unknown = own.length === 0 ? [] : Object.keys(rest).filter((key) => !own.includes(key));
  for (const key of unknown) flaws.push(unknownKey(key, [...COMMON, ...own], path));
  const known = Object.fromEntries(Object.entries(rest).filter(([key]) => !unknown.includes(key)));
  const checked = check(schema, known, path);
  if (checked.ok) return checked.value;
  flaws.push(...checked.flaws);
  return undefined;
}

function locate(
  { entry, connection }: KnownStore,
  address: string,
  { path, flaws }: { readonly path: Path; readonly flaws: Flaw[] },
): string | undefined {
  if (entry === undefined || connection === undefined) return undefined;
  const config = connection.config as never;
  const problem = entry.addressProblem(config, address);
  if (problem === undefined) return entry.locate(config, address);
  flaws.push({
    path: [...path, 'address'],
    at: 'value',
    message: `found ${foundWords(address)}; ${problem}`,
  });
  return undefined;
}
