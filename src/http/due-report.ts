/** What became of all that was due: the answer to `POST /v1/due`, and what `rekeyd once` prints. */
import type { HoldKind } from '../domain/hold.ts';
import type { AccountRecord } from '../domain/record.ts';
import type { AccountRow, Journal } from '../ports/journal.ts';
import { accountPages } from './account-pages.ts';
import { accountView } from './views.ts';
import type { AccountView, HoldView, TargetView } from './views.ts';

/** `held`: a hold stops it. `failed`: it was tried and failed, and is tried again. `waiting`: it has not come to its end yet. */
export type UnfinishedState = 'held' | 'failed' | 'waiting';

export interface Unfinished {
  readonly account: string;
  readonly state: UnfinishedState;
  readonly why: string;
  /** When it is looked at next. */
  readonly nextAt?: number;
}

export interface DueReport {
  readonly accounts: number;
  /** Accounts that were rotated since it began. */
  readonly rotated: readonly string[];
  readonly rotatedCount: number;
  /** At most 1 000; the count is of all. */
  readonly unfinished: readonly Unfinished[];
  readonly unfinishedCount: Readonly<Record<UnfinishedState, number>>;
  /** When the first of those is tried again that may still end well without a person. */
  readonly nextTryAt?: number;
}

/** Holds that a later try may lift. */
const LIFTED_BY_TRYING: readonly HoldKind[] = ['store-down', 'manager-refused'];

/** Holds that stop what has begun as well: all others stop the next mint, and what was minted is found and delivered. */
const STOP_WHAT_HAS_BEGUN: readonly HoldKind[] = [...LIFTED_BY_TRYING, 'closed', 'mismatched'];

const PAGE = 500;
const LISTED_MAX = 1_000;

/** Looks at all accounts, page by page. */
export async function dueReport(
  journal: Journal,
  options: { readonly since: number; readonly now: number },
): Promise<DueReport> {
  const shared = await journal.shared();
  const rotated: string[] = [];
  const unfinished: Unfinished[] = [];
  const unfinishedCount = { held: 0, failed: 0, waiting: 0 };
  let [accounts, rotatedCount, nextTryAt] = [0, 0, Number.POSITIVE_INFINITY];
  for await (const row of allAccounts(journal)) {
    if (row.configured) accounts += 1;
    const view = accountView(row, shared, options.now);
    if ((view.lastRotation?.at ?? 0) >= options.since) {
      rotatedCount += 1;
      if (rotated.length < LISTED_MAX) rotated.push(view.name);
    }
    const left = unfinishedOf(view, row);
    if (left === undefined) continue;
    if (mayEndWell(left, stopping(view, row))) nextTryAt = Math.min(nextTryAt, left.nextAt ?? nextTryAt);
    unfinishedCount[left.state] += 1;
    if (unfinished.length < LISTED_MAX) unfinished.push(left);
  }
  const next = Number.isFinite(nextTryAt) ? { nextTryAt } : {};
  return { accounts, rotated, rotatedCount, unfinished, unfinishedCount, ...next };
}

/** Also those that left the configuration. */
async function* allAccounts(journal: Journal): AsyncGenerator<AccountRow> {
  for await (const rows of accountPages(journal, { limit: PAGE, left: true })) yield* rows;
}

function mayEndWell({ state }: Unfinished, holds: readonly HoldView[]): boolean {
  return state !== 'held' || (holds.length > 0 && holds.every(({ kind }) => LIFTED_BY_TRYING.includes(kind)));
}

/** The holds that stop what is left to do. */
function stopping({ holds, targets }: AccountView, { record }: AccountRow): readonly HoldView[] {
  if (!hasBegun(record, targets)) return holds;
  return holds.filter(({ kind }) => STOP_WHAT_HAS_BEGUN.includes(kind));
}

/** A mint was sent, and what came of it is not known, or not in every target that may be written. */
function hasBegun({ rotation, targets }: AccountRecord, views: readonly TargetView[]): boolean {
  if (rotation?.intent !== undefined || rotation?.minted?.unproved !== undefined) return true;
  return views.some(({ id, state }) => state !== 'foreign' && targets[id]?.owed !== undefined);
}

function unfinishedOf(view: AccountView, row: AccountRow): Unfinished | undefined {
  // Of one that left, what was minted is all that is to be finished.
  if (!row.configured && !hasBegun(row.record, view.targets)) return undefined;
  const isNew = row.record.version === 0;
  if (view.due === undefined && view.converged && view.rotation === undefined && !isNew) return undefined;
  const account = view.name;
  const next = view.next === undefined ? {} : { nextAt: view.next.at };
  const [hold] = stopping(view, row);
  if (hold !== undefined) {
    const why = `${hold.kind}: ${hold.reason}; lifted by ${hold.liftedBy}`;
    return { account, state: 'held', why, ...next };
  }
  const drifted = view.targets.find(({ state }) => state === 'drifted');
  if (drifted !== undefined) {
    const why =
      `somebody else changed ${drifted.id}, which is reported and not put right (onDrift: report); ` +
      `lifted by rekeyd accept ${account} ${drifted.id} --reason …`;
    return { account, state: 'held', why, ...next };
  }
  const failed = view.targets.find(({ lastFailure }) => lastFailure !== undefined);
  const failure = view.lastFailure?.message ?? failed?.lastFailure?.message;
  if (failure !== undefined) return { account, state: 'failed', why: failure, ...next };
  return { account, state: 'waiting', why: isNew ? 'not looked at yet' : 'not done yet', ...next };
}
