/** A variable in a .env file that others write too: other lines, comments, order and line endings stay as they are. */
import { z } from 'zod';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { SecretBytes } from '../domain/secret.ts';
import type { Decoded, Format } from '../ports/format.ts';
import { detailsSchema, namesIn, placesIn } from './details.ts';
import type { DetailPlaces } from './details.ts';
import { parseDotenv, quoted, unquoted } from './dotenv-text.ts';
import type { Assignment } from './dotenv-text.ts';
import { decodedParts, partsOf } from './parts.ts';
import type { Content, Found, Part, Places } from './parts.ts';
import type { FormatEntry } from './entry.ts';
import { textOf } from './text.ts';

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable: letters, digits and _, no digit first');

const schema = z
  .strictObject({
    variable: variable.optional().meta({ description: 'The variable that a token is written to.' }),
    clientIdVariable: variable.optional().meta({ description: 'The variable of a client id.' }),
    clientSecretVariable: variable.optional().meta({ description: 'The variable of a client secret.' }),
    details: detailsSchema(variable, 'variable').optional(),
  })
  .refine(
    ({ variable: token, clientIdVariable: id, clientSecretVariable: secret }) =>
      token === undefined
        ? id !== undefined && secret !== undefined
        : id === undefined && secret === undefined,
    { error: 'either variable (for a token), or clientIdVariable and clientSecretVariable is needed' },
  )
  .refine((options) => new Set(variablesOf(options)).size === variablesOf(options).length, {
    error: 'each variable has to be different from all others',
  })
  .meta({ description: 'A variable in a .env file whose other lines are left as they are.' });

type Options = z.output<typeof schema>;

export const dotenv: FormatEntry<Options> = {
  kind: 'dotenv',
  schema,
  partOf: (options) => options.variable ?? `${options.clientIdVariable},${options.clientSecretVariable}`,
  pathsOf: (options) => variablesOf(options).map((name) => [name]),
  create: (options): Format => {
    const places: Places<string> = {
      token: options.variable,
      clientId: options.clientIdVariable,
      clientSecret: options.clientSecretVariable,
      details: options.details,
    };
    return {
      kind: 'dotenv',
      carries: [options.variable === undefined ? 'client' : 'token'],
      details: namesIn(options.details),
      keepsPrevious: true,
      encode: (credential, previous, details = {}) => encode({ credential, details }, previous, places),
      decode: (bytes) => decode(bytes, places),
    };
  },
};

const INSTEAD = { token: 'set variable', client: 'set clientIdVariable and clientSecretVariable' };

function encode(
  content: Content,
  previous: SecretBytes | undefined,
  places: Places<string>,
): Result<SecretBytes> {
  const parts = partsOf('dotenv', content, places, INSTEAD);
  if (!parts.ok) return parts;
  const read = previous === undefined ? { mark: '', text: '' } : textOf(previous);
  if (read === undefined || read.text.includes('\0')) return refused('it is not text in UTF-8');
  let { text } = read;
  for (const part of parts.value) {
    const parsed = parseDotenv(text);
    if (!parsed.ok) return refused(`line ${parsed.line} is no assignment, comment or empty line`);
    text = withPart(text, parsed.assignments, part);
  }
  return succeeded(new SecretBytes(read.mark + text));
}

/** Every assignment of the variable gets the value: readers take the last one, and no old credential stays behind. */
function withPart(
  text: string,
  assignments: readonly Assignment[],
  { where, text: value }: Part<string>,
): string {
  const ours = assignments.filter(({ name }) => name === where);
  if (ours.length === 0) {
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
    const gap = text === '' || text.endsWith('\n') ? '' : lineEnd;
    return `${text}${gap}${where}=${quoted(value, '')}${lineEnd}`;
  }
  let changed = text;
  for (const { start, end } of ours.toReversed()) {
    const written = text.slice(start, end);
    if (unquoted(written) === value) continue;
    changed = changed.slice(0, start) + quoted(value, written) + changed.slice(end);
  }
  return changed;
}

interface Variables {
  readonly variable?: string | undefined;
  readonly clientIdVariable?: string | undefined;
  readonly clientSecretVariable?: string | undefined;
  readonly details?: DetailPlaces<string> | undefined;
}

function variablesOf({
  variable: token,
  clientIdVariable: id,
  clientSecretVariable: secret,
  details,
}: Variables): string[] {
  return [token, id, secret].flatMap((name) => name ?? []).concat(placesIn(details));
}

function decode(bytes: SecretBytes, places: Places<string>): Decoded {
  const text = textOf(bytes)?.text;
  if (text === undefined || text.includes('\0')) return { state: 'other' };
  const parsed = parseDotenv(text);
  if (!parsed.ok) return { state: 'other' };
  return decodedParts(places, (where) => foundAt(text, parsed.assignments, where));
}

function foundAt(text: string, assignments: readonly Assignment[], where: string): Found {
  const last = assignments.findLast(({ name }) => name === where);
  if (last === undefined) return 'absent';
  const value = unquoted(text.slice(last.start, last.end));
  return value === undefined ? 'other' : { text: value };
}

function refused(why: string): Result<never> {
  return failed(
    'target-refused',
    `format dotenv cannot keep the rest of what is there: ${why}; put that right, or empty the target`,
  );
}
