/**
 * How a value is written into the text of a template, so that what follows it cannot be taken for a part of it: each encoding
 * knows which characters it never writes.
 */

export interface Encoding {
  encode(text: string): string;
  /** `undefined` for what it cannot have written. */
  decode(written: string): string | undefined;
  /** What it can have written, from where it begins to the first character that cannot be part of it. Sticky. */
  readonly run: RegExp;
  /** For a person: what may follow. */
  readonly endsBefore: string;
}

export const ENCODINGS = {
  json: {
    encode: (text) => JSON.stringify(text).slice(1, -1),
    decode: (written) => {
      try {
        return JSON.parse(`"${written}"`) as string;
      } catch {
        return undefined;
      }
    },
    run: /(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*/uy,
    endsBefore: 'a double quote or a line break',
  },
  url: {
    encode: (text) => encodeURIComponent(text).replaceAll(/[!'()*]/g, percent),
    decode: (written) => {
      try {
        return decodeURIComponent(written);
      } catch {
        return undefined;
      }
    },
    run: /[A-Za-z0-9_.~%-]*/y,
    endsBefore: 'anything but a letter, a digit or one of - _ . ~ %',
  },
  base64: {
    encode: (text) => Buffer.from(text, 'utf8').toString('base64'),
    decode: fromBase64,
    run: /[A-Za-z0-9+/=]*/y,
    endsBefore: 'anything but a letter, a digit or one of + / =',
  },
  xml: {
    encode: (text) => text.replaceAll(/[&<>"']/g, (char) => `&${ENTITIES.get(char) ?? ''};`),
    decode: fromXml,
    run: /[^<>"'\p{Cc}]*/uy,
    endsBefore: 'one of < > " \' or a line break',
  },
} as const satisfies Readonly<Record<string, Encoding>>;

export type EncodingName = keyof typeof ENCODINGS;

/** A token as it is: no white space is ever in one. */
export const PLAIN_TOKEN: Encoding = {
  encode: (text) => text,
  decode: (written) => written,
  run: /[^\s\p{Cc}]*/uy,
  endsBefore: 'white space or a line break',
};

/** Any other value as it is: it has no control characters. */
export const PLAIN: Encoding = { ...PLAIN_TOKEN, run: /[^\p{Cc}]*/uy, endsBefore: 'a line break or a tab' };

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', 'amp'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['"', 'quot'],
  ["'", 'apos'],
]);
const CHARACTERS: ReadonlyMap<string, string> = new Map([...ENTITIES].map(([char, name]) => [name, char]));

function fromXml(written: string): string | undefined {
  if (/&(?!(?:amp|lt|gt|quot|apos);)/.test(written)) return undefined;
  return written.replaceAll(/&(\w+);/g, (_, name: string) => CHARACTERS.get(name) ?? '');
}

function fromBase64(written: string): string | undefined {
  const bytes = Buffer.from(written, 'base64');
  if (bytes.toString('base64') !== written) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}
