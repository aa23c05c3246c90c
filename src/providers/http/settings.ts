/** Words that the configurations of all providers share that are reached by HTTP, as zod schemas. They open nothing. */
import { z } from 'zod';
import { isPlainToOthers } from '../../domain/loopback.ts';
import { duration, freezeLimit } from '../../ports/settings.ts';

const TIMEOUT_MS_MIN = 1_000;
const TIMEOUT_MS_MAX = 120_000;
const RATE_MAX = 10_000;
const CONCURRENCY_MAX = 512;

/** The base URL with a default; `credentials` names the words that take what a URL may not carry. */
export function baseUrlSetting(options: {
  readonly default: string;
  readonly credentials: string;
  readonly description: string;
}): z.ZodDefault<z.ZodString> {
  const problemIn = (text: string) => baseUrlProblem(text, options.default, options.credentials);
  return z
    .string()
    .refine((text) => problemIn(text) === undefined, {
      error: (issue) => problemIn(String(issue.input)) ?? 'a URL',
    })
    .overwrite((text) => text.replace(/\/+$/, ''))
    .default(options.default)
    .meta({ description: options.description });
}

/** What every connection by HTTP has beside its base URL and its credential. */
export const CONNECTION_SETTINGS = {
  timeout: duration
    .refine((ms) => ms >= TIMEOUT_MS_MIN && ms <= TIMEOUT_MS_MAX, { error: 'a duration from 1s to 2m' })
    .prefault('10s')
    .meta({ description: 'How long one call may take, from connecting to the last byte. 1s to 2m.' }),
  tls: z
    .strictObject({
      ca: z.string().min(1).optional().meta({
        description:
          'A PEM file with the certificate authorities to trust, and no others. Read at first use.',
      }),
    })
    .meta({ description: 'How the service is recognised.' })
    .optional(),
  insecure: z.boolean().default(false).meta({
    description: 'Allow plain http to other machines. The credentials then travel in the clear.',
  }),
  rate: z
    .number()
    .positive()
    .max(RATE_MAX)
    .default(20)
    .meta({ description: 'Calls in any second, at most. Mints go first.' }),
  freeze: freezeLimit,
  concurrency: z
    .int()
    .min(1)
    .max(CONCURRENCY_MAX)
    .default(32)
    .meta({ description: 'Calls under way at once, at most.' }),
} as const;

interface PlainConfig {
  readonly baseUrl: string;
  readonly insecure: boolean;
}

/** Refuses that credentials travel in the clear, unless that is asked for. */
export function refusePlain(config: PlainConfig, context: z.core.$RefinementCtx<PlainConfig>): void {
  if (!isPlainToOthers(config.baseUrl) || config.insecure) return;
  context.addIssue({
    code: 'custom',
    path: ['baseUrl'],
    message: 'https, or http on this machine (localhost), or http with insecure: true',
  });
}

/** Scheme, host and port: part of every account's identity. */
export function originOf(config: { readonly baseUrl: string }): string {
  return new URL(config.baseUrl).origin;
}

function baseUrlProblem(text: string, example: string, credentials: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return `a URL such as ${example}`;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'a URL that begins with https://';
  if (url.username !== '' || url.password !== '') {
    return `a URL without user name and password; see ${credentials}`;
  }
  if (url.search !== '' || url.hash !== '') return 'a URL without ? and #';
  return undefined;
}
