/** What the configuration may say of the API on TCP. Words only. */
import { z } from 'zod';
import { API_ROLES, TOKEN_HASH } from '../ports/api-access.ts';
import { secretReference } from '../ports/settings.ts';
import { connectionName } from './names.ts';

const HASH_WORDS = 'sha256: and 64 hex digits, as rekeyd token prints them; or { file: … } or { env: … }';

const token = z.strictObject({
  hash: z.union([z.string(HASH_WORDS).regex(TOKEN_HASH, HASH_WORDS), secretReference]).meta({
    description:
      'The SHA-256 of the token, as rekeyd token prints it, or where that is found. Never the token.',
  }),
  role: z.enum(API_ROLES).meta({ description: 'viewer reads, operator also acts.' }),
});

export const apiSchema = z.strictObject({
  address: z.string().default('127.0.0.1:8081').meta({ description: 'Host and port, such as 0.0.0.0:8443.' }),
  tokens: z
    .record(connectionName, token)
    .default({})
    .meta({ description: 'Who may use it, by name. With none, nothing listens.' }),
  tls: z
    .strictObject({
      certificate: z.string().min(1).meta({
        description:
          'A PEM file with the certificate and those between it and its authority. Read again when it changes.',
      }),
      key: z
        .string()
        .min(1)
        .meta({ description: 'A PEM file with its private key. Read again when it changes.' }),
    })
    .optional()
    .meta({ description: 'Absent: plain http.' }),
  insecure: z.boolean().default(false).meta({
    description: 'Allow plain http from other machines. Tokens then travel in the clear.',
  }),
});

export type ApiWords = z.output<typeof apiSchema>;
