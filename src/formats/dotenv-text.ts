/**
 * The text of a .env file: where its assignments are, and how a value is quoted so that a shell and the usual
 * readers (docker compose, systemd, the dotenv packages) all take it for the same.
 */

export interface Assignment {
  readonly name: string;
  /** The offsets of the value, with its quotes and without a comment behind it. */
  readonly start: number;
  readonly end: number;
}

export type ParsedDotenv =
  | { readonly ok: true; readonly assignments: readonly Assignment[] }
  /** A line, counted from 1, that is no assignment, comment or empty line. */
  | { readonly ok: false; readonly line: number };

const ASSIGNMENT = /[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/y;
const NOTHING = /[ \t]*(?:#[^\n]*|export(?:[ \t]+[A-Za-z_][A-Za-z0-9_]*)+[ \t]*)?\r?(?=\n|$)/y;
/** What may stand between a closing quote and the end of the line. */
const REST = /[ \t]*(?:#[^\n]*)?\r?(?=\n|$)/y;
const LINE_END = /\r?(?=\n|$)/g;
const QUOTED = /'[^']*'|"(?:\\[^]|[^"\\])*"|`[^`]*`/y;

/** Means the same to every reader without quotes. */
const PLAIN = /^[A-Za-z0-9_.+/=:@%,^-]+$/;
/** Means different things to different readers without quotes. */
const AMBIGUOUS = /[\\"'$`#]/;

/** Finds the assignments. A quoted value may go over several lines. */
export function parseDotenv(text: string): ParsedDotenv {
  const assignments: Assignment[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const name = match(ASSIGNMENT, text, at)?.[1];
    let end: number;
    if (name === undefined) {
      if (match(NOTHING, text, at) === undefined) return { ok: false, line };
      end = lineEnd(text, at);
    } else {
      const assignment = { name, ...valueAt(text, ASSIGNMENT.lastIndex) };
      assignments.push(assignment);
      end = lineEnd(text, assignment.end);
    }
    const next = text.indexOf('\n', end) + 1 || text.length;
    line += text.slice(at, next).split('\n').length - 1;
    at = next;
  }
  return { ok: true, assignments };
}

/** What a value as written says; `undefined` where readers disagree. */
export function unquoted(written: string): string | undefined {
  const quote = written[0];
  const inside = written.slice(1, -1);
  const isQuoted = written.length > 1 && match(QUOTED, written, 0)?.[0] === written;
  if (isQuoted && quote === "'") return inside;
  if (isQuoted && quote === '"') return unescaped(inside);
  return AMBIGUOUS.test(written) ? undefined : written;
}

/** A value as it is to be written: in the quotes that were there before where these do, else in none or the safest. */
export function quoted(value: string, before: string): string {
  const quote = before.length > 1 && before.at(-1) === before[0] ? before[0] : undefined;
  if (PLAIN.test(value)) return quote === '"' || quote === "'" ? quote + value + quote : value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replaceAll(/[\\"$`]/g, '\\$&')}"`;
}

/** The value that begins at `start`, which is behind any white space after the equals sign. */
function valueAt(text: string, start: number): { readonly start: number; readonly end: number } {
  const whole = match(QUOTED, text, start)?.[0];
  if (whole !== undefined && match(REST, text, start + whole.length) !== undefined) {
    return { start, end: start + whole.length };
  }
  // A quote that is never closed, or goes on behind the closing one, is part of a value of one line.
  const equals = text.lastIndexOf('=', start - 1) + 1;
  const line = text.slice(equals, lineEnd(text, start));
  const comment = line.search(/[ \t]#/);
  const value = (comment === -1 ? line : line.slice(0, comment)).trimEnd();
  return value === '' ? { start: equals, end: equals } : { start, end: equals + value.length };
}

/** The value between double quotes; `undefined` where a reader would put another variable into it. */
function unescaped(inside: string): string | undefined {
  if (/(?<!\\)(?:\\\\)*[$`]/.test(inside)) return undefined;
  return inside.replaceAll(/\\([\\"$`])/g, '$1');
}

function lineEnd(text: string, from: number): number {
  LINE_END.lastIndex = from;
  return LINE_END.exec(text)?.index ?? text.length;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
