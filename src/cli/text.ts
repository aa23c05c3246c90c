/** Words for people: aligned columns, times beside how long ago they are, durations. Pure. */
import { formatDuration } from '../domain/duration.ts';

const GAP = '  ';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Columns as wide as their widest cell, the last one as it comes; an empty cell shows as a dash. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => head.map((_, column) => row[column] || '-'));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(GAP))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** A block of `label  value` lines; absent values are left out, the lines of one value stand below each other. */
export function fields(pairs: readonly (readonly [string, string | undefined])[]): string {
  const given = pairs.filter((pair): pair is readonly [string, string] => Boolean(pair[1]));
  const width = Math.max(...given.map(([label]) => label.length), 0);
  return given
    .map(([label, value]) => {
      const [first = '', ...more] = value.split('\n');
      const indented = more.map((line) => `\n${' '.repeat(width)}${GAP}${line}`);
      return `${label.padEnd(width)}${GAP}${first}${indented.join('')}\n`;
    })
    .join('');
}

/** `3m ago`, `in 4s`, `now`: at most two units, rounded down. */
export function relative(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < 1_000) return 'now';
  return at > now ? `in ${rough(distance)}` : `${rough(distance)} ago`;
}

/** `3m ago (2026-11-21 09:05:00Z)`. */
export function moment(at: number, now: number): string {
  return `${relative(at, now)} (${absolute(at)})`;
}

/** To the second, in UTC. */
export function absolute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replace('T', ' ')}Z`;
}

/** To the millisecond, in UTC: the steps of a rotation take no longer. */
export function precise(at: number): string {
  return new Date(at).toISOString().replace('T', ' ');
}

/** A duration as people say it: in its largest unit and the next. */
export function rough(ms: number): string {
  const unit = ms >= DAY_MS ? HOUR_MS : ms >= HOUR_MS ? MINUTE_MS : ms >= 1_000 ? 1_000 : 1;
  return formatDuration(Math.floor(ms / unit) * unit);
}

/** `1 account`, `2 accounts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The API's answer as it is, for programs. */
export function json(body: unknown): string {
  return `${JSON.stringify(body, null, 2)}\n`;
}

const NO_SIGN = /\p{Cc}|\p{Bidi_Control}/gu;
const ERASE_REST = '\u001B[K';

/**
 * The text with a mark in place of whatever a terminal would act upon instead of showing it: there are other people's words in what is
 * printed, reasons and answers of services. Left are line breaks, tabs, and that by which a command renews its own line.
 */
export function forTerminal(text: string): string {
  return text.replaceAll(NO_SIGN, (sign, at: number) => {
    const isLayout = sign === '\n' || sign === '\t' || (sign === '\r' && (at === 0 || text[at + 1] === '\n'));
    return isLayout || text.startsWith(ERASE_REST, at) ? sign : '\uFFFD';
  });
}
