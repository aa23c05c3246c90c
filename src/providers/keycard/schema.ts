/** What the configuration may say of a connection to Keycard. Only words and their limits; it opens nothing. */
import { z } from 'zod';
import { secretReference } from '../../ports/settings.ts';
import { baseUrlSetting, CONNECTION_SETTINGS, refusePlain } from '../http/settings.ts';

const { timeout, tls, insecure, rate, freeze, concurrency } = CONNECTION_SETTINGS;

const ID_LENGTH_MAX = 255;

/** The connection, without `kind`. */
export const keycardSchema = z
  .strictObject({
    baseUrl: baseUrlSetting({
      default: 'https://api.keycard.ai',
      credentials: 'clientId and clientSecret',
      description: 'Where the API is: an https URL. The token endpoint is below it.',
    }),
    clientId: z.union([z.string().min(1).max(ID_LENGTH_MAX), secretReference]).meta({
      description:
        'The client id of the manager credential: of a service account that may manage the service accounts of its ' +
        'organisation. As it is, or { file: PATH } or { env: NAME }, so that it can be replaced together with the secret.',
    }),
    clientSecret: secretReference.meta({ description: 'The client secret of the manager credential.' }),
    organisation: z.string().min(1).max(ID_LENGTH_MAX).optional().meta({
      description:
        'Id or label of the organisation. Left out, it is asked for: a credential belongs to exactly one.',
    }),
    annotate: z
      .boolean()
      .default(false)
      .meta({
        description:
          "After each rotation, keep a line about it in the service account's description, where people see it. What they " +
          'wrote there stays.',
      }),
    timeout,
    tls,
    insecure,
    rate,
    freeze,
    concurrency,
  })
  .superRefine(refusePlain);

export type KeycardConfig = z.output<typeof keycardSchema>;
