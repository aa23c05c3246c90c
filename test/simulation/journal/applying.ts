/** How a configuration becomes rows of a journal in memory. */
import { EMPTY_RECORD } from '../../../src/domain/evolve.ts';
import { withScheduleDated } from '../../../src/domain/scheduled.ts';
import type { ConfiguredAccount, ConfiguredBatch } from '../../../src/ports/journal.ts';
import { keysOf, poke, rowOf } from './state.ts';
import type { JournalState, Row } from './state.ts';

export interface BatchGiven {
  readonly file: string;
  readonly accounts: ConfiguredBatch;
  readonly now: number;
}

/** A file counts as applied again when all of it is. */
export function beginFile(
  state: JournalState,
  { path, hash, whole }: { readonly path: string; readonly hash: string; readonly whole: boolean },
): number {
  const known = state.files.get(path);
  if (whole) {
    if (known?.hash !== hash) throw new Error(`${path} was not applied with this hash`);
    return known.accounts;
  }
  state.files.delete(path);
  return 0;
}

/** Answers the rows of these accounts, and how many of them are new or changed. */
export function applyBatch(
  state: JournalState,
  { file, accounts, now }: BatchGiven,
): { readonly ids: readonly number[]; readonly changed: number } {
  const given =
    typeof accounts === 'string' ? (JSON.parse(accounts) as readonly ConfiguredAccount[]) : accounts;
  const poked: Row[] = [];
  let added = 0;
  const known = matched(state, given);
  const ids = given.map((account, index) => {
    const row = known[index];
    if (row === undefined) {
      added++;
      return add(state, account, { file, now }).id;
    }
    if (!row.configured || row.hash !== account.hash) {
      change(state, row, { account, now });
      poked.push(row);
    }
    row.file = file;
    return row.id;
  });
  poke(poked, now);
  return { ids, changed: added + poked.length };
}

/** The row of each, by its ids: where several have an id of a row, that of its live credential counts, then their order. */
function matched(state: JournalState, accounts: readonly ConfiguredAccount[]): readonly (Row | undefined)[] {
  const found = accounts.map(({ policy }) =>
    keysOf(policy).flatMap((key) => {
      const id = state.keys.get(key);
      return id === undefined ? [] : [rowOf(state, id)];
    }),
  );
  const isWantedTwice = (row: Row) => found.filter((rows) => rows.includes(row)).length > 1;
  const rows: (Row | undefined)[] = accounts.map(({ policy }, index) =>
    found[index]?.find(
      (row) => isWantedTwice(row) && policy.accountIds.includes(row.record.live?.accountId ?? ''),
    ),
  );
  for (const [index, theirs] of found.entries()) rows[index] ??= theirs.find((row) => !rows.includes(row));
  return rows;
}

function change(
  state: JournalState,
  row: Row,
  { account: { policy, hash }, now }: { readonly account: ConfiguredAccount; readonly now: number },
): void {
  for (const key of keysOf(row.policy)) if (state.keys.get(key) === row.id) state.keys.delete(key);
  for (const key of keysOf(policy)) state.keys.set(key, row.id);
  row.policy = withScheduleDated(policy, row.configured ? row.policy : undefined, now);
  row.hash = hash;
  row.configured = true;
  row.policyVersion++;
}

function add(
  state: JournalState,
  { policy, hash }: ConfiguredAccount,
  { file, now }: { readonly file: string; readonly now: number },
): Row {
  const row: Row = {
    id: ++state.lastId,
    policy,
    hash,
    file,
    configured: true,
    record: EMPTY_RECORD,
    version: 0,
    holds: [],
    dueAt: now,
    dueWhy: 'configured',
    wakeAt: now,
    pokes: 0,
    pokesClaimed: 0,
    pokedAt: now,
    policyVersion: 1,
    policyClaimed: 1,
    policyDecided: 1,
    fence: 0,
    holder: undefined,
    leaseUntil: undefined,
  };
  state.rows.set(row.id, row);
  for (const key of keysOf(policy)) state.keys.set(key, row.id);
  return row;
}

export function endFile(
  state: JournalState,
  file: { readonly path: string; readonly hash: string; readonly accounts: number },
): void {
  state.files.set(file.path, file);
}

/** Accounts of files that are gone, or that their file no longer has, are marked as left. Answers how many. */
export function leave(
  state: JournalState,
  given: {
    /** The accounts of each file that was read; `undefined` for one that is unchanged. */
    readonly files: ReadonlyMap<string, ReadonlySet<number> | undefined>;
    readonly now: number;
  },
): number {
  for (const path of state.files.keys()) if (!given.files.has(path)) state.files.delete(path);
  const left = [...state.rows.values()].filter((row) => {
    if (!row.configured) return false;
    return given.files.has(row.file) ? given.files.get(row.file)?.has(row.id) === false : true;
  });
  for (const row of left) {
    row.configured = false;
    row.policyVersion++;
  }
  poke(left, given.now);
  return left.length;
}
