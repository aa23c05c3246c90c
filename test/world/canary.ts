/** Looks for credentials where they must not be: as they are, in parts, and in the encodings that text goes through. */
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Parts of a credential shorter than this are in many texts. */
const PART_LENGTH_MIN = 24;

/** Nobody but an issuer of tokens has a text of this shape. */
const ANY_JWT = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/;

/**
 * Every form in which this credential could be found. Of a JWT, also its payload and its signature alone; of another, also each of
 * its halves: a page of a database may end in its middle.
 */
export function formsOf(credential: string): readonly string[] {
  const [, ...parts] = credential.split('.');
  const middle = Math.floor(credential.length / 2);
  const pieces = parts.length === 2 ? parts : [credential.slice(0, middle), credential.slice(middle)];
  const own = [credential, ...pieces.filter((piece) => piece.length >= PART_LENGTH_MIN)];
  return [...new Set(own.flatMap((text) => [text, ...encodings(text)]))];
}

/** In base64 a text looks different at each of three places. What depends on its neighbours is cut off. */
function encodings(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return encoded.slice(before === 0 ? 0 : 4, -4);
  });
  const base64Url = base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_'));
  const percent = encodeURIComponent(text);
  const lowerPercent = percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const form = new URLSearchParams({ '': text }).toString().slice(1);
  const inJson = JSON.stringify(text).slice(1, -1);
  const inJsonTwice = JSON.stringify(inJson).slice(1, -1);
  const hex = bytes.toString('hex');
  return [...base64, ...base64Url, hex, percent, lowerPercent, form, inJson, inJsonTwice];
}

export interface Place {
  readonly name: string;
  readonly content: string;
}

/** What each of these processes has written, the first one first. */
export function outputsOf(...processes: readonly { readonly output: () => string }[]): Place[] {
  return processes.map(({ output }, index) => ({ name: `output ${index}`, content: output() }));
}

/** The names of the places in which any of these credentials is, or any JWT whatever. */
export function leaks(places: readonly Place[], credentials: Iterable<string>): string[] {
  const hasAny = searchFor([...new Set([...credentials].flatMap(formsOf))]);
  return places.filter(({ content }) => ANY_JWT.test(content) || hasAny(content)).map(({ name }) => name);
}

/** The part of a text by which it is looked for first. */
const KEY_LENGTH = 4;
const KEY_SLOTS = 0x10000;

/** Looks for all of these texts in one pass, however many they are: most places have the key of none of them. */
function searchFor(texts: readonly string[]): (content: string) => boolean {
  const mayBeKey = new Uint8Array(KEY_SLOTS);
  const byKey = new Map<number, { readonly text: string; readonly at: number }[]>();
  for (const text of texts) {
    // Many texts begin alike, and few are alike in the middle.
    const at = Math.max(0, Math.floor((text.length - KEY_LENGTH) / 2));
    const key = keyAt(text, at + KEY_LENGTH);
    mayBeKey[slotOf(key)] = 1;
    byKey.set(key, [...(byKey.get(key) ?? []), { text, at }]);
  }
  return (content) => {
    let key = keyAt(content, KEY_LENGTH - 1);
    for (let end = KEY_LENGTH; end <= content.length; end++) {
      key = (key << 8) | (content.charCodeAt(end - 1) & 0xff);
      if (mayBeKey[slotOf(key)] === 0) continue;
      const found = byKey.get(key)?.some(({ text, at }) => content.startsWith(text, end - KEY_LENGTH - at));
      if (found === true) return true;
    }
    return false;
  };
}

/** Of the characters before `end`. */
function keyAt(text: string, end: number): number {
  let key = 0;
  for (let at = Math.max(0, end - KEY_LENGTH); at < end; at++)
    key = (key << 8) | (text.charCodeAt(at) & 0xff);
  return key;
}

function slotOf(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 16;
}

/** Every file in a folder and below, byte by byte, but those in `except` (paths inside the folder, of files or folders). */
export async function filesIn(folder: string, except: readonly string[]): Promise<Place[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const pathOf = (entry: Dirent) => join(entry.parentPath, entry.name);
  const left = entries.filter(
    (entry) => entry.isFile() && !except.some((name) => pathOf(entry).startsWith(join(folder, name))),
  );
  return await Promise.all(
    left.map(async (entry) => ({ name: pathOf(entry), content: await readFile(pathOf(entry), 'latin1') })),
  );
}
