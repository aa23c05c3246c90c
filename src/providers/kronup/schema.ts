/** What the configuration may say of a connection to Kronup. Only words and their limits; it opens nothing. */
import { z } from 'zod';
import { secretReference } from '../../ports/settings.ts';
import { baseUrlSetting, CONNECTION_SETTINGS, refusePlain } from '../http/settings.ts';

const { timeout, tls, insecure, rate, freeze, concurrency } = CONNECTION_SETTINGS;

/** The connection, without `kind`. */
export const kronupSchema = z
  .strictObject({
    baseUrl: baseUrlSetting({
      default: 'https://api.kronup.com/v1',
      credentials: 'token',
      description: 'Where the API is, with its version: an https URL.',
    }),
    token: secretReference.meta({
      description:
        'The manager credential: the API key of a service account with the role admin. Not the key of an account ' +
        'that is rotated.',
    }),
    organisation: z.string().min(1).optional().meta({
      description: 'The organisation id to send (x-org-id) in place of the one that the token names.',
    }),
    timeout,
    tls,
    insecure,
    rate,
    dailyLimit: z.int().min(1).default(10_000).meta({
      description: 'Calls a day that Kronup grants the manager credential.',
    }),
    reserve: z.int().min(0).default(500).meta({
      description: 'Calls of a day kept for recovery: with no more than these left, nothing is minted.',
    }),
    freeze,
    concurrency,
  })
  .superRefine((config, context) => {
    refusePlain(config, context);
    if (config.reserve >= config.dailyLimit) {
      context.addIssue({ code: 'custom', path: ['reserve'], message: 'less than dailyLimit' });
    }
  });

export type KronupConfig = z.output<typeof kronupSchema>;

export { originOf } from '../http/settings.ts';
