/** Words that the configurations of all providers and stores share, as zod schemas. */
import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';
import type { Result } from '../domain/failure.ts';
import { FREEZE_LIMIT } from '../domain/limits.ts';
import type { Secret } from '../domain/secret.ts';

const DURATION = /^(\d+(ms|[smhdw]))+$/;
const DURATION_WORDS = 'a duration such as 90s, 10m, 36h or 1d12h';

/** A hundred years, in ms: what lies further ahead is no instant that could be told, from some length on. */
const DURATION_MS_MAX = 36_500 * 86_400_000;

/** A duration in words; becomes ms. One that is too long is refused, and never taken for a shorter one. */
export const duration = z
  .string(DURATION_WORDS)
  .regex(DURATION, DURATION_WORDS)
  .refine(
    (text) => !DURATION.test(text) || (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= DURATION_MS_MAX,
    'a duration of 36500d (a hundred years) or less',
  )
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

const COUNTED_MINTS_MAX = 1_000;
const counted = z.int().min(1).max(COUNTED_MINTS_MAX);

/** After how many failed mints a provider is frozen; the same words for every kind of provider. */
export const freezeLimit = z
  .strictObject({
    failures: counted.default(FREEZE_LIMIT.failures).meta({
      description: 'With so many failed ones among them the provider is frozen.',
    }),
    of: counted.default(FREEZE_LIMIT.of).meta({ description: 'How many of the last mints are looked at.' }),
  })
  .refine(({ failures, of }) => failures <= of, { path: ['failures'], error: 'not more than of' })
  .prefault({})
  .meta({
    description:
      'When the provider is frozen, so that no more accounts are hurt: nothing is minted there that nobody asks for until ' +
      'rekeyd unfreeze. A mint failed that ended refused or unknown. Those that somebody asked for, that were never sent, or ' +
      'that met a limit are not looked at.',
  });

/** A referenced secret. Reads again when its file has changed. */
export interface SecretSource {
  /** For messages: `file /run/secrets/token`, `environment variable TOKEN`. */
  readonly description: string;
  /** The value without a trailing line break; fails with `credential-refused` where it is missing or empty. */
  read(): Promise<Result<Secret>>;
}
