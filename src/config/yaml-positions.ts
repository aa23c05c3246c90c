/** Where the values of a YAML document stand in its text, in lines and columns. */
import type { Event } from 'js-yaml';
import type { Path, Position } from './problem.ts';
import {
  entriesOf,
  entryOf,
  isMapping,
  isSequence,
  itemOf,
  itemsOf,
  offsetOf,
  resolved,
  ROOT,
  textOf,
  treeOf,
  type Tree,
} from './yaml-tree.ts';

export interface Positions {
  /** Of a key or of what it holds; where the path leads nowhere, of the last value on it. */
  of(path: Path, at: 'key' | 'value'): Position;
  /** Of each item of the list under a key of the document's mapping. */
  items(key: string): Position[];
  /** Keys that stand twice in one mapping, each at its second place. */
  duplicateKeys(): DuplicateKey[];
}

export interface DuplicateKey {
  readonly key: string;
  readonly at: Position;
  readonly first: Position;
}

/** `events` are those of one document of `source`. */
export function positionsIn(source: string, events: readonly Event[]): Positions {
  const lines = linesOf(source);
  const tree = treeOf(source, events);
  return {
    of: (path, at) => positionAt(lines, offsetOfPath(tree, path, at)),
    items: (key) => itemOffsets(tree, key).map((offset) => positionAt(lines, offset)),
    duplicateKeys: () => duplicateKeysIn(tree, lines),
  };
}

function offsetOfPath(tree: Tree, path: Path, at: 'key' | 'value'): number {
  let node = ROOT;
  let key: number | undefined;
  for (const segment of path) {
    const from = resolved(tree, node);
    const entry = isMapping(tree, from) ? entryOf(tree, from, String(segment)) : undefined;
    const item = isSequence(tree, from) ? itemOf(tree, from, Number(segment)) : undefined;
    const value = entry?.value ?? item;
    if (value === undefined) break;
    key = entry?.key;
    node = value;
  }
  const keyOffset = key === undefined ? undefined : offsetOf(tree, key);
  const valueOffset = offsetOf(tree, node);
  return (at === 'key' ? (keyOffset ?? valueOffset) : (valueOffset ?? keyOffset)) ?? 0;
}

function itemOffsets(tree: Tree, key: string): number[] {
  const entry = isMapping(tree, ROOT) ? entryOf(tree, ROOT, key) : undefined;
  if (entry === undefined) return [];
  const list = resolved(tree, entry.value);
  if (!isSequence(tree, list)) return [];
  return [...itemsOf(tree, list)].map((item) => offsetOf(tree, item) ?? 0);
}

function duplicateKeysIn(tree: Tree, lines: Uint32Array): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  tree.events.forEach((_event, node) => {
    if (!isMapping(tree, node)) return;
    const seen = new Map<string, Position>();
    for (const { key } of entriesOf(tree, node)) {
      const text = textOf(tree, key);
      if (text === undefined) continue;
      const at = positionAt(lines, offsetOf(tree, key) ?? 0);
      const first = seen.get(text);
      if (first === undefined) seen.set(text, at);
      else found.push({ key: text, at, first });
    }
  });
  return found.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}

/** The offset at which each line starts. */
function linesOf(source: string): Uint32Array {
  const starts = [0];
  for (let index = 0; index < source.length; index++) {
    const code = source.charCodeAt(index);
    if (code === 10 || (code === 13 && source.charCodeAt(index + 1) !== 10)) starts.push(index + 1);
  }
  return Uint32Array.from(starts);
}

function positionAt(starts: Uint32Array, offset: number): Position {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
