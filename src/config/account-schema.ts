/** What a configuration may say of an account, of the defaults for all accounts, and of a target. Words only. */
import { z } from 'zod';
import { duration } from '../ports/settings.ts';
import { accountName, connectionName, labels } from './names.ts';

const PRIORITY_MAX = 1_000;
const ID_LENGTH_MAX = 255;
const VERIFY_MIN_MS = 60_000;
const FOUND_MAX = 100_000;
const FIND_EVERY_MS_MIN = 60_000;
const FIND_EVERY_MS_MAX = 24 * 3_600_000;

const cron = z.string('a cron pattern such as 0 3 * * 1');
const zone = z.string('an IANA time zone such as Europe/Berlin');
const text = z.string().min(1).max(ID_LENGTH_MAX);

const positive = duration.refine((ms) => ms > 0, 'a duration of more than 0s');

const window = z
  .strictObject({
    opens: cron.meta({ description: 'When it opens: a cron pattern.' }),
    duration: positive.meta({ description: 'How long it stays open.' }),
    timeZone: zone.optional().meta({ description: 'Of the pattern. Absent: the account’s.' }),
  })
  .meta({ description: 'A span of time that comes again and again.' });

export type WindowSettings = z.output<typeof window>;

/** Absent and without a default of its own: the value is not there. `null` takes away what the defaults say. */
const fields = {
  labels: labels.optional(),
  provider: connectionName.optional().meta({ description: 'Name of one of the providers.' }),
  organisation: z.string().max(ID_LENGTH_MAX).optional().meta({
    default: '',
    description: 'The organisation at the provider. Empty: the one that the manager credential belongs to.',
  }),
  strategy: z
    .enum(['in-place', 'overlap', 'pair'])
    .optional()
    .meta({ description: 'How it rotates. Absent: as the provider’s kind prefers.' }),
  schedule: cron
    .nullable()
    .optional()
    .meta({ description: 'When to rotate: a cron pattern of five fields, or six with seconds first.' }),
  timeZone: zone
    .optional()
    .meta({ default: 'UTC', description: 'Of the schedule, and of windows without one.' }),
  jitter: duration
    .optional()
    .meta({ default: '0s', description: 'Each slot is delayed by a random time up to this.' }),
  missed: z.enum(['run', 'skip']).optional().meta({
    default: 'run',
    description:
      'What becomes of slots that passed while rekeyd was down or the account was paused: once, or never.',
  }),
  windows: z
    .strictObject({
      allow: z.array(window).optional().meta({ description: 'Rotations happen inside these only.' }),
      deny: z.array(window).optional().meta({ description: 'Rotations never happen inside these.' }),
    })
    .optional()
    .meta({ description: 'When rotations that nobody asked for may happen. None listed: always.' }),
  maxAge: positive
    .nullable()
    .optional()
    .meta({ description: 'A credential that is older is rotated, whatever the schedule.' }),
  maxAgeOverridesDeny: z
    .boolean()
    .optional()
    .meta({ default: false, description: 'Whether maxAge rotates inside deny windows as well.' }),
  rotateBeforeExpiry: duration.nullable().optional().meta({
    description:
      'How long before a credential expires it is rotated. Absent, or longer than that: a third of its lifetime.',
  }),
  minInterval: positive.optional().meta({
    default: '10m',
    description: 'The shortest time between two mints that nobody asked for.',
  }),
  grace: duration.optional().meta({
    default: '1h',
    description:
      'Strategy overlap: how long the old credential goes on working once every target holds the new one; and for how long it must ' +
      'not have been used before it is retired. At least as long as tokens live that are made with it.',
  }),
  retireHardLimit: positive.optional().meta({
    default: '7d',
    description:
      'Strategy overlap: the old credential is retired this long after that, though it is still used.',
  }),
  rotateOnAdopt: z.boolean().optional().meta({
    default: false,
    description: 'Whether an account that is seen for the first time is rotated at once.',
  }),
  reopenClosed: z.boolean().optional().meta({
    default: false,
    description: 'Whether an account that is closed at the provider may be re-opened by a rotation.',
  }),
  priority: z
    .int()
    .min(-PRIORITY_MAX)
    .max(PRIORITY_MAX)
    .optional()
    .meta({ default: 0, description: 'Higher goes first among accounts that are due together.' }),
  paused: z.boolean().optional().meta({ default: false, description: 'Whether nothing happens unasked.' }),
  onDrift: z.enum(['deliver', 'report']).optional().meta({
    default: 'deliver',
    description: 'What becomes of a target that somebody changed: put right, or only reported.',
  }),
  verify: z
    .union([z.literal('off'), duration.refine((ms) => ms >= VERIFY_MIN_MS, 'a duration of 1m or more')])
    .optional()
    .meta({
      default: '6h',
      description:
        'How often live and targets are compared although nothing is due, counted from the last look; or off.',
    }),
  onRefused: z.enum(['park', 'rotate']).optional().meta({
    default: 'park',
    description:
      'What follows when the provider refuses the live credential for certain: a person is called, or it is rotated.',
  }),
} as const;

