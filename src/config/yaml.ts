/** Parses YAML: the value and the positions come from the same events. Nothing of a file's text goes into a message. */
import {
  constructFromEvents,
  CORE_SCHEMA,
  EVENT_ID,
  mergeTag,
  parseEvents,
  YAMLException,
  type Event,
} from 'js-yaml';
import { mayBeSecret } from '../domain/credential-shapes.ts';
import type { Position } from './problem.ts';
import { namedKey } from './words.ts';
import { positionsIn, type Positions } from './yaml-positions.ts';

export interface YamlDocument {
  /** `null` for a document without content. */
  readonly value: unknown;
  /** Made when first asked for: only problems need it. */
  positions(): Positions;
}

export interface YamlProblem extends Position {
  readonly message: string;
}

export type YamlParse =
  | { readonly ok: true; readonly document: YamlDocument }
  | { readonly ok: false; readonly problems: readonly YamlProblem[] };

const SCHEMA = CORE_SCHEMA.withTags(mergeTag);
const DEPTH_MAX = 100;
/** What aliases may add to a document: ten times what is written out, and this many values more. */
const ALIASED_FACTOR = 10;
const ALIASED_MORE = 100_000;

/** What the parser says, and what it most often means. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/tab characters/, 'tabs cannot indent in YAML; use spaces'],
  [
    /bad indentation of a mapping entry/,
    'the line does not fit the ones above it: bad indentation, or a text with ": ", "@", "%" or "`" that needs quotes',
  ],
  [
    /unidentified alias/,
    'the alias (*name) stands for nothing: no anchor (&name) of that name comes before it',
  ],
  [
    /deficient indentation/,
    'the line is indented less than what it belongs to, or a bracket or quote is not closed',
  ],
];

export function parseYaml(source: string): YamlParse {
  try {
    const events = parseEvents(source, { maxDepth: DEPTH_MAX });
    const documents = events.filter((event) => event.type === EVENT_ID.DOCUMENT).length;
    if (documents > 1) return refused('there is more than one document in it (---); one file has one', 1, 1);
    if (documents === 0) return parsed(source, null, events);
    const aliases = aliasProblem(source, events);
    if (aliases !== undefined) return refused(aliases, 1, 1);
    return construct(source, events);
  } catch (error) {
    return refusedBecause(error);
  }
}

function construct(source: string, events: Event[]): YamlParse {
  const options = { source, schema: SCHEMA, maxTotalMergeKeys: -1 };
  try {
    return parsed(source, constructFromEvents(events, options)[0] ?? null, events);
  } catch (error) {
    const duplicates = positionsIn(source, events).duplicateKeys();
    if (duplicates.length === 0) return refusedBecause(error);
    const problems = duplicates.map(({ key, at, first }) => ({
      ...at,
      message: `the ${namedKey(key)} stands here a second time; first in line ${first.line}`,
    }));
    return { ok: false, problems };
  }
}

function parsed(source: string, value: unknown, events: readonly Event[]): YamlParse {
  let positions: Positions | undefined;
  return { ok: true, document: { value, positions: () => (positions ??= positionsIn(source, events)) } };
}

function refusedBecause(error: unknown): YamlParse {
  if (!(error instanceof YAMLException)) throw error;
  const { reason } = error;
  const hint = HINTS.find(([expression]) => expression.test(reason))?.[1];
  const { line = 0, column = 0 } = error.mark ?? {};
  return refused(hint ?? `not YAML: ${repeatable(reason)}`, line + 1, column + 1);
}

/** The parser's words, without those of the file that could be a secret. */
function repeatable(reason: string): string {
  return reason.replaceAll(/\S+/g, (word) => (mayBeSecret(word) ? '…' : word));
}

function refused(message: string, line: number, column: number): YamlParse {
  return { ok: false, problems: [{ line, column, message }] };
}

/**
 * What is wrong with the aliases of a document. A few lines of aliases of aliases stand for more values than fit
 * into any memory, and an alias within its own anchor stands for endlessly many.
 */
function aliasProblem(source: string, events: readonly Event[]): string | undefined {
  const sizes = new Map<string, number | undefined>();
  const open: { readonly name: string | undefined; size: number }[] = [];
  let written = 0;
  let aliased = 0;
  const add = (size: number): void => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.size += size;
  };
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      const { name, size } = open.pop() ?? { name: undefined, size: 0 };
      if (name !== undefined) sizes.set(name, size);
      add(size);
    } else if (event.type === EVENT_ID.ALIAS) {
      const name = source.slice(event.anchorStart, event.anchorEnd);
      const size = sizes.get(name);
      if (size === undefined && sizes.has(name))
        return `the alias *${repeatable(name)} is part of what it stands for`;
      aliased += size ?? 1;
      add(size ?? 1);
    } else {
      written += 1;
      const anchored = event.type !== EVENT_ID.DOCUMENT && event.anchorStart >= 0;
      const name = anchored ? source.slice(event.anchorStart, event.anchorEnd) : undefined;
      if (event.type === EVENT_ID.SCALAR) {
        if (name !== undefined) sizes.set(name, 1);
        add(1);
      } else {
        if (name !== undefined) sizes.set(name, undefined);
        open.push({ name, size: 1 });
      }
    }
  }
  if (aliased <= written * ALIASED_FACTOR + ALIASED_MORE) return undefined;
  return `its aliases (*name) stand for more than ${aliased} values, which is too many; write them out`;
}
