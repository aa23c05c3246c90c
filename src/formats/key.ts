/** A key in a JSON document that others write too: everything else in the document stays as it is, byte for byte. */
import { z } from 'zod';
import { DETAIL_NAMES } from '../domain/details.ts';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { SecretBytes } from '../domain/secret.ts';
import type { Decoded, Format } from '../ports/format.ts';
import { detailsSchema, namesIn } from './details.ts';
import type { DetailPlaces } from './details.ts';
import { parseObject, spotAt, withString } from './json-text.ts';
import type { KeyPath } from './json-text.ts';
import { decodedParts, partsOf } from './parts.ts';
import type { Content, Found, Places } from './parts.ts';
import type { FormatEntry } from './entry.ts';
import { textOf } from './text.ts';

const path = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .meta({ description: 'A key, or the list of keys that leads to it through nested objects.' });

const schema = z
  .strictObject({
    key: path.optional().meta({ description: 'Where a token goes: a key, or a list of keys.' }),
    clientIdKey: path.optional().meta({ description: 'Where a client id goes.' }),
    clientSecretKey: path.optional().meta({ description: 'Where a client secret goes.' }),
    details: detailsSchema(path, 'key, or list of keys,').optional(),
  })
  .refine(({ key, clientIdKey: id, clientSecretKey: secret }) => isOneWay(key, id, secret), {
    error: 'either key (for a token), or clientIdKey and clientSecretKey (for a client) is needed',
  })
  .refine(
    (options) =>
      !pathsOf(options).some((one, at, all) => all.some((other, to) => at !== to && begins(one, other))),
    {
      error: 'each key has to be different from all others, and none may lie inside another',
    },
  )
  .meta({ description: 'A key in a JSON document whose other keys are left as they are.' });

type Options = z.output<typeof schema>;
type Path = z.output<typeof path>;

export const key: FormatEntry<Options> = {
  kind: 'key',
  schema,
  partOf: (options) =>
    options.key === undefined
      ? `${nameOf(options.clientIdKey)},${nameOf(options.clientSecretKey)}`
      : nameOf(options.key),
  pathsOf,
  create: (options): Format => {
    const places: Places<KeyPath> = {
      token: keysOf(options.key),
      clientId: keysOf(options.clientIdKey),
      clientSecret: keysOf(options.clientSecretKey),
      details: detailPaths(options.details),
    };
    return {
      kind: 'key',
      carries: [options.key === undefined ? 'client' : 'token'],
      details: namesIn(options.details),
      keepsPrevious: true,
      encode: (credential, previous, details = {}) => encode({ credential, details }, previous, places),
      decode: (bytes) => decode(bytes, places),
    };
  },
};

const INSTEAD = { token: 'set key', client: 'set clientIdKey and clientSecretKey' };

function encode(
  content: Content,
  previous: SecretBytes | undefined,
  places: Places<KeyPath>,
): Result<SecretBytes> {
  const parts = partsOf('key', content, places, INSTEAD);
  if (!parts.ok) return parts;
  const read = previous === undefined ? { mark: '', text: '' } : textOf(previous);
  if (read === undefined) return refused('it is not text in UTF-8');
  let text = read.text.trim() === '' ? '{}' : read.text;
  if (parseObject(text) === undefined) return refused('it is not a JSON object');
  for (const part of parts.value) {
    const spot = spotAt(text, part.where);
    if (spot.kind === 'blocked') return refused(spot.why);
    // What says the same in other words, such as with escapes, is left as it is.
    if (spot.kind === 'value' && JSON.parse(text.slice(spot.start, spot.end)) === part.text) continue;
    text = withString(text, spot, part.text);
  }
  return succeeded(new SecretBytes(read.mark + text));
}

function decode(bytes: SecretBytes, places: Places<KeyPath>): Decoded {
  const text = textOf(bytes)?.text;
  if (text === undefined) return { state: 'other' };
  if (text.trim() === '') return { state: 'absent' };
  if (parseObject(text) === undefined) return { state: 'other' };
  return decodedParts(places, (where) => foundAt(text, where));
}

function foundAt(text: string, where: KeyPath): Found {
  const spot = spotAt(text, where);
  if (spot.kind === 'missing') return 'absent';
  if (spot.kind === 'blocked') return 'other';
  const value: unknown = JSON.parse(text.slice(spot.start, spot.end));
  if (value === null) return 'absent';
  return typeof value === 'string' ? { text: value } : 'other';
}

function refused(why: string): Result<never> {
  return failed(
    'target-refused',
    `format key cannot keep the rest of what is there: ${why}; put that right, or empty the target`,
  );
}

function isOneWay(token: Path | undefined, id: Path | undefined, secret: Path | undefined): boolean {
  return token === undefined
    ? id !== undefined && secret !== undefined
    : id === undefined && secret === undefined;
}

interface Keys {
  readonly key?: Path | undefined;
  readonly clientIdKey?: Path | undefined;
  readonly clientSecretKey?: Path | undefined;
  readonly details?: DetailPlaces<Path> | undefined;
}

function pathsOf({ key: token, clientIdKey: id, clientSecretKey: secret, details }: Keys): KeyPath[] {
  return [token, id, secret, ...DETAIL_NAMES.map((name) => details?.[name])].flatMap((keys) => {
    const found = keysOf(keys);
    return found === undefined ? [] : [found];
  });
}

function detailPaths(details: DetailPlaces<Path> | undefined): DetailPlaces<KeyPath> {
  return Object.fromEntries(namesIn(details).map((name) => [name, keysOf(details?.[name])]));
}

function begins(one: KeyPath, other: KeyPath): boolean {
  return one.every((name, depth) => other[depth] === name);
}

function keysOf(keys: Path | undefined): KeyPath | undefined {
  if (keys === undefined || typeof keys === 'string') return keys === undefined ? undefined : [keys];
  const [first, ...rest] = keys;
  return first === undefined ? undefined : [first, ...rest];
}

/** One text for a path: the key itself, or a JSON pointer (RFC 6901) where there are several. */
function nameOf(keys: Path | undefined): string {
  const [first, ...rest] = keysOf(keys) ?? [''];
  if (rest.length === 0 && !first.startsWith('/')) return first;
  return [first, ...rest].map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
