/** What the main file may say, apart from accounts and from what each kind of provider and store adds. Words only. */
import { z } from 'zod';
import { duration } from '../ports/settings.ts';
import { accountSchema, accountsFromSchema, defaultsSchema } from './account-schema.ts';
import { apiSchema } from './api-schema.ts';
import { connectionName } from './names.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const CONCURRENCY_MAX = 4_096;
const FAILURES_MAX = 1_000;
const GAUGED_ACCOUNTS_MAX = 100_000;
const INSTALLATION_LENGTH_MAX = 63;

const between = (min: number, max: number, words: string) =>
  duration.refine((ms) => ms >= min && ms <= max, `a duration ${words}`);

const connection = z.looseObject({ kind: z.string() });

const journal = z.strictObject({
  path: z.string().min(1).default('/var/lib/rekeyd/journal.db').meta({
    description: 'The SQLite file. Its folder must be on a local file system and writable.',
  }),
  retention: between(DAY_MS, 3_660 * DAY_MS, 'from 1d to 3660d')
    .prefault('90d')
    .meta({ description: 'How long the history of rotations and facts is kept.' }),
});

/** Whoever may write to the socket may rotate every account. */
const SOCKET_MODE =
  "a mode of three octal digits in quotes, such as '0600' or '0660', that gives everybody else no right to write";

const socket = z.strictObject({
  path: z.string().min(1).optional().meta({
    description: 'The unix socket that commands reach the daemon by. Absent: rekeyd.sock beside the journal.',
  }),
  mode: z
    .string("a mode of three octal digits in quotes, such as '0600'")
    .regex(/^0?[0-7]{2}[0145]$/, SOCKET_MODE)
    .default('0600')
    .meta({ description: 'Its permissions. Whoever may write to it may rotate every account.' }),
});

const concurrency = z.strictObject({
  total: z.int().min(1).max(CONCURRENCY_MAX).default(64).meta({ description: 'Accounts worked on at once.' }),
  perProvider: z.int().min(1).max(CONCURRENCY_MAX).default(16).meta({
    description: 'Of these, accounts of one provider.',
  }),
});

export const mainSchema = z.strictObject({
  installation: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and "-"')
    .max(INSTALLATION_LENGTH_MAX)
    .default('rekeyd')
    .meta({ description: 'The name of this rekeyd. It marks what it makes elsewhere.' }),
  journal: journal.prefault({}).meta({ description: 'The durable memory.' }),
  providers: z
    .record(connectionName, connection)
    .refine((map) => Object.keys(map).length > 0, 'one provider or more is needed')
    .meta({ description: 'Connections to the APIs that mint, by name.' }),
  stores: z
    .record(connectionName, connection)
    .refine((map) => Object.keys(map).length > 0, 'one store or more is needed')
    .meta({ description: 'Connections to the systems that keep secrets, by name.' }),
  consumers: z.record(connectionName, connection).optional().meta({
    description: 'Connections through which those who read a target are made to read its new value, by name.',
  }),
  defaults: defaultsSchema.optional(),
  accounts: z.array(accountSchema).optional().meta({ description: 'The service accounts.' }),
  accountsFrom: z
    .union([accountsFromSchema, z.array(accountsFromSchema)])
    .optional()
    .meta({ description: 'Accounts that are taken by their names at a provider, in one or several ways.' }),
  include: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .optional()
    .meta({
      description:
        'More files with accounts: *.yaml (only the key accounts) and *.jsonl (one account a line). Wildcards *, ** ' +
        'and ?; relative to this file.',
    }),
  probes: z
    .strictObject({
      address: z.string().default('0.0.0.0:8080').meta({ description: 'Host and port, such as [::]:8080.' }),
    })
    .prefault({})
    .meta({ description: 'Where probes and metrics are served.' }),
  socket: socket.prefault({}).meta({ description: 'How commands reach the daemon.' }),
  api: apiSchema.optional().meta({
    description: 'The API for other machines, by token. Absent, or without a token: nothing listens.',
  }),
  metrics: z
    .strictObject({
      maxAccounts: z.int().min(0).max(GAUGED_ACCOUNTS_MAX).default(1_000).meta({
        description: 'With more accounts than this, only those that need attention have gauges of their own.',
      }),
    })
    .prefault({})
    .meta({ description: 'Bounds of the metrics.' }),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .meta({ description: 'The least that is logged.' }),
    })
    .prefault({})
    .meta({ description: 'The log.' }),
  concurrency: concurrency.prefault({}).meta({ description: 'How much is done at once.' }),
  shutdownGrace: between(1_000, 60 * MINUTE_MS, 'from 1s to 1h')
    .prefault('50s')
    .meta({
      description:
        'How long a stop waits for what is under way. At least mint time limit + 2 × store time limit + 5s.',
    }),
  parkAfter: z.int().min(1).max(FAILURES_MAX).default(5).meta({
    description: 'After so many failures of its own in a row, an account is parked.',
  }),
  lease: between(10_000, 60 * MINUTE_MS, 'from 10s to 1h')
    .prefault('60s')
    .meta({
      description: 'How long an account stays with a daemon that no longer answers.',
    }),
});

export type MainSettings = z.output<typeof mainSchema>;
