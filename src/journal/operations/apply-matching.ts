/** Which row each account of a batch has. A row is one account's, also where the ids that lead to it now stand apart. */
import { accountKeys, type Account } from '../../domain/account.ts';
import type { AccountRecord } from '../../domain/record.ts';
import type { ConfiguredAccount } from '../../ports/journal.ts';
import { keyText } from '../account-key.ts';
import { padded, type Session } from '../statement.ts';
import { findByKeys, recordsOf, type KnownAccount } from './apply-statements.ts';

export interface Matched {
  readonly account: ConfiguredAccount;
  /** Absent: none of its ids leads to a row that is left for it. */
  readonly row: KnownAccount | undefined;
  /** Those of its keys that lead to another row, or to none. */
  readonly newKeys: readonly string[];
}

export function keysOf(policy: Account): readonly string[] {
  return accountKeys(policy).map(keyText);
}

/**
 * In the order given. A row that several of these accounts have an id of goes to the one that its live credential belongs to, else
 * to the first of them.
 */
export async function matchRows(
  session: Session,
  accounts: readonly ConfiguredAccount[],
): Promise<readonly Matched[]> {
  const known = await knownAccounts(session, accounts);
  const found = accounts.map(({ policy }) => keysOf(policy).flatMap((key) => known.get(key) ?? []));
  const liveIds = await liveIdsOf(session, contested(found));
  const rows = new Map<ConfiguredAccount, KnownAccount>();
  const taken = new Set<number>();
  function take(fits: (row: KnownAccount, account: ConfiguredAccount) => boolean): void {
    for (const [index, account] of accounts.entries()) {
      if (rows.has(account)) continue;
      const row = found[index]?.find((each) => !taken.has(each.id) && fits(each, account));
      if (row === undefined) continue;
      rows.set(account, row);
      taken.add(row.id);
    }
  }
  take(({ id }, { policy }) => policy.accountIds.includes(liveIds.get(id) ?? ''));
  take(() => true);
  return accounts.map((account) => {
    const row = rows.get(account);
    const newKeys = keysOf(account.policy).filter(
      (key) => row === undefined || known.get(key)?.id !== row.id,
    );
    return { account, row, newKeys };
  });
}

async function knownAccounts(
  session: Session,
  accounts: readonly ConfiguredAccount[],
): Promise<ReadonlyMap<string, KnownAccount>> {
  const keys = accounts.flatMap(({ policy }) => keysOf(policy));
  if (keys.length === 0) return new Map();
  const found = await session.all(findByKeys, { keys: padded(keys) });
  return new Map(found.map((row) => [row.key, row]));
}

/** The rows that ids of several accounts lead to. */
function contested(found: readonly (readonly KnownAccount[])[]): readonly number[] {
  const wanted = found.flatMap((rows) => [...new Set(rows.map(({ id }) => id))]);
  const once = new Set<number>();
  return [...new Set(wanted.filter((id) => once.has(id) || !once.add(id)))];
}

/** Which of its ids the live credential of each of these rows belongs to, where that is known. */
async function liveIdsOf(session: Session, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await session.all(recordsOf, { ids: padded(ids) });
  return new Map(
    rows.flatMap(({ id, record }): [number, string][] => {
      const { live } = JSON.parse(record) as AccountRecord;
      return live?.accountId === undefined ? [] : [[id, live.accountId]];
    }),
  );
}
