/** What a journal in memory keeps: rows as the real one has them. Holds no rule; its neighbours change it. */
import { accountKeys } from '../../../src/domain/account.ts';
import type { Account, AccountKey } from '../../../src/domain/account.ts';
import type { Consumer } from '../../../src/domain/consumer.ts';
import type { Fact } from '../../../src/domain/fact.ts';
import type { FailureKind } from '../../../src/domain/failure.ts';
import { HOLDS } from '../../../src/domain/hold.ts';
import type { Hold, HoldKind } from '../../../src/domain/hold.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { Joining } from '../../../src/domain/refresh.ts';
import type {
  AccountRow,
  FoundAccount,
  RequestState,
  RotationRow,
  StepRow,
} from '../../../src/ports/journal.ts';

export interface Row {
  readonly id: number;
  policy: Account;
  hash: string;
  file: string;
  configured: boolean;
  record: AccountRecord;
  version: number;
  holds: readonly Hold[];
  dueAt: number | undefined;
  dueWhy: string | undefined;
  /** When it is looked at next: due, or its lease at an end. */
  wakeAt: number | undefined;
  /** What made it due beside its own plan, and how much of that its holder knew at the claim. */
  pokes: number;
  pokesClaimed: number;
  pokedAt: number;
  policyVersion: number;
  policyClaimed: number;
  policyDecided: number;
  fence: number;
  holder: string | undefined;
  leaseUntil: number | undefined;
}

/** How one mint ended: no failure, it minted. */
export interface MintEndRow {
  readonly provider: string;
  readonly rotation: string;
  readonly attempt: number;
  readonly account: string;
  failure: FailureKind | null;
}

export interface JournalState {
  rows: Map<number, Row>;
  keys: Map<string, number>;
  /** Hash and number of accounts of each file that was applied whole. */
  files: Map<string, { readonly hash: string; readonly accounts: number }>;
  shared: Map<string, Hold>;
  requests: Map<string, RequestState>;
  rotations: Map<string, RotationRow>;
  steps: Map<string, StepRow>;
  /** In the order of their commits. */
  facts: { readonly account: number; readonly version: number; readonly fact: Fact }[];
  calls: Map<string, number>;
  /** Oldest first. */
  mintEnds: MintEndRow[];
  /** What accounts let others know about a consumer, by account and consumer. */
  joinings: Map<string, Joining & { readonly account: number }>;
  /** When mints because of refused credentials were granted, by provider. */
  grants: Map<string, readonly number[]>;
  /** By provider. */
  readonly found: Map<string, readonly FoundAccount[]>;
  lastId: number;
}

export function emptyState(): JournalState {
  return {
    rows: new Map(),
    keys: new Map(),
    files: new Map(),
    shared: new Map(),
    requests: new Map(),
    rotations: new Map(),
    steps: new Map(),
    facts: [],
    calls: new Map(),
    mintEnds: [],
    joinings: new Map(),
    grants: new Map(),
    found: new Map(),
    lastId: 0,
  };
}

function keyText({ origin, organisation, accountId }: AccountKey): string {
  return JSON.stringify([origin, organisation, accountId]);
}

export function keysOf(policy: Account): string[] {
  return accountKeys(policy).map(keyText);
}

export function rowOf(state: JournalState, id: number): Row {
  const row = state.rows.get(id);
  if (row === undefined) throw new Error(`the journal has no account ${id}`);
  return row;
}

/** The row as the port shows it. */
export function shown(row: Row): AccountRow {
  const { id, version, policy, record, configured, dueAt, dueWhy, holds } = row;
  return {
    id,
    version,
    policy,
    record,
    configured,
    holds,
    policyChanged: row.policyVersion !== row.policyDecided,
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(dueWhy === undefined ? {} : { dueWhy }),
  };
}

export function sharedHolds({ shared }: JournalState): readonly Hold[] {
  return [...shared.values()].toSorted(
    (one, other) => compare(one.kind, other.kind) || compare(one.subject, other.subject),
  );
}

/** Makes accounts due without touching when and why they would have been due anyway. */
export function poke(rows: Iterable<Row>, now: number): void {
  for (const row of rows) {
    row.pokes++;
    row.pokedAt = now;
    if (row.leaseUntil === undefined && (row.wakeAt === undefined || row.wakeAt > now)) row.wakeAt = now;
  }
}

/** What was poked after the claim has not been seen by its holder: then it is due again at once. */
export function giveBack(row: Row, dueAt: number | undefined): void {
  row.holder = undefined;
  row.leaseUntil = undefined;
  row.wakeAt = row.pokes === row.pokesClaimed ? dueAt : row.pokedAt;
}

/** The accounts that a shared hold stops. */
export function stoppedBy(state: JournalState, kind: HoldKind, subject: string): Row[] {
  const rows = [...state.rows.values()];
  switch (HOLDS[kind].scope) {
    case 'store':
      return rows.filter(({ policy }) => policy.targets.some(({ store }) => store === subject));
    case 'provider':
      return rows.filter(({ policy }) => policy.provider === subject);
    case 'consumer':
      return rows.filter((row) => waitsFor(row, subject));
    default:
      return rows;
  }
}

/** Whether the account waits with its rotations while this consumer is unhealthy. */
export function waitsFor({ policy }: Pick<Row, 'policy'>, consumer: string): boolean {
  return consumersOf(policy).some(({ id, onUnhealthy }) => id === consumer && onUnhealthy === 'hold');
}

export function consumersOf({ targets }: Account): readonly Consumer[] {
  return targets.flatMap(({ consumers = [] }) => consumers);
}

export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
