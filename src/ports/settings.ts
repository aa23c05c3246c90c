/** Words that the configurations of all providers and stores share, as zod schemas. */
import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';
import type { Result } from '../domain/failure.ts';
import type { Secret } from '../domain/secret.ts';

const DURATION_WORDS = 'a duration such as 90s, 10m, 36h or 1d12h';

/** A duration in words; becomes ms. */
export const duration = z
  .string(DURATION_WORDS)
  .regex(/^(\d+(ms|[smhdw]))+$/, DURATION_WORDS)
  .transform((text) => parseDuration(text) ?? 0)
  .meta({
    description: 'A duration: a number and a unit (ms, s, m, h, d, w), or several, such as 10m or 1d12h.',
  });

/** Where a secret is found. It is never written into the configuration itself. */
export const secretReference = z
  .union([
    z.strictObject({
      file: z.string().min(1).meta({ description: 'A file that holds it; read again when it changes.' }),
    }),
    z.strictObject({
      env: z.string().min(1).meta({ description: 'The environment variable that holds it.' }),
    }),
  ])
  .meta({ description: 'Where the secret is found: { file: PATH } or { env: NAME }.' });

export type SecretReference = z.output<typeof secretReference>;

/** A referenced secret. Reads again when its file has changed. */
export interface SecretSource {
  /** For messages: `file /run/secrets/token`, `environment variable TOKEN`. */
  readonly description: string;
  /** The value without a trailing line break; fails with `credential-refused` where it is missing or empty. */
  read(): Promise<Result<Secret>>;
}
