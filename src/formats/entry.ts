/** What the registry knows of a kind of format: what its configuration looks like, and how to load it. */
import type { z } from 'zod';
import type { JsonObject } from '../domain/target.ts';
import type { Format } from '../ports/format.ts';

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
