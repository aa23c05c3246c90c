/** A text of a person's own with the fields of the credential, and details, put into it. */
import { z } from 'zod';
import { DETAIL_NAMES } from '../domain/details.ts';
import { succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { SecretBytes } from '../domain/secret.ts';
import type { Decoded, Format } from '../ports/format.ts';
import type { FormatEntry } from './entry.ts';
import { decodedParts, partsOf } from './parts.ts';
import type { Content, Places } from './parts.ts';
import { fillIn, parseTemplate, readBack } from './template-text.ts';
import type { FieldName, Piece } from './template-text.ts';
import { textOf } from './text.ts';

const TEXT_LENGTH_MAX = 16_384;

const schema = z
  .strictObject({
    text: z
      .string()
      .max(TEXT_LENGTH_MAX)
      .superRefine((text, context) => {
        const parsed = parseTemplate(text);
        if (parsed.ok) return;
        context.addIssue({ code: 'custom', message: parsed.problem, params: { isSentence: true } });
      })
      .meta({
        description:
          'The text, with placeholders: {{token}}, or {{clientId}} and {{clientSecret}}, and details such as {{tokenEndpoint}}. An ' +
          'encoding may follow: {{clientSecret|json}}, url, base64 or xml.',
      }),
  })
  .meta({ description: 'A text with the credential put into it, from which it can be read back.' });

type Options = z.output<typeof schema>;

export const template: FormatEntry<Options> = {
  kind: 'template',
  schema,
  partOf: () => undefined,
  pathsOf: () => undefined,
  create: ({ text }): Format => {
    const { pieces, fields } = parsed(text);
    const placeOf = <Name extends FieldName>(name: Name) => (fields.has(name) ? name : undefined);
    const places: Places<FieldName> = {
      token: placeOf('token'),
      clientId: placeOf('clientId'),
      clientSecret: placeOf('clientSecret'),
      details: Object.fromEntries(DETAIL_NAMES.map((name) => [name, placeOf(name)])),
    };
    return {
      kind: 'template',
      carries: [fields.has('token') ? 'token' : 'client'],
      details: DETAIL_NAMES.filter((name) => fields.has(name)),
      keepsPrevious: false,
      encode: (credential, _previous, details = {}) => encode({ credential, details }, places, pieces),
      decode: (bytes) => decode(bytes, places, pieces),
    };
  },
};

const INSTEAD = {
  token: 'its text needs {{token}}',
  client: 'its text needs {{clientId}} and {{clientSecret}}',
};

function encode(content: Content, places: Places<FieldName>, pieces: readonly Piece[]): Result<SecretBytes> {
  const parts = partsOf('template', content, places, INSTEAD);
  if (!parts.ok) return parts;
  const values = new Map(parts.value.map(({ where, text }) => [where, text]));
  return succeeded(new SecretBytes(fillIn(pieces, values)));
}

function decode(bytes: SecretBytes, places: Places<FieldName>, pieces: readonly Piece[]): Decoded {
  const text = textOf(bytes)?.text;
  if (text === undefined) return { state: 'other' };
  if (text.trim() === '') return { state: 'absent' };
  const values = readBack(pieces, text);
  if (values === undefined) return { state: 'other' };
  return decodedParts(places, (field) => ({ text: values.get(field) ?? '' }));
}

/** The text of a template that its schema has taken. */
function parsed(text: string): Extract<ReturnType<typeof parseTemplate>, { ok: true }> {
  const outcome = parseTemplate(text);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome;
}
