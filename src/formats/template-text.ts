/**
 * The text of a template: fixed text with placeholders such as `{{token}}` and `{{clientSecret|url}}`. A template is only taken
 * where each value ends before what follows it, so that reading it back is one pass from left to right, without a choice.
 */
import { DETAIL_NAMES } from '../domain/details.ts';
import type { DetailName } from '../domain/details.ts';
import { ENCODINGS, PLAIN, PLAIN_TOKEN } from './template-encodings.ts';
import type { Encoding, EncodingName } from './template-encodings.ts';

export type FieldName = 'token' | 'clientId' | 'clientSecret' | DetailName;

export interface Placeholder {
  readonly field: FieldName;
  readonly encoding: Encoding;
  /** As it is written, such as `{{token}}`. */
  readonly written: string;
  /** Where it stands, counted from 1. */
  readonly line: number;
}

/** Fixed text, or a placeholder. */
export type Piece = string | Placeholder;

export type ParsedTemplate =
  | { readonly ok: true; readonly pieces: readonly Piece[]; readonly fields: ReadonlySet<FieldName> }
  /** Why it is no template, for a person, with the line. */
  | { readonly ok: false; readonly problem: string };

const FIELDS: readonly FieldName[] = ['token', 'clientId', 'clientSecret', ...DETAIL_NAMES];
const DETAILS: ReadonlySet<FieldName> = new Set(DETAIL_NAMES);
const PLACEHOLDER = /\{\{[ \t]*(\w*)[ \t]*(?:\|[ \t]*(\w*)[ \t]*)?\}\}/y;
const LINE_BREAKS_AT_END = /[\r\n]+$/;

export function parseTemplate(text: string): ParsedTemplate {
  if (text.startsWith('\uFEFF') || !text.isWellFormed()) {
    return refused(1, 'it begins with a byte order mark, or has characters that cannot be written as UTF-8');
  }
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf('{{', at);
    if (start !== at) pieces.push(text.slice(at, start === -1 ? text.length : start));
    if (start === -1) break;
    const line = text.slice(0, start).split('\n').length;
    PLACEHOLDER.lastIndex = start;
    const match = PLACEHOLDER.exec(text);
    if (match === null)
      return refused(line, '{{ begins a placeholder, such as {{token}} or {{clientSecret|url}}');
    const placeholder = placeholderOf(match, line);
    if (typeof placeholder === 'string') return refused(line, placeholder);
    pieces.push(placeholder);
    at = PLACEHOLDER.lastIndex;
  }
  const problem = pieces.map((piece, index) => endingProblem(piece, pieces[index + 1])).find(Boolean);
  if (problem !== undefined) return { ok: false, problem };
  return withFields(pieces);
}

/** The text with every placeholder filled in. */
export function fillIn(pieces: readonly Piece[], values: ReadonlyMap<FieldName, string>): string {
  return pieces
    .map((piece) =>
      typeof piece === 'string' ? piece : piece.encoding.encode(values.get(piece.field) ?? ''),
    )
    .join('');
}

/**
 * The fields of the credential that a text was filled in with, whatever its details are and whatever line breaks are at its end;
 * `undefined` where it is another text.
 */
export function readBack(pieces: readonly Piece[], text: string): ReadonlyMap<FieldName, string> | undefined {
  const values = new Map<FieldName, string>();
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece === 'string') {
      const fixed = index === pieces.length - 1 ? piece.replace(LINE_BREAKS_AT_END, '') : piece;
      if (!text.startsWith(fixed, at)) return undefined;
      at += fixed.length;
      continue;
    }
    const { encoding } = piece;
    encoding.run.lastIndex = at;
    const written = encoding.run.exec(text)?.[0] ?? '';
    at += written.length;
    if (DETAILS.has(piece.field)) continue;
    const value = encoding.decode(written);
    if (value === undefined || (values.get(piece.field) ?? value) !== value) return undefined;
    values.set(piece.field, value);
  }
  return /^[\r\n]*$/.test(text.slice(at)) ? values : undefined;
}

/** The placeholder, or what is wrong with it. */
function placeholderOf(match: RegExpExecArray, line: number): Placeholder | string {
  const [written, name = '', encodingName] = match;
  const field = FIELDS.find((each) => each === name);
  if (field === undefined) return `${written} names nothing; allowed: ${FIELDS.join(', ')}`;
  const plain = field === 'token' ? PLAIN_TOKEN : PLAIN;
  if (encodingName === undefined) return { field, encoding: plain, written, line };
  const encodings = Object.keys(ENCODINGS) as EncodingName[];
  const encoding = encodings.find((each) => each === encodingName);
  if (encoding === undefined) return `${written} has no such encoding; allowed: ${encodings.join(', ')}`;
  return { field, encoding: ENCODINGS[encoding], written, line };
}

/** Why it could not be told where the value ends; `undefined` where it can. */
function endingProblem(piece: Piece, next: Piece | undefined): string | undefined {
  if (typeof piece === 'string' || next === undefined) return undefined;
  const { written, encoding, line } = piece;
  const cannot = `${written} could not be read back, because it cannot be told where its value ends:`;
  const must = `it has to be followed by ${encoding.endsBefore}, or stand last`;
  if (typeof next !== 'string') return problemAt(line, `${cannot} ${next.written} follows at once; ${must}`);
  const char = String.fromCodePoint(next.codePointAt(0) ?? 0);
  encoding.run.lastIndex = 0;
  // A backslash alone is no whole run of json, and may still be the beginning of one.
  const mayBePart = encoding.run.exec(char)?.[0] === char || (char === '\\' && encoding === ENCODINGS.json);
  if (!mayBePart) return undefined;
  const others = Object.keys(ENCODINGS).join(', ');
  const way = `${must}, or be written in another encoding (${others}), such as {{${piece.field}|json}} between double quotes`;
  return problemAt(line, `${cannot} ${JSON.stringify(char)}, which follows, may be part of it; ${way}`);
}

/** A token, or a client id and its secret: else no credential could be read back. */
function withFields(pieces: readonly Piece[]): ParsedTemplate {
  const placeholders = pieces.filter((piece) => typeof piece !== 'string');
  const fields = new Set(placeholders.map(({ field }) => field));
  const isClient = fields.has('clientId') && fields.has('clientSecret');
  const isPart = fields.has('clientId') || fields.has('clientSecret');
  const [first] = placeholders;
  if (fields.has('token') !== isPart && (fields.has('token') || isClient))
    return { ok: true, pieces, fields };
  const why = fields.has('token')
    ? 'it has a token beside a client id or secret, and no credential has both'
    : 'no credential could be read back: it needs {{token}}, or both {{clientId}} and {{clientSecret}}';
  return refused(first?.line ?? 1, why);
}

function refused(line: number, why: string): ParsedTemplate {
  return { ok: false, problem: problemAt(line, why) };
}

function problemAt(line: number, why: string): string {
  return `line ${line} of the template: ${why}`;
}
