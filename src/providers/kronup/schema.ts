/** What the configuration may say of a connection to Kronup. Only words and their limits; it opens nothing. */
import { z } from 'zod';
import { duration, freezeLimit, secretReference } from '../../ports/settings.ts';

const TIMEOUT_MS_MIN = 1_000;
const TIMEOUT_MS_MAX = 120_000;
const RATE_MAX = 10_000;
const CONCURRENCY_MAX = 512;

const timeout = duration
  .refine((ms) => ms >= TIMEOUT_MS_MIN && ms <= TIMEOUT_MS_MAX, { error: 'a duration from 1s to 2m' })
  .prefault('10s')
  .meta({ description: 'How long one call may take, from connecting to the last byte. 1s to 2m.' });

const baseUrl = z
  .string()
  .refine((text) => baseUrlProblem(text) === undefined, {
    error: (issue) => baseUrlProblem(String(issue.input)) ?? 'a URL',
  })
  .overwrite((text) => text.replace(/\/+$/, ''))
  .default('https://api.kronup.com/v1')
  .meta({ description: 'Where the API is, with its version: an https URL.' });

const tls = z
  .strictObject({
    ca: z.string().min(1).optional().meta({
      description: 'A PEM file with the certificate authorities to trust, and no others. Read at first use.',
    }),
  })
  .meta({ description: 'How the service is recognised.' });

/** The connection, without `kind`. */
export const kronupSchema = z
  .strictObject({
    baseUrl,
    token: secretReference.meta({
      description:
        'The manager credential: the API key of a service account with the role admin. Not the key of an account ' +
        'that is rotated.',
    }),
    organisation: z.string().min(1).optional().meta({
      description: 'The organisation id to send (x-org-id) in place of the one that the token names.',
    }),
    timeout,
    tls: tls.optional(),
    insecure: z.boolean().default(false).meta({
      description: 'Allow plain http to other machines. The credentials then travel in the clear.',
    }),
    rate: z
      .number()
      .positive()
      .max(RATE_MAX)
      .default(20)
      .meta({ description: 'Calls in any second, at most. Mints go first.' }),
    dailyLimit: z.int().min(1).default(10_000).meta({
      description: 'Calls a day that Kronup grants the manager credential.',
    }),
    reserve: z.int().min(0).default(500).meta({
      description: 'Calls of a day kept for recovery: with no more than these left, nothing is minted.',
    }),
    freeze: freezeLimit,
    concurrency: z
      .int()
      .min(1)
      .max(CONCURRENCY_MAX)
      .default(32)
      .meta({ description: 'Calls under way at once, at most.' }),
  })
  .superRefine((config, context) => {
    if (isPlainToOthers(config.baseUrl) && !config.insecure) {
      context.addIssue({
        code: 'custom',
        path: ['baseUrl'],
        message: 'https, or http on this machine (localhost), or http with insecure: true',
      });
    }
    if (config.reserve >= config.dailyLimit) {
      context.addIssue({ code: 'custom', path: ['reserve'], message: 'less than dailyLimit' });
    }
  });

export type KronupConfig = z.output<typeof kronupSchema>;

/** Scheme, host and port: part of every account's identity. */
export function originOf(config: KronupConfig): string {
  return new URL(config.baseUrl).origin;
}

function baseUrlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'a URL such as https://api.kronup.com/v1';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'a URL that begins with https://';
  if (url.username !== '' || url.password !== '') return 'a URL without user name and password; see token';
  if (url.search !== '' || url.hash !== '') return 'a URL without ? and #';
  return undefined;
}

function isPlainToOthers(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && !isLoopback(url.hostname);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}
