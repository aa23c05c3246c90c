/** Reads one target of an account: which place in which store, and in which format. */
import type { JsonObject, Target } from '../domain/target.ts';
import { FORMATS, formatEntry } from '../formats/registry.ts';
import { targetFields, type TargetSettings } from './account-schema.ts';
import type { KnownStore } from './connections.ts';
import type { Flaw, Path } from './problem.ts';
import { foundWords, listWords, suggestion } from './words.ts';
import { check, unknownKey } from './zod-flaws.ts';
import { keysAt } from './zod-tree.ts';

/** Where a target's credential goes: two targets share a place only as different parts of it. */
export interface Occupied {
  readonly place: string;
  /** Absent: the whole value. */
  readonly part?: string;
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
const DEFAULT_FORMAT = 'raw';

/** `path` is where the target stands in its account. */
export function readTarget(
  settings: TargetSettings,
  stores: ReadonlyMap<string, KnownStore>,
  path: Path,
): ReadTarget {
  const { store: storeName, address, format: written, required, overwrite, consumerLag, ...rest } = settings;
  const flaws: Flaw[] = [];
  const store = stores.get(storeName);
  if (store === undefined) flaws.push(unknownStore(storeName, [...stores.keys()], path));
  const format = readFormat(written ?? DEFAULT_FORMAT, [...path, 'format'], flaws);
  const options = store?.entry && readOptions(store.entry.targetSchema, rest, { path, flaws });
  const place = store && locate(store, address, { path, flaws });
  if (place === undefined || format === undefined) return { flaws };
  const occupied = {
    place,
    format: format.kind,
    path,
    ...(format.part !== undefined && { part: format.part }),
  };
  if (options === undefined || flaws.length > 0) return { flaws, occupied };
  const suffix = format.part === undefined ? '' : `#${format.part}`;
  const target: Target = {
    id: `${storeName}:${address}${suffix}`,
    location: `${place}${suffix}`,
    store: storeName,
    address,
    options,
    format: { kind: format.kind, options: format.options },
    required: required ?? true,
    overwrite: overwrite ?? false,
    ...(consumerLag !== undefined && { consumerLagMs: consumerLag }),
  };
  return { target, occupied, flaws };
}

function unknownStore(name: string, known: readonly string[], path: Path): Flaw {
  const near = suggestion(name, known);
  const message = `there is no store ${foundWords(name)}; configured: ${listWords(known)}${near}`;
  return { path: [...path, 'store'], at: 'value', message };
}

function readFormat(
  written: string | { readonly kind: string },
  path: Path,
  flaws: Flaw[],
): { readonly kind: string; readonly options: JsonObject; readonly part: string | undefined } | undefined {
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
  return { kind, options: checked.value as JsonObject, part: entry.partOf(checked.value as never) };
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
