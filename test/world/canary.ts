/** Looks for credentials where they must not be: as they are, in parts, and in the encodings that text goes through. */
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Parts of a token shorter than this are in many texts. */
const PART_LENGTH_MIN = 24;

/** Every form in which this credential could be found; of a JWT, also its payload and its signature alone. */
export function formsOf(credential: string): readonly string[] {
  const [, ...parts] = credential.split('.');
  const own = [credential, ...parts.filter((part) => part.length >= PART_LENGTH_MIN)];
  return own.flatMap((text) => [text, ...encodings(text)]);
}

/** In base64 a text looks different at each of three places. What depends on its neighbours is cut off. */
function encodings(text: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.from('x'.repeat(before) + text).toString('base64');
    return encoded.slice(before === 0 ? 0 : 4, -4);
  });
  const url = base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = Buffer.from(text).toString('hex');
  return [...base64, ...url, hex, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)];
}

export interface Place {
  readonly name: string;
  readonly content: string;
}

/** The names of the places in which any of these credentials is. */
export function leaks(places: readonly Place[], credentials: Iterable<string>): string[] {
  const forms = [...new Set([...credentials].flatMap(formsOf))];
  return places.filter(({ content }) => forms.some((form) => content.includes(form))).map(({ name }) => name);
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
