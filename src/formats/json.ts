/** A JSON object made by us and nobody else: `{"token": "…"}`. For one key of a document that others write too: `key`. */
import { z } from 'zod';
import { succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { SecretBytes } from '../domain/secret.ts';
import type { Decoded, Format } from '../ports/format.ts';
import { detailsSchema, namesIn, placesIn } from './details.ts';
import { parseObject } from './json-text.ts';
import { decodedParts, partsOf } from './parts.ts';
import type { Content, Found, Places } from './parts.ts';
import type { FormatEntry } from './entry.ts';
import { textOf } from './text.ts';

const name = z.string().min(1);

const schema = z
  .strictObject({
    key: name.default('token').meta({ description: 'The key that a token is written under.' }),
    clientIdKey: name.default('client_id').meta({ description: 'The key of a client id.' }),
    clientSecretKey: name.default('client_secret').meta({ description: 'The key of a client secret.' }),
    details: detailsSchema(name, 'key').optional(),
  })
  .refine(
    (options) =>
      allDiffer([options.key, options.clientIdKey, options.clientSecretKey, ...placesIn(options.details)]),
    {
      error: 'each key has to be different from all others',
    },
  )
  .meta({ description: 'A whole JSON object with the credential and nothing else in it.' });

type Options = z.output<typeof schema>;

export const json: FormatEntry<Options> = {
  kind: 'json',
  schema,
  partOf: () => undefined,
  pathsOf: () => undefined,
  create: (options): Format => {
    const places: Places<string> = {
      token: options.key,
      clientId: options.clientIdKey,
      clientSecret: options.clientSecretKey,
      details: options.details,
    };
    return {
      kind: 'json',
      carries: ['token', 'client'],
      details: namesIn(options.details),
      keepsPrevious: false,
      encode: (credential, _previous, details = {}) => encode({ credential, details }, places),
      decode: (bytes) => decode(bytes, places),
    };
  },
};

const INSTEAD = { token: 'set key', client: 'set clientIdKey and clientSecretKey' };

function encode(content: Content, places: Places<string>): Result<SecretBytes> {
  const parts = partsOf('json', content, places, INSTEAD);
  if (!parts.ok) return parts;
  const entries = parts.value.map(({ where, text }) => `${JSON.stringify(where)}:${JSON.stringify(text)}`);
  return succeeded(new SecretBytes(`{${entries.join(',')}}`));
}

/** An object with other keys in it is somebody else’s: a write would lose them. */
function decode(bytes: SecretBytes, places: Places<string>): Decoded {
  const text = textOf(bytes)?.text;
  if (text === undefined) return { state: 'other' };
  if (text.trim() === '') return { state: 'absent' };
  const object = parseObject(text);
  if (object === undefined) return { state: 'other' };
  const decoded = decodedParts(places, (key) => foundAt(object, key));
  const ours = keysOf(decoded, places);
  return Object.keys(object).every((key) => ours.includes(key)) ? decoded : { state: 'other' };
}

/** The keys that an object with this in it may have: all of ours where it is empty. */
function keysOf(decoded: Decoded, { token, clientId, clientSecret, details }: Places<string>): unknown[] {
  const beside = placesIn(details);
  if (decoded.state !== 'credential') return [token, clientId, clientSecret, ...beside];
  return decoded.credential.kind === 'token' ? [token, ...beside] : [clientId, clientSecret, ...beside];
}

function allDiffer(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length;
}

function foundAt(object: Readonly<Record<string, unknown>>, key: string): Found {
  if (!Object.hasOwn(object, key)) return 'absent';
  const value = object[key];
  if (value === null) return 'absent';
  return typeof value === 'string' ? { text: value } : 'other';
}
