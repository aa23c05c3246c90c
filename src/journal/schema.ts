/**
 * The journal's tables, as the statements see them. Times are ms since the epoch; flags are 0 or 1; documents are JSON
 * text. What each column is for stands here; how it is created stands in the migrations.
 */
import type { Generated } from 'kysely';

export interface Schema {
  migration: MigrationTable;
  counter: CounterTable;
  file: FileTable;
  account: AccountTable;
  account_key: AccountKeyTable;
  account_target: AccountTargetTable;
  account_consumer: AccountConsumerTable;
  hold: HoldTable;
  shared_hold: SharedHoldTable;
  waking: WakingTable;
  calls: CallsTable;
  refused_grant: RefusedGrantTable;
  mint_end: MintEndTable;
  found: FoundTable;
  request: RequestTable;
  rotation: RotationTable;
  step: StepTable;
  fact: FactTable;
}

interface MigrationTable {
  number: number;
  name: string;
  at: number;
}

/** Numbers that are handed out: the next account's id. */
interface CounterTable {
  name: string;
  value: number;
}

/** Configuration files as they were applied last. */
interface FileTable {
  path: string;
  hash: string;
  accounts: number;
  at: number;
}

export interface AccountTable {
  id: number;
  name: string;
  provider: string;
  /** As configured, and 10 000 more while it goes before all others. */
  priority: number;
  policy: string;
  policy_hash: string;
  /** JSON of the labels alone, so that a filter by label reads no policy. */
  labels: string;
  /** Grows with each change of the policy; `policy_claimed` is what the claim saw, `policy_decided` what was noted last. */
  policy_version: number;
  policy_claimed: number;
  policy_decided: number;
  file: string;
  configured: number;
  record: string;
  version: number;
  converged: number;
  due_at: number | null;
  due_why: string | null;
  /**
   * When the row is to be looked at next: the end of the lease while it is claimed, otherwise the earlier of `due_at` and
   * a poke. Null: never.
   */
  wake_at: number | null;
  /** Grows whenever somebody wants the account looked at; a poke after the claim survives the claim's release. */
  pokes: number;
  pokes_claimed: number;
  poked_at: number | null;
  holder: string | null;
  fence: number;
  lease_until: number | null;
}

/** Finds an account's row by (provider origin, organisation, account id), whatever its name. */
interface AccountKeyTable {
  key: string;
  account: number;
}

interface AccountTargetTable {
  account: number;
  target: string;
  store: string;
}

/** Which consumers an account's targets name, and what it lets the other accounts know that name them too. */
export interface AccountConsumerTable {
  consumer: string;
  account: number;
  /** 1: its rotations wait while the consumer is unhealthy. */
  waits: number;
  /** 1: it has a value on the way that the consumer will have to take up. */
  coming: number;
  /** 1: the consumer has not taken up what the account's target holds. */
  behind: number;
  /** When its next rotation begins. */
  due_at: number | null;
  /** From when on its newest value could be taken up. */
  needed_at: number | null;
}

/** Holds of scope account and target. `target` is empty where the whole account is held. */
export interface HoldTable {
  account: number;
  kind: string;
  target: string;
  subject: string;
  since: number;
  until: number | null;
  by: string;
  reason: string;
}

/** Holds of scope store, provider, consumer and all. */
export interface SharedHoldTable {
  kind: string;
  subject: string;
  since: number;
  until: number | null;
  by: string;
  reason: string;
}

/** A hold was lifted, and the accounts after `account` that it stopped are still to be poked. */
interface WakingTable {
  id: Generated<number>;
  scope: string;
  subject: string;
  at: number;
  account: number;
}

/** How the last mints of each provider ended, as far as they count towards freezing it. */
export interface MintEndTable {
  sequence: Generated<number>;
  provider: string;
  rotation: string;
  attempt: number;
  /** The account's name, for people. */
  account: string;
  at: number;
  /** The kind of failure; null: it brought a credential. */
  failure: string | null;
}

/** What each provider's list showed when it was last listed. */
interface FoundTable {
  provider: string;
  accounts: string;
  at: number;
}

interface CallsTable {
  provider: string;
  caller: string;
  day: string;
  calls: number;
}

/** A mint that was granted because of a refused credential. */
interface RefusedGrantTable {
  provider: string;
  at: number;
  account: number;
}

export interface RequestTable {
  id: string;
  account: number;
  does: string;
  target: string | null;
  actor: string;
  reason: string | null;
  at: number;
  state: string;
  rotation: string | null;
  why: string | null;
}

export interface RotationTable {
  id: string;
  account: number;
  account_name: string;
  trigger: string;
  slot: number | null;
  actor: string;
  reason: string | null;
  opened_at: number;
  minted_at: number | null;
  closed_at: number | null;
  outcome: string | null;
  fingerprint: string | null;
  dark_window_ms: number | null;
  estimated: number | null;
  failure: string | null;
  /** From a store's acknowledgement until the last of its consumers was through. */
  consumer_lag_ms: number | null;
}

/** `target` is empty for a step that concerns none. */
export interface StepTable {
  rotation: string;
  step: string;
  target: string;
  attempts: number;
  started_at: number;
  ended_at: number | null;
  outcome: string | null;
}

/** Written once, never changed. `sequence` grows with time, so that old ones are dropped as a range. */
export interface FactTable {
  sequence: Generated<number>;
  id: string;
  account: number;
  version: number;
  at: number;
  kind: string;
  actor: string;
  reason: string | null;
  rotation: string | null;
  body: string;
}
