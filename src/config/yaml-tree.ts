/** A YAML document as the parser's events, walked as a tree. A node is known by the index of its event. */
import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event } from 'js-yaml';

/** What takes in the entries of another mapping. */
const MERGE_KEY = '<<';

export interface Tree {
  readonly source: string;
  readonly events: readonly Event[];
  /** By node: the event that closes it, or the node itself. */
  readonly ends: Int32Array;
}

/** A key and what it holds, as nodes. */
export interface Entry {
  readonly key: number;
  readonly value: number;
}

/** The node that a document's first event opens. */
export const ROOT = 1;

/** `events` are those of one document of `source`. */
export function treeOf(source: string, events: readonly Event[]): Tree {
  const ends = new Int32Array(events.length);
  const open: number[] = [];
  events.forEach((event, index) => {
    ends[index] = index;
    if (event.type === EVENT_ID.POP) {
      const start = open.pop();
      if (start !== undefined) ends[start] = index;
    } else if (event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.ALIAS) open.push(index);
  });
  return { source, events, ends };
}

export function isMapping({ events }: Tree, node: number): boolean {
  return events[node]?.type === EVENT_ID.MAPPING;
}

export function isSequence({ events }: Tree, node: number): boolean {
  return events[node]?.type === EVENT_ID.SEQUENCE;
}

/** The items of a sequence. */
export function* itemsOf(tree: Tree, node: number): Generator<number> {
  for (let item = node + 1; !isEnd(tree, item); item = after(tree, item)) yield item;
}

/** The entries that stand in a mapping itself, without merged ones. */
export function* entriesOf(tree: Tree, node: number): Generator<Entry> {
  for (let key = node + 1; !isEnd(tree, key);) {
    const value = after(tree, key);
    yield { key, value };
    key = after(tree, value);
  }
}

/** The entry of that name, also where it comes from a merged mapping. */
export function entryOf(tree: Tree, node: number, name: string): Entry | undefined {
  const merged: number[] = [];
  for (const entry of entriesOf(tree, node)) {
    const text = textOf(tree, entry.key);
    if (text === name) return entry;
    if (text === MERGE_KEY) merged.push(resolved(tree, entry.value));
  }
  for (const from of merged) {
    for (const mapping of isSequence(tree, from) ? itemsOf(tree, from) : [from]) {
      const target = resolved(tree, mapping);
      const entry = isMapping(tree, target) ? entryOf(tree, target, name) : undefined;
      if (entry !== undefined) return entry;
    }
  }
  return undefined;
}

export function itemOf(tree: Tree, node: number, number: number): number | undefined {
  let index = 0;
  for (const item of itemsOf(tree, node)) if (index++ === number) return item;
  return undefined;
}

/** The node itself, or the one that it is an alias of. */
export function resolved({ events, source }: Tree, node: number): number {
  const alias = events[node];
  if (alias?.type !== EVENT_ID.ALIAS) return node;
  const name = source.slice(alias.anchorStart, alias.anchorEnd);
  for (let index = node - 1; index > 0; index--) {
    const event = events[index];
    if (event === undefined || !('tagStart' in event) || event.anchorStart < 0) continue;
    if (source.slice(event.anchorStart, event.anchorEnd) === name) return index;
  }
  return node;
}

/** The text of a scalar; `undefined` for other nodes. */
export function textOf({ source, events }: Tree, node: number): string | undefined {
  const event = events[node];
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(source, event) : undefined;
}

/** Where the node begins in the source; `undefined` for a value that is left empty. */
export function offsetOf({ events }: Tree, node: number): number | undefined {
  const event = events[node];
  if (event === undefined) return undefined;
  if ('start' in event) return event.start;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type !== EVENT_ID.SCALAR || event.valueStart < 0) return undefined;
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted ? event.valueStart - 1 : event.valueStart;
}

function isEnd({ events }: Tree, node: number): boolean {
  return node >= events.length || events[node]?.type === EVENT_ID.POP;
}

function after({ ends }: Tree, node: number): number {
  return (ends[node] ?? node) + 1;
}