export const defaultsSchema = z.strictObject(fields).meta({
  description: 'What accounts have that do not say otherwise. Labels are added to an account’s own.',
});

const consumers = z
  .strictObject({
    restart: z
      .array(z.string())
      .optional()
      .meta({
        description:
          'Workloads whose pods are replaced, as kubectl rollout restart does it: Deployment, StatefulSet, DaemonSet or Rollout, ' +
          'then NAMESPACE/NAME. Once for accounts that rotate together.',
      }),
    forceSync: z.array(z.string()).optional().meta({
      description: 'ExternalSecret NAMESPACE/NAME: synchronised at once, and before anything is restarted.',
    }),
    webhook: z
      .array(connectionName)
      .optional()
      .meta({ description: 'Names of webhooks under consumers that are called.' }),
    cluster: connectionName.optional().meta({
      description: 'Which connection under consumers restarts and synchronises. Absent: the only one.',
    }),
    timeLimit: positive.optional().meta({
      default: '10m',
      description: 'How long they may take; after that they count as unhealthy, and are still waited for.',
    }),
    onUnhealthy: z.enum(['report', 'hold']).optional().meta({
      default: 'report',
      description:
        'What follows while one of them is unhealthy: it is reported, or the accounts that name it are not rotated unasked.',
    }),
  })
  .meta({ description: 'Who reads it and is made to read each new value.' });

export const targetFields = {
  store: connectionName.meta({ description: 'Name of one of the stores.' }),
  address: z.string().meta({ description: 'Where in the store: a path, or the name of a secret.' }),
  format: z
    .union([z.string(), z.looseObject({ kind: z.string() })])
    .optional()
    .meta({
      default: 'raw',
      description:
        'How the credential is written down: the kind of format, or a mapping of kind and its options.',
    }),
  required: z.boolean().optional().meta({
    default: true,
    description: 'Whether a rotation waits for it: nothing is minted while it cannot be written.',
  }),
  overwrite: z.boolean().optional().meta({
    default: false,
    description: 'Whether a foreign value that is found there may be written over.',
  }),
  consumerLag: duration
    .optional()
    .meta({ description: 'How long consumers take to pick a new value up. Shown by check and plan.' }),
  consumers: consumers.optional(),
} as const;

/** With what the store's kind adds, which is checked by the kind's own schema. */
export const targetSchema = z.looseObject(targetFields);

export const accountSchema = z
  .strictObject({
    name: accountName,
    accountId: text.optional().meta({ description: 'The account’s id at the provider.' }),
    accountIds: z
      .array(text)
      .min(1)
      .optional()
      .meta({ description: 'The account’s ids at the provider, in place of accountId: two for a pair.' }),
    ...fields,
    targets: z.array(targetSchema).min(1).meta({ description: 'Where its credential goes.' }),
  })
  .meta({ description: 'One service account.' });

const { provider: _, ...templateFields } = fields;

const patterns = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** Accounts that are taken by their names at the provider. Whether the template makes good accounts is seen when it is tried. */
export const accountsFromSchema = z
  .strictObject({
    provider: connectionName.meta({ description: 'Name of the provider whose accounts are taken.' }),
    match: patterns.meta({
      description: 'Names to take, one pattern or several: * stands for any text, ? for one character.',
    }),
    except: patterns.optional().meta({ description: 'Names not to take, although they match.' }),
    limit: z.int().min(1).max(FOUND_MAX).default(1_000).meta({
      description: 'With more matching accounts than this, no more are taken until a person has looked.',
    }),
    every: duration
      .refine((ms) => ms >= FIND_EVERY_MS_MIN && ms <= FIND_EVERY_MS_MAX, 'a duration from 1m to 1d')
      .prefault('15m')
      .meta({ description: 'How often the provider is asked for its list.' }),
    template: z
      .strictObject({
        name: z
          .string()
          .min(1)
          .optional()
          .meta({ default: '<name>', description: 'What the account is called here.' }),
        ...templateFields,
        targets: z.array(targetSchema).min(1).meta({ description: 'Where its credential goes.' }),
      })
      .meta({
        description:
          'What each of them has, as an account has it. In every text <name> stands for its name and <id> for its id.',
      }),
  })
  .meta({ description: 'Service accounts that are taken by their names at the provider.' });

export type AccountDefaults = z.output<typeof defaultsSchema>;
export type AccountSettings = z.output<typeof accountSchema>;
export type TargetSettings = z.output<typeof targetSchema>;

/** A file that is included: accounts only. */
export const includedSchema = z.strictObject({
  accounts: z.array(accountSchema).meta({ description: 'The service accounts.' }),
});
