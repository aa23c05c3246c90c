/**
 * What a place of a Secret holds as bytes: the bytes of one key, or all keys that are text as one JSON document, which formats
 * take apart. And back: which keys a value that is to be written is.
 */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { SecretBytes } from '../../domain/secret.ts';
import type { SecretAddress } from './address.ts';

/** Keys with their values in base64, as the API has them. */
export type SecretData = Readonly<Record<string, string>>;

/** The API server refuses a Secret with more, in bytes of all its values. */
export const DATA_BYTES_MAX = 1_048_576;

/** `undefined` where nothing is: no such key, or no key at all. */
export function contentOf(data: SecretData, { key }: SecretAddress): SecretBytes | undefined {
  if (key !== undefined) {
    const value = Object.hasOwn(data, key) ? data[key] : undefined;
    return value === undefined ? undefined : new SecretBytes(Buffer.from(value, 'base64'));
  }
  const texts = textsOf(data);
  return texts.length === 0 ? undefined : new SecretBytes(JSON.stringify(Object.fromEntries(texts)));
}

/** The keys that hold text, with it: those that a document has. */
export function textsOf(data: SecretData): (readonly [key: string, text: string])[] {
  return Object.keys(data)
    .toSorted()
    .flatMap((name) => {
      const text = new SecretBytes(Buffer.from(data[name] ?? '', 'base64')).revealText();
      return text === undefined ? [] : [[name, text] as const];
    });
}

/** The keys that a value at the address is. Fails where the value is no object of texts, and the address names no key. */
export function dataOf(bytes: SecretBytes, { key }: SecretAddress): Result<SecretData> {
  if (key !== undefined) return succeeded({ [key]: Buffer.from(bytes.reveal()).toString('base64') });
  const object = objectIn(bytes.revealText() ?? '');
  if (object === undefined) return refused('it is no JSON object');
  const entries = Object.entries(object);
  const odd = entries.find(([, value]) => typeof value !== 'string');
  if (odd !== undefined) return refused(`the key ${odd[0]} holds something else than a text`);
  return succeeded(
    Object.fromEntries(entries.map(([name, value]) => [name, Buffer.from(String(value)).toString('base64')])),
  );
}

/** How many bytes all values have together. */
export function sizeOf(data: SecretData): number {
  return Object.values(data).reduce((size, value) => size + Buffer.byteLength(value, 'base64'), 0);
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function refused(why: string): Result<never> {
  return failed(
    'target-refused',
    `the keys of a Secret take one text each, and what is to be written is not such a document: ${why}; use format key or json ` +
      'with plain keys, or add a key to the address',
  );
}
