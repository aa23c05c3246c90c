/** Every format: what a target may say of it, and the format itself. To add one, add a line. */
import type { z } from 'zod';
import type { JsonObject } from '../domain/target.ts';
import type { Format } from '../ports/format.ts';
import { dotenv } from './dotenv.ts';
import { json } from './json.ts';
import { key } from './key.ts';
import { raw } from './raw.ts';

export interface FormatEntry<Options = JsonObject> {
  readonly kind: string;
  readonly schema: z.ZodType<Options>;
  /**
   * Which part of the stored value is the credential's: two targets may share a place only where these differ. `undefined`
   * where the whole value is.
   */
  partOf(options: Options): string | undefined;
  create(options: Options): Format;
}

export const FORMATS: readonly FormatEntry<never>[] = [
  raw as FormatEntry<never>,
  json as FormatEntry<never>,
  dotenv as unknown as FormatEntry<never>,
  key as unknown as FormatEntry<never>,
];

export function formatEntry(kind: string): FormatEntry<never> | undefined {
  return FORMATS.find((entry) => entry.kind === kind);
}
