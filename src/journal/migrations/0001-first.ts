/** The first tables of the journal. */
import { sql, type Compilable } from 'kysely';
import type { MigrationContext } from './index.ts';
import {
  LONG,
  LONG_OR_NULL,
  narrow,
  NUMBER,
  NUMBER_KEY,
  NUMBER_OR_NULL,
  numbered,
  table,
  TEXT,
  TEXT_KEY,
  TEXT_OR_NULL,
  type Column,
} from './table.ts';

/** Creates everything. Flags are integers and documents are text, so that both dialects say the same. */
export function first(context: MigrationContext): readonly Compilable[] {
  return [...configured(context), ...holds(context), ...asked(context), ...history(context)];
}

const ACCOUNT: Column = { type: 'integer', is: (column) => column.notNull().references('account.id') };

function configured(context: MigrationContext): readonly Compilable[] {
  const { schema } = context;
  const account = table(context, 'account', {
    id: NUMBER_KEY,
    name: TEXT,
    provider: TEXT,
    priority: NUMBER,
    policy: TEXT,
    policy_hash: TEXT,
    labels: TEXT,
    policy_version: NUMBER,
    policy_claimed: NUMBER,
    policy_decided: NUMBER,
    file: TEXT,
    configured: NUMBER,
    record: TEXT,
    version: NUMBER,
    converged: NUMBER,
    due_at: LONG_OR_NULL,
    due_why: TEXT_OR_NULL,
    wake_at: LONG_OR_NULL,
    pokes: NUMBER,
    pokes_claimed: NUMBER,
    poked_at: LONG_OR_NULL,
    holder: TEXT_OR_NULL,
    fence: NUMBER,
    lease_until: LONG_OR_NULL,
  });
  const waking = schema
    .createIndex('account_wake')
    .on('account')
    .columns(['provider', 'priority', 'wake_at', 'configured']);
  const leased = schema.createIndex('account_lease').on('account').column('lease_until');
  const behind = schema.createIndex('account_behind').on('account').column('id');
  return [
    table(context, 'counter', { name: TEXT_KEY, value: LONG }),
    table(context, 'file', { path: TEXT_KEY, hash: TEXT, accounts: NUMBER, at: LONG }),
    account,
    waking.where('wake_at', 'is not', null),
    leased.where('lease_until', 'is not', null),
    schema.createIndex('account_name').on('account').columns(['name', 'id']),
    schema.createIndex('account_file').on('account').columns(['file', 'configured', 'id']),
    behind.where(sql<boolean>`configured = 1 and converged = 0`),
    narrow(context, 'account_key', { key: TEXT, account: ACCOUNT }, ['key']),
    narrow(context, 'account_target', { account: ACCOUNT, target: TEXT, store: TEXT }, ['account', 'target']),
    schema.createIndex('account_target_store').on('account_target').columns(['store', 'account']),
  ];
}

function holds(context: MigrationContext): readonly Compilable[] {
  const hold = { kind: TEXT, subject: TEXT, since: LONG, until: LONG_OR_NULL, by: TEXT, reason: TEXT };
  const ofAccount = { account: ACCOUNT, target: TEXT, ...hold };
  return [
    narrow(context, 'hold', ofAccount, ['account', 'kind', 'target']),
    context.schema.createIndex('hold_kind').on('hold').columns(['kind', 'account']),
    narrow(context, 'shared_hold', hold, ['kind', 'subject']),
    numbered(context, 'waking', 'id', { scope: TEXT, subject: TEXT, at: LONG, account: NUMBER }),
  ];
}

function asked(context: MigrationContext): readonly Compilable[] {
  const request = table(context, 'request', {
    id: TEXT_KEY,
    account: ACCOUNT,
    does: TEXT,
    target: TEXT_OR_NULL,
    actor: TEXT,
    reason: TEXT_OR_NULL,
    at: LONG,
    state: TEXT,
    rotation: TEXT_OR_NULL,
    why: TEXT_OR_NULL,
  });
  const calls = { provider: TEXT, caller: TEXT, day: TEXT, calls: LONG };
  return [
    request,
    context.schema.createIndex('request_account').on('request').columns(['account', 'state']),
    context.schema.createIndex('request_at').on('request').column('at'),
    narrow(context, 'calls', calls, ['provider', 'caller', 'day']),
  ];
}

function history(context: MigrationContext): readonly Compilable[] {
  const { schema } = context;
  const rotation = table(context, 'rotation', {
    id: TEXT_KEY,
    account: NUMBER,
    account_name: TEXT,
    trigger: TEXT,
    slot: LONG_OR_NULL,
    actor: TEXT,
    reason: TEXT_OR_NULL,
    opened_at: LONG,
    minted_at: LONG_OR_NULL,
    closed_at: LONG_OR_NULL,
    outcome: TEXT_OR_NULL,
    fingerprint: TEXT_OR_NULL,
    dark_window_ms: LONG_OR_NULL,
    estimated: NUMBER_OR_NULL,
    failure: TEXT_OR_NULL,
  });
  const times = { started_at: LONG, ended_at: LONG_OR_NULL };
  const step = {
    rotation: TEXT,
    step: TEXT,
    target: TEXT,
    attempts: NUMBER,
    ...times,
    outcome: TEXT_OR_NULL,
  };
  const fact = numbered(context, 'fact', 'sequence', {
    id: TEXT,
    account: NUMBER,
    version: NUMBER,
    at: LONG,
    kind: TEXT,
    actor: TEXT,
    reason: TEXT_OR_NULL,
    rotation: TEXT_OR_NULL,
    body: TEXT,
  });
  const closed = schema.createIndex('rotation_closed').on('rotation').column('closed_at');
  const ofRotation = schema.createIndex('fact_rotation').on('fact').column('rotation');
  return [
    rotation,
    schema.createIndex('rotation_account').on('rotation').columns(['account', 'id']),
    closed.where('closed_at', 'is not', null),
    narrow(context, 'step', step, ['rotation', 'step', 'target']),
    fact,
    schema.createIndex('fact_account').on('fact').columns(['account', 'version']).unique(),
    ofRotation.where('rotation', 'is not', null),
  ];
}
