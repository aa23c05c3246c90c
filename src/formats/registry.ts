/** Every format: what a target may say of it, and the format itself. To add one, add a line. */
import type { FormatEntry } from './entry.ts';
import { dotenv } from './dotenv.ts';
import { json } from './json.ts';
import { key } from './key.ts';
import { raw } from './raw.ts';
import { template } from './template.ts';

export type { FormatEntry } from './entry.ts';

export const FORMATS: readonly FormatEntry<never>[] = [
  raw as FormatEntry<never>,
  json as FormatEntry<never>,
  dotenv as unknown as FormatEntry<never>,
  key as unknown as FormatEntry<never>,
  template as FormatEntry<never>,
];

export function formatEntry(kind: string): FormatEntry<never> | undefined {
  return FORMATS.find((entry) => entry.kind === kind);
}
