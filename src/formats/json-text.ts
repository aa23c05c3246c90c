/**
 * Changes single values in the text of a JSON document and leaves every other byte as it is: order, indentation,
 * escapes and numbers too large for JavaScript survive, which parsing and writing again would change.
 */

/** A key, or the keys that lead to it through nested objects. */
export type KeyPath = readonly [string, ...string[]];

/** What is at a path. `start` and `end` are offsets in the text. */
export type Spot =
  | { readonly kind: 'value'; readonly start: number; readonly end: number }
  /** The innermost object that is there, and the keys that are missing below it. */
  | { readonly kind: 'missing'; readonly object: ObjectSpan; readonly keys: KeyPath }
  | { readonly kind: 'blocked'; readonly why: string };

interface ObjectSpan {
  /** Right after the opening brace. */
  readonly inside: number;
  readonly members: readonly Member[];
}

interface Member {
  readonly key: string;
  /** Where the white space before the key begins. */
  readonly leadStart: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /[^ \t\r\n,}\]]+/y;

/** The document as an object; `undefined` where it is not JSON, or is JSON but no object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as Record<string, unknown>;
}

/** Whether the text is a JSON object or array. Other JSON values, as a number or a word in quotes, may be anything else as well. */
export function isDocument(text: string): boolean {
  const value = parsed(text);
  return typeof value === 'object' && value !== null;
}

/** The JSON value; `undefined` where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is at `path` in a text that `parseObject` takes. */
export function spotAt(text: string, path: KeyPath): Spot {
  let start = after(SPACE, text, 0);
  for (const [depth, key] of path.entries()) {
    if (text[start] !== '{') return { kind: 'blocked', why: `${shown(path.slice(0, depth))} is no object` };
    const object = { inside: start + 1, members: membersOf(text, start) };
    const found = object.members.filter((member) => member.key === key);
    if (found.length > 1) {
      return { kind: 'blocked', why: `${shown(path.slice(0, depth + 1))} is there more than once` };
    }
    const [member] = found;
    if (member === undefined) {
      return { kind: 'missing', object, keys: [key, ...path.slice(depth + 1)] };
    }
    if (depth === path.length - 1) return { kind: 'value', start: member.valueStart, end: member.valueEnd };
    start = member.valueStart;
  }
  return { kind: 'blocked', why: 'no key is given' };
}

/** The text with the string `value` at a spot that is not blocked. A new key comes last, laid out like the one before. */
export function withString(text: string, spot: Exclude<Spot, { kind: 'blocked' }>, value: string): string {
  const json = JSON.stringify(value);
  if (spot.kind === 'value') return text.slice(0, spot.start) + json + text.slice(spot.end);
  const [key, ...deeper] = spot.keys;
  const nested = deeper.reduceRight((inner, name) => `{${JSON.stringify(name)}:${inner}}`, json);
  const last = spot.object.members.at(-1);
  if (last === undefined) {
    const at = spot.object.inside;
    return `${text.slice(0, at)}${JSON.stringify(key)}:${nested}${text.slice(at)}`;
  }
  const gap = text.slice(last.keyEnd, last.valueStart);
  const lead = text.slice(last.leadStart, last.keyStart) || (gap.endsWith(' ') ? ' ' : '');
  const added = `,${lead}${JSON.stringify(key)}${gap}${nested}`;
  return text.slice(0, last.valueEnd) + added + text.slice(last.valueEnd);
}

/** The members of the object that begins at `start`. The text is known to be valid JSON. */
function membersOf(text: string, start: number): Member[] {
  const members: Member[] = [];
  let at = start + 1;
  while (text[at] !== '}') {
    const leadStart = at;
    const keyStart = after(SPACE, text, at);
    if (text[keyStart] === '}') break;
    const keyEnd = stringEnd(text, keyStart);
    const valueStart = after(SPACE, text, after(SPACE, text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    const key = JSON.parse(text.slice(keyStart, keyEnd)) as string;
    members.push({ key, leadStart, keyStart, keyEnd, valueStart, valueEnd });
    at = after(SPACE, text, valueEnd);
    if (text[at] === ',') at += 1;
  }
  return members;
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== '{' && first !== '[') return after(SCALAR, text, start);
  let depth = 0;
  let at = start;
  do {
    const char = text[at];
    if (char === '"') {
      at = stringEnd(text, at);
      continue;
    }
    if (char === '{' || char === '[') depth += 1;
    if (char === '}' || char === ']') depth -= 1;
    at += 1;
  } while (depth > 0);
  return at;
}

/** Right after the closing quote of the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Where a sticky pattern that matches at `at` ends; `at` where it does not. */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function shown(path: readonly string[]): string {
  return path.length === 0 ? 'the document' : `key ${path.map((key) => JSON.stringify(key)).join(' → ')}`;
}
