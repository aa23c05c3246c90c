/** Between the journal's rows and what its port speaks of. */
import type { Account } from '../domain/account.ts';
import type { Cause, Fact } from '../domain/fact.ts';
import type { Hold, HoldKind } from '../domain/hold.ts';
import type { AccountRecord } from '../domain/record.ts';
import type {
  AccountRow,
  Claim,
  NewRequest,
  Request,
  RequestDoes,
  RequestState,
  RotationRow,
  Shared,
  StepRow,
} from '../ports/journal.ts';
import { canonicalJson } from './canonical-json.ts';
import type { RequestGiven } from './operations/requests.ts';
import type { AccountText, ClaimText } from './operations/rows.ts';
import type {
  FactTable,
  HoldTable,
  RequestTable,
  RotationTable,
  SharedHoldTable,
  StepTable,
} from './schema.ts';

/** The row of an account, with its documents parsed. */
export function accountRow(text: AccountText): AccountRow {
  return {
    id: text.id,
    version: text.version,
    policy: JSON.parse(text.policy) as Account,
    record: JSON.parse(text.record) as AccountRecord,
    configured: text.configured === 1,
    ...present({ dueAt: text.due_at, dueWhy: text.due_why }),
    holds: text.holds.map((hold) => ({
      ...sharedHold(hold),
      ...present({ target: hold.target === '' ? null : hold.target }),
    })),
    policyChanged: text.policy_version !== text.policy_decided,
  };
}

export function claimOf(text: ClaimText, shared: Shared): Claim {
  return {
    ...accountRow(text),
    fence: text.fence,
    leaseUntil: text.leaseUntil,
    requests: text.requests.map(requestOf),
    shared,
  };
}

export function sharedOf(holds: readonly SharedHoldTable[]): Shared {
  return { holds: holds.map(sharedHold) };
}

export function sharedHold(row: SharedHoldTable): Hold {
  return {
    kind: row.kind as HoldKind,
    subject: row.subject,
    since: row.since,
    ...present({ until: row.until }),
    by: row.by,
    reason: row.reason,
  };
}

export function sharedHoldRow(hold: Hold): SharedHoldTable {
  const { kind, subject, since, until = null, by, reason } = hold;
  return { kind, subject, since, until, by, reason };
}

export function holdRow(account: number, hold: Hold): HoldTable {
  return { account, target: hold.target ?? '', ...sharedHoldRow(hold) };
}

function requestOf(row: RequestTable): Request {
  return {
    id: row.id,
    account: row.account,
    does: row.does as RequestDoes,
    ...present({ target: row.target }),
    cause: causeOf(row),
    at: row.at,
  };
}

export function requestStateOf(row: RequestTable): RequestState {
  return {
    ...requestOf(row),
    state: row.state as RequestState['state'],
    ...present({ rotation: row.rotation, why: row.why }),
  };
}

export function requestRow(request: NewRequest, at: number): RequestGiven {
  const { id, account, does, target = null, cause } = request;
  return { id, account, does, target, actor: cause.actor, reason: cause.reason ?? null, at };
}

/** A fact as it is written: the whole of it as canonical JSON, and beside it what it is found by. */
export function factRow(account: number, version: number, fact: Fact): Omit<FactTable, 'sequence'> {
  return {
    id: fact.id,
    account,
    version,
    at: fact.at,
    kind: fact.kind,
    actor: fact.cause.actor,
    reason: fact.cause.reason ?? null,
    rotation: fact.rotation ?? null,
    body: canonicalJson(fact),
  };
}

export function factOf(body: string): Fact {
  return JSON.parse(body) as Fact;
}

export function rotationRow(rotation: RotationRow): RotationTable {
  return {
    id: rotation.id,
    account: rotation.account,
    account_name: rotation.accountName,
    trigger: rotation.trigger,
    slot: rotation.slot ?? null,
    actor: rotation.cause.actor,
    reason: rotation.cause.reason ?? null,
    opened_at: rotation.openedAt,
    minted_at: rotation.mintedAt ?? null,
    closed_at: rotation.closedAt ?? null,
    outcome: rotation.outcome ?? null,
    fingerprint: rotation.fingerprint ?? null,
    dark_window_ms: rotation.darkWindowMs ?? null,
    estimated: rotation.estimated === undefined ? null : Number(rotation.estimated),
    failure: rotation.failure ?? null,
    consumer_lag_ms: rotation.consumerLagMs ?? null,
  };
}

export function rotationOf(row: RotationTable): RotationRow {
  return {
    id: row.id,
    account: row.account,
    accountName: row.account_name,
    trigger: row.trigger,
    cause: causeOf(row),
    openedAt: row.opened_at,
    ...present({
      slot: row.slot,
      mintedAt: row.minted_at,
      closedAt: row.closed_at,
      outcome: row.outcome as NonNullable<RotationRow['outcome']> | null,
      fingerprint: row.fingerprint,
      darkWindowMs: row.dark_window_ms,
      estimated: row.estimated === null ? null : row.estimated === 1,
      failure: row.failure,
      consumerLagMs: row.consumer_lag_ms,
    }),
  };
}

export function stepRow(step: StepRow): StepTable {
  return {
    rotation: step.rotation,
    step: step.step,
    target: step.target ?? '',
    attempts: step.attempts,
    started_at: step.startedAt,
    ended_at: step.endedAt ?? null,
    outcome: step.outcome ?? null,
  };
}

export function stepOf(row: StepTable): StepRow {
  return {
    rotation: row.rotation,
    step: row.step,
    attempts: row.attempts,
    startedAt: row.started_at,
    ...present({
      target: row.target === '' ? null : row.target,
      endedAt: row.ended_at,
      outcome: row.outcome,
    }),
  };
}

function causeOf(row: { readonly actor: string; readonly reason: string | null }): Cause {
  return { actor: row.actor, ...present({ reason: row.reason }) };
}

type Present<T> = { readonly [Key in keyof T]?: NonNullable<T[Key]> };

/** Without the keys that are null: what is absent in the port is null in a row. */
function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Present<T>;
}
