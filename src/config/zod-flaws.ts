/** Turns what zod says of a value into flaws in plain words: what was found, and what is allowed. */
import type { z } from 'zod';
import type { Flaw, Path } from './problem.ts';
import { foundWords, kindWords, listWords, namedKey, suggestion } from './words.ts';
import { descriptionOf, keysAt, optionsOf, schemaAt } from './zod-tree.ts';

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  null: 'nothing',
};

/** The value as the schema makes it, or every flaw. Paths begin at `at`. */
export function check<T>(
  schema: z.core.$ZodType<T>,
  value: unknown,
  at: Path = [],
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly flaws: Flaw[] } {
  const result = (schema as z.ZodType<T>).safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, flaws: result.error.issues.flatMap((issue) => flawsOf(issue, { schema, value, at })) };
}

/** What an issue's path begins at. */
interface Base {
  readonly schema: Schema;
  readonly value: unknown;
  readonly at: Path;
}

function flawsOf(issue: Issue, base: Base): Flaw[] {
  const inner = issue.path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment));
  const path = [...base.at, ...inner];
  const found = valueAt(base.value, inner);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(base.schema, inner);
    return issue.keys.map((key) => unknownKey(key, known, path));
  }
  if (issue.code === 'invalid_union') {
    return unionFlaws(issue, { schema: schemaAt(base.schema, inner), value: found, at: path });
  }
  if (issue.code === 'invalid_key') {
    return [{ path, at: 'key', message: allowed(foundWords(inner.at(-1)), keyWords(issue.issues)) }];
  }
  const words =
    issue.code === 'invalid_type'
      ? typeWords(issue, found, schemaAt(base.schema, inner))
      : ruleWords(issue, found);
  return [{ path, at: 'value', message: words }];
}

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const segment of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, segment)) return undefined;
    here = (here as Readonly<Record<string | number, unknown>>)[segment];
  }
  return here;
}

/** `unknown key "acount"; did you mean "account"?`, or all that is allowed. */
export function unknownKey(key: string, known: readonly string[], path: Path): Flaw {
  const near = suggestion(key, known);
  const more = near === '' ? `; allowed: ${listWords(known)}` : near;
  return { path: [...path, key], at: 'key', message: `unknown ${namedKey(key)}${more}` };
}

function allowed(found: string, words: string): string {
  return `found ${found}; allowed: ${words}`;
}

function typeWords(issue: z.core.$ZodIssueInvalidType, value: unknown, schema: Schema | undefined): string {
  const kind = isOwn(issue.message) ? issue.message : (KINDS[issue.expected] ?? issue.expected);
  if (value === undefined) return missing(kind, schema);
  const wantsQuotes = kind === KINDS['string'] && typeof value === 'number';
  const wantsContainer = ['object', 'record', 'array'].includes(issue.expected);
  return allowed(
    wantsContainer ? kindWords(value) : foundWords(value),
    wantsQuotes ? `${kind} (in quotes)` : kind,
  );
}

function missing(kind: string, schema: Schema | undefined): string {
  const [sentence = ''] = (schema === undefined ? '' : (descriptionOf(schema) ?? '')).split(/\.(?: |$)/);
  return `is missing; give ${kind}${sentence === '' ? '' : `: ${lowerFirst(sentence)}`}`;
}

/** A rule between the values of a mapping says by itself what is wrong, as does one that says that it is a whole sentence. */
function ruleWords(issue: Issue, value: unknown): string {
  const bySelf =
    issue.code === 'custom' && (typeof value === 'object' || issue.params?.['isSentence'] === true);
  return bySelf ? issue.message : allowed(foundWords(value), valueWords(issue, value));
}

/** What is allowed in place of a value of the right type. */
function valueWords(issue: Issue, value: unknown): string {
  if (isOwn(issue.message)) return issue.message;
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    return `${listWords(values)}${typeof value === 'string' ? suggestion(value, values) : ''}`;
  }
  if (issue.code === 'too_small') {
    return boundWords(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
  }
  if (issue.code === 'too_big') {
    return boundWords(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
  }
  if (issue.code === 'invalid_format') return FORMATS[issue.format] ?? `a text of the form ${issue.format}`;
  return 'something else';
}

const FORMATS: Readonly<Record<string, string>> = {
  url: 'a URL such as https://example.com',
  regex: 'a text of another form',
};

function boundWords(origin: string, relation: string, limit: number | bigint): string {
  const plain = limit === 1 && relation === 'at least';
  if (origin === 'string')
    return plain ? 'a text that is not empty' : `a text of ${relation} ${limit} characters`;
  if (origin === 'array') return plain ? 'a list that is not empty' : `a list of ${relation} ${limit}`;
  return `a number of ${relation} ${limit}`;
}

/** The flaws of the branch that fits best, or what all branches together allow where none begins to fit. */
function unionFlaws(
  issue: z.core.$ZodIssueInvalidUnion,
  { schema, value, at }: { schema: Schema | undefined; value: unknown; at: Path },
): Flaw[] {
  const options = schema === undefined ? [] : optionsOf(schema);
  const branches = issue.errors.map((errors, index) => ({ errors, option: options[index] }));
  const flaws = branches
    .filter(({ errors }) => !errors.some((inner) => inner.path.length === 0 && isMismatch(inner)))
    .map(({ errors, option }) =>
      option === undefined ? [] : errors.flatMap((inner) => flawsOf(inner, { schema: option, value, at })),
    );
  const [best] = flaws.toSorted((a, b) => score(a) - score(b));
  if (best !== undefined && best.length > 0) return best;
  const words = branches
    .map(({ errors, option }) => shapeWords(option) ?? errors.map(branchWords).join(', '))
    .join(' or ');
  const message = value === undefined ? missing(words, schema) : allowed(unionFound(value, branches), words);
  return [{ path: at, at: 'value', message }];
}

/** `{ file: … }` for a mapping with the key `file`. */
function shapeWords(option: Schema | undefined): string | undefined {
  const keys = option === undefined ? [] : keysAt(option, []);
  return keys.length === 0 ? undefined : `{ ${keys.map((key) => `${key}: …`).join(', ')} }`;
}

/** Where only mappings or lists are allowed, a text may well be the secret that should have been referred to. */
function unionFound(value: unknown, branches: readonly { readonly errors: readonly Issue[] }[]): string {
  const containers = branches.every(({ errors }) =>
    errors.some((inner) => inner.code === 'invalid_type' && ['object', 'array'].includes(inner.expected)),
  );
  return containers ? kindWords(value) : foundWords(value);
}

/** A misspelt key says more about which branch was meant than a missing one. */
function score(flaws: readonly Flaw[]): number {
  return flaws.length - (flaws.some(({ message }) => message.includes('did you mean')) ? 1 : 0);
}

function isMismatch(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_format';
}

function branchWords(issue: Issue): string {
  if (isOwn(issue.message)) return issue.message;
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return listWords(issue.values.map(String));
  return issue.message;
}

function keyWords(issues: readonly Issue[]): string {
  return issues.map((issue) => issue.message).join(', ');
}

/** Whether the schema gave the message itself: then it says what is allowed. */
function isOwn(message: string): boolean {
  return !/^(Invalid|Too (small|big)|Unrecognized)/.test(message);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
