/** Reads JSON Lines: one value a line, each known by its line. Nothing of a file's text goes into a message. */
import type { Flaw, Position } from './problem.ts';
import { parseYaml } from './yaml.ts';

export interface JsonLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export type JsonLineParse =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly column: number; readonly message: string };

const LINE_BREAK = 10;

/** The lines that have something in them. */
export function* jsonLines(bytes: Buffer): Generator<JsonLine> {
  let line = 0;
  for (let start = 0; start < bytes.length;) {
    line += 1;
    const found = bytes.indexOf(LINE_BREAK, start);
    const end = found < 0 ? bytes.length : found;
    const text = bytes.toString('utf8', start, end);
    if (text.trim() !== '') yield { line, text };
    start = end + 1;
  }
}

export function parseJsonLine(text: string): JsonLineParse {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const position = / at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    return { ok: false, column: Number(position ?? 0) + 1, message: 'the line is not JSON' };
  }
  if (countKeys(value) === countColons(text)) return { ok: true, value };
  const parse = parseYaml(text);
  const [duplicate] = parse.ok ? [] : parse.problems;
  const message = 'a key stands twice in one object';
  return { ok: false, column: duplicate?.column ?? 1, message };
}

/** Where a flaw of a line's value stands. JSON is read as YAML here, because that parser knows offsets. */
export function positionInLine({ line, text }: JsonLine, flaw: Pick<Flaw, 'path' | 'at'>): Position {
  const parse = parseYaml(text);
  return { line, column: parse.ok ? parse.document.positions().of(flaw.path, flaw.at).column : 1 };
}

/** Of all objects in the value together. `JSON.parse` keeps one of two equal keys and says nothing. */
function countKeys(value: unknown): number {
  let count = 0;
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const inner: unknown[] = Object.values(next);
    if (!Array.isArray(next)) count += inner.length;
    for (const each of inner) open.push(each);
  }
  return count;
}

/** Outside of strings: one for each key as written. */
function countColons(text: string): number {
  let count = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (quoted && character === 92) index += 1;
    else if (character === 34) quoted = !quoted;
    else if (character === 58 && !quoted) count += 1;
  }
  return count;
}
