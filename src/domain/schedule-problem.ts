/** What is wrong with a cron pattern, in words for the person who wrote it. Reads text only; calculates no slots. */
import { mayBeSecret } from './credential-shapes.ts';

const FIELDS_ALLOWED =
  'five fields (minute hour day month weekday), six with seconds first, or one of ' +
  '@hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually';
const FIELDS_MIN = 5;
const FIELDS_MAX = 6;

const MACRO = /^@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)$/i;
const ISO_DATE = /^\d{4}-\d\d?-\d\d?(?:[T ]|$)/;

const FIELD_ORDER = ['second', 'minute', 'hour', 'day', 'month', 'weekday'];

/** Of each field as croner calls it: its name, what is allowed, and what croner has taken off the value. */
const FIELDS: Readonly<
  Record<string, { readonly name: string; readonly allowed: string; readonly off: number }>
> = {
  second: { name: 'second', allowed: '0-59', off: 0 },
  minute: { name: 'minute', allowed: '0-59', off: 0 },
  hour: { name: 'hour', allowed: '0-23', off: 0 },
  day: { name: 'day', allowed: '1-31', off: 1 },
  month: { name: 'month', allowed: '1-12 or JAN-DEC', off: 1 },
  dayOfWeek: { name: 'weekday', allowed: '0-7 or SUN-SAT', off: 0 },
};

/** What croner says, and what a person is told instead; the first that matches counts. */
const WORDS: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [/Invalid value for (\w+): (-?\d+)$/, outOfRange],
  [/^(\w+) is not a number: '(.*)'/, notANumber],
  [
    /^configuration entry (\d+) \((.*)\) contains illegal characters/,
    (index, text) =>
      `'${text}' has characters that mean nothing as ${FIELD_ORDER[Number(index)] ?? 'a field'}`,
  ],
  [
    /^configuration entry (\w+) \(\) is empty/,
    (field) => `the ${FIELDS[field ?? '']?.name ?? field} field has an empty part`,
  ],
  [/illegal (?:lower|upper) range|illegal range/, () => 'a range needs a number on both sides, as in 1-5'],
  [
    /^From value is larger than to value: '(.*)'/,
    (range) => `the range ${range} runs backwards; write it as two, such as 22-23,0-2`,
  ],
  [
    /stepping with (?:numeric|missing) prefix \('(.*)'\)/,
    (text) => `'${text}' is no step; write */15 or 0-59/15`,
  ],
  [/illegal stepping: \(NaN\)$/, () => 'a step needs a number after the slash, as in */15'],
  [/illegal stepping: '?(.*?)'?$/, (text) => `'${text}' is no step; write */15 or 0-59/15`],
  [
    /^Syntax error, steps cannot be greater.*\((\d+)\)/,
    (most) => `a step is too long for its field (at most ${most})`,
  ],
  [
    /^Syntax error, L has to be a value of its own in day-of-month \('(.*)'\)/,
    (text) => `'${text}' is not supported; L stands alone in the day field (the last day of the month)`,
  ],
  [
    /^Syntax error, LW can not be in a list in day-of-month \('(.*)'\)/,
    (text) => `'${text}' is not supported; LW stands alone in the day field`,
  ],
  [
    /^Syntax error, a month or day name has to stand alone \('(.*)'\)/,
    (text) => `'${text}' is no name of a month or weekday; they have three letters, such as JAN or MON`,
  ],
  [
    /^nth weekday out of range.*Value: (.*), Type/,
    (text) => `the ${text} after # is out of range (allowed: 1-5 or L, as in FRI#2)`,
  ],
];

/** What is wrong with a pattern at first sight, before croner reads it; `undefined` where nothing is. */
export function patternProblem(pattern: string): string | undefined {
  const text = pattern.trim();
  // A single word is repeated only where it can be nothing but a mistake in a pattern.
  const named = mayBeSecret(text.replace(/^@/, '')) && !/\s/.test(text) ? 'the text' : `'${text}'`;
  if (text === '') return `the schedule is empty; allowed are ${FIELDS_ALLOWED}`;
  if (ISO_DATE.test(text)) return `${named} is a date, which would fire once; allowed are ${FIELDS_ALLOWED}`;
  if (text.startsWith('@')) {
    return MACRO.test(text) ? undefined : `${named} is not supported; allowed are ${FIELDS_ALLOWED}`;
  }
  if (text.includes(':')) return `${named} contains a colon; allowed are ${FIELDS_ALLOWED}`;
  const count = text.split(/\s+/).length;
  if (count >= FIELDS_MIN && count <= FIELDS_MAX) return undefined;
  return `${named} has ${count} field${count === 1 ? '' : 's'}; allowed are ${FIELDS_ALLOWED}`;
}

/** What croner found wrong with a pattern, reworded. */
export function parseProblem(pattern: string, error: unknown): string {
  const raw = error instanceof Error ? error.message : String(error);
  const message = raw.replace(/^CronPattern: /, '');
  for (const [expression, words] of WORDS) {
    const match = expression.exec(message);
    if (match !== null) return `'${pattern}': ${words(...match.slice(1))}`;
  }
  return `'${pattern}': ${message.replace(/^Syntax error, /, '').replace(/\.$/, '')}`;
}

function outOfRange(field = '', value = ''): string {
  const known = FIELDS[field];
  if (known === undefined) return `${field} ${value} is out of range`;
  return `${known.name} ${Number(value) + known.off} is out of range (allowed: ${known.allowed})`;
}

function notANumber(field = '', text = ''): string {
  const known = FIELDS[field];
  if (known === undefined) return `${field} '${text}' is not a number`;
  return `'${text}' is no ${known.name} (allowed: ${known.allowed})`;
}
