/** Claims of a journal in memory: who works on an account, under which fence, until when. */
import type { AccountKey } from '../../../src/domain/account.ts';
import { mayBeDark } from '../../../src/domain/situation.ts';
import type { Claim } from '../../../src/ports/journal.ts';
import { giveBack, sharedHolds, shown } from './state.ts';
import type { JournalState, Row } from './state.ts';

export interface ClaimGiven {
  readonly holder: string;
  readonly now: number;
  readonly leaseMs: number;
  readonly limit: number;
  readonly exceptProviders?: readonly string[];
}

/** Those that may be dark first, then highest priority, then longest due. */
function dueRows(state: JournalState, now: number, except: readonly string[]): Row[] {
  return [...state.rows.values()]
    .filter(
      ({ wakeAt, policy }) => wakeAt !== undefined && wakeAt <= now && !except.includes(policy.provider),
    )
    .toSorted(
      (one, other) =>
        Number(mayBeDark(other.record)) - Number(mayBeDark(one.record)) ||
        other.policy.priority - one.policy.priority ||
        (one.wakeAt ?? 0) - (other.wakeAt ?? 0),
    );
}

export function claim(state: JournalState, given: ClaimGiven): readonly Claim[] {
  const due = dueRows(state, given.now, given.exceptProviders ?? []).slice(0, given.limit);
  if (due.length === 0) return [];
  const shared = { holds: sharedHolds(state) };
  return due.map((row) => {
    const leaseUntil = given.now + given.leaseMs;
    row.fence++;
    row.holder = given.holder;
    row.leaseUntil = leaseUntil;
    row.wakeAt = leaseUntil;
    row.pokesClaimed = row.pokes;
    row.policyClaimed = row.policyVersion;
    return { ...shown(row), fence: row.fence, leaseUntil, requests: waiting(state, row.id), shared };
  });
}

function waiting({ requests }: JournalState, account: number) {
  return [...requests.values()]
    .filter((request) => request.account === account && request.state === 'waiting')
    .toSorted((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1))
    .map(({ state: _, ...request }) => request);
}

export function renew(
  state: JournalState,
  given: {
    readonly claims: readonly { readonly account: number; readonly fence: number }[];
    readonly leaseUntil: number;
  },
): readonly number[] {
  return given.claims.flatMap(({ account, fence }) => {
    const row = state.rows.get(account);
    if (row === undefined || row.fence !== fence || row.leaseUntil === undefined) return [];
    row.leaseUntil = given.leaseUntil;
    row.wakeAt = given.leaseUntil;
    return [account];
  });
}

export function release(
  state: JournalState,
  given: {
    readonly account: number;
    readonly fence: number;
    readonly dueAt: number;
    readonly dueWhy: string;
  },
): void {
  const row = state.rows.get(given.account);
  if (row === undefined || row.fence !== given.fence || row.leaseUntil === undefined) return;
  row.dueAt = given.dueAt;
  row.dueWhy = given.dueWhy;
  giveBack(row, given.dueAt);
}

/** Whoever opens a journal that one process at a time can hold knows that no other holder lives. */
export function releaseAll(state: JournalState, now: number): void {
  for (const row of state.rows.values()) {
    if (row.leaseUntil === undefined) continue;
    row.holder = undefined;
    row.leaseUntil = undefined;
    row.wakeAt = now;
  }
}

export function nextDueAt(state: JournalState, except: readonly string[]): number | undefined {
  let next: number | undefined;
  for (const { wakeAt, policy } of state.rows.values()) {
    if (wakeAt === undefined || except.includes(policy.provider)) continue;
    if (next === undefined || wakeAt < next) next = wakeAt;
  }
  return next;
}

export function dueAccounts(
  state: JournalState,
  given: { readonly provider: string; readonly now: number; readonly limit: number },
): readonly AccountKey[] {
  return dueRows(state, given.now, [])
    .filter(({ policy }) => policy.provider === given.provider)
    .slice(0, given.limit)
    .flatMap(({ policy: { origin, organisation, accountIds } }) =>
      accountIds.map((accountId) => ({ origin, organisation, accountId })),
    );
}
