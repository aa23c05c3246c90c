/** What the configuration may say of a store in AWS Secrets Manager. The AWS SDK is loaded when one is opened. */
import { z } from 'zod';
import { duration } from '../../ports/settings.ts';
import type { StoreEntry } from '../entry.ts';
import { locationOf, placeOf, problemOf } from './address.ts';
import type { Whereabouts } from './address.ts';

/** AWS throttles writes at some tens a second a region, for all callers together. */
const RATE_DEFAULT = 20;
const RATE_MAX = 1_000;

/** More than a write every 16 minutes, sustained, fills what may be used of the quota of versions: a margin for retries and probes. */
const WRITES_APART_MS = 20 * 60_000;

const tags = z
  .record(z.string().min(1).max(128), z.string().max(256))
  .refine((record) => Object.keys(record).length <= 50, 'at most 50 tags');

const url = z.url({
  protocol: /^https?$/,
  error: 'an address such as https://host or http://localhost:5000',
});

const assumeRole = z.strictObject({
  arn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
      'the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME',
    )
    .meta({ description: 'The role to assume with the credentials that the environment gives.' }),
  externalId: z
    .string()
    .min(2)
    .max(1_224)
    .optional()
    .meta({ description: 'What the role’s trust policy asks for as sts:ExternalId. It is no secret.' }),
  sessionName: z
    .string()
    .regex(/^[\w+=,.@-]{2,64}$/, '2 to 64 letters, digits or _+=,.@-')
    .optional()
    .meta({ description: 'How the session is called in AWS’s logs. Absent: rekeyd and the installation.' }),
  tags: tags
    .optional()
    .meta({ description: 'Tags of the session. The trust policy must allow sts:TagSession.' }),
});

/** The connection. */
const schema = z
  .strictObject({
    region: z
      .string()
      .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'a region such as eu-central-1')
      .optional()
      .meta({ description: 'Absent: AWS_REGION, or what the profile says.' }),
    endpoint: url.optional().meta({ description: 'Another address of the service, such as a VPC endpoint.' }),
    stsEndpoint: url.optional().meta({
      description: 'Another address of the token service. Absent: endpoint, where that is set.',
    }),
    ca: z.string().min(1).optional().meta({
      description: 'A file of PEM certificates that are trusted beside the usual authorities.',
    }),
    timeout: duration.default(10_000).meta({
      description: 'The longest that one read, write or preflight may take, all its calls together.',
    }),
    rate: z.int().min(1).max(RATE_MAX).default(RATE_DEFAULT).meta({
      description: 'Calls a second that change something. AWS’s own limit is shared by the whole region.',
    }),
    assumeRole: assumeRole.optional(),
  })
  .meta({ description: 'Secrets in AWS Secrets Manager.' });

const targetSchema = z
  .strictObject({
    create: z.boolean().optional().meta({ description: 'Make the secret if it is missing. Default: false.' }),
    kmsKeyId: z.string().min(1).max(2_048).optional().meta({
      description: 'The KMS key of a secret that is made here: id, ARN or alias. Absent: aws/secretsmanager.',
    }),
    description: z
      .string()
      .max(2_048)
      .optional()
      .meta({ description: 'The description of a secret that is made here.' }),
    tags: tags.optional().meta({ description: 'The tags of a secret that is made here.' }),
    binary: z.boolean().optional().meta({
      description: 'Consumers read SecretBinary. Default: false, which writes SecretString.',
    }),
  })
  .meta({ description: 'How the secret is made if it is missing, and how its value is kept.' });

export type AwsConfig = z.output<typeof schema>;
export type AwsOptions = z.output<typeof targetSchema>;

export const awsSecretsManager: StoreEntry<AwsConfig> = {
  kind: 'aws-secrets-manager',
  schema,
  // What zod leaves out is absent in JSON as well: an optional word is never there as `undefined`.
  targetSchema: targetSchema as unknown as StoreEntry['targetSchema'],
  writesApartMs: WRITES_APART_MS,
  locate: (config, address) => locationOf(address, whereaboutsOf(config)),
  leadsTo: (config) => placeOf(whereaboutsOf(config)),
  addressProblem: ({ region }, address) => problemOf(address, region),
  load: async () => await import('./store.ts'),
};

function whereaboutsOf({ region, endpoint, assumeRole: role }: AwsConfig): Whereabouts {
  return { region, endpoint, account: role?.arn.split(':')[4] };
}
