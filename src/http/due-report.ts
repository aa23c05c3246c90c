/** What became of all that was due: the answer to `POST /v1/due`, and what `rekeyd once` prints. */
import type { HoldKind } from '../domain/hold.ts';
import type { AccountRow, Journal } from '../ports/journal.ts';
import { accountPages } from './account-pages.ts';
import { accountView } from './views.ts';
import type { AccountView } from './views.ts';

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
    accounts += 1;
    const view = accountView(row, shared, options.now);
    if ((view.lastRotation?.at ?? 0) >= options.since) {
      rotatedCount += 1;
      if (rotated.length < LISTED_MAX) rotated.push(view.name);
    }
    const left = unfinishedOf(view, row);
    if (left === undefined) continue;
    if (mayEndWell(view, left)) nextTryAt = Math.min(nextTryAt, left.nextAt ?? nextTryAt);
    unfinishedCount[left.state] += 1;
    if (unfinished.length < LISTED_MAX) unfinished.push(left);
  }
  const next = Number.isFinite(nextTryAt) ? { nextTryAt } : {};
  return { accounts, rotated, rotatedCount, unfinished, unfinishedCount, ...next };
}

async function* allAccounts(journal: Journal): AsyncGenerator<AccountRow> {
  for await (const rows of accountPages(journal, { limit: PAGE })) yield* rows;
}

function mayEndWell({ holds }: AccountView, { state }: Unfinished): boolean {
  return state !== 'held' || (holds.length > 0 && holds.every(({ kind }) => LIFTED_BY_TRYING.includes(kind)));
}

function unfinishedOf(view: AccountView, { record }: AccountRow): Unfinished | undefined {
  const isNew = record.version === 0;
  if (view.due === undefined && view.converged && view.rotation === undefined && !isNew) return undefined;
  const account = view.name;
  const next = view.next === undefined ? {} : { nextAt: view.next.at };
  const [hold] = view.holds;
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
