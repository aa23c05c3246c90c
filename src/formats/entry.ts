/** What the registry knows of a kind of format: what its configuration looks like, and how to load it. */
import type { z } from 'zod';
import type { JsonObject } from '../domain/target.ts';
import type { Format } from '../ports/format.ts';

export interface FormatEntry<Options = JsonObject> {
  readonly kind: string;
  readonly schema: z.ZodType<Options>;
  /** What people call the part of the stored value that is the credential's. `undefined` where the whole value is. */
  partOf(options: Options): string | undefined;
  /**
   * The paths of keys that it writes inside the stored value: two targets may share a value only where none of these is, or
   * begins, one of the other's. `undefined` where it writes the whole value.
   */
  pathsOf(options: Options): readonly (readonly string[])[] | undefined;
  create(options: Options): Format;
}
