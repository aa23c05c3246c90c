/**
 * Applying a configuration: accounts' policies become rows. In small batches, so that commits go in between; a file's
 * hash is written when all of it is, so that applying again repairs what was left half-way.
 */
import type { Account } from '../../domain/account.ts';
import { EMPTY_RECORD } from '../../domain/evolve.ts';
import { withScheduleDated } from '../../domain/scheduled.ts';
import type { ConfiguredAccount, ConfiguredBatch } from '../../ports/journal.ts';
import { chunks, padded, type Session } from '../statement.ts';
import { keysOf, matchRows, type Matched } from './apply-matching.ts';
import { addConsumers, changeConsumers } from './consumers.ts';
import { poke } from './poke.ts';
import {
  addAccounts,
  addKeys,
  addTargets,
  changeAccount,
  dropKeys,
  dropTargets,
  moveAccount,
  nextIds,
  policyOf,
  rowOf,
  unconverge,
  type KnownAccount,
} from './apply-statements.ts';

/** Why an account is due that nothing has been decided about yet. */
const DUE_WHY = 'configured';

export interface BatchGiven {
  readonly file: string;
  readonly accounts: ConfiguredBatch;
  readonly now: number;
}

export interface BatchApplied {
  /** The rows of these accounts, in no particular order. */
  readonly ids: readonly number[];
  readonly changed: number;
}

/** Writes what is new or changed among these accounts, and makes it due. */
export async function applyBatch(session: Session, given: BatchGiven): Promise<BatchApplied> {
  const accounts =
    typeof given.accounts === 'string'
      ? (JSON.parse(given.accounts) as readonly ConfiguredAccount[])
      : given.accounts;
  const ids: number[] = [];
  const added: ConfiguredAccount[] = [];
  const poked: number[] = [];
  for (const matched of await matchRows(session, accounts)) {
    const { account, row: found } = matched;
    if (found === undefined) {
      added.push(account);
      continue;
    }
    ids.push(found.id);
    if (found.configured === 0 || found.policy_hash !== account.hash) {
      await change(session, { ...matched, row: found, file: given.file, now: given.now });
      poked.push(found.id);
    } else if (found.file !== given.file) {
      await session.all(moveAccount, { id: found.id, file: given.file });
    }
  }
  await poke(session, { accounts: poked, now: given.now });
  ids.push(...(await add(session, added, given)));
  return { ids, changed: added.length + poked.length };
}

/** Gives an account that is known its new policy, and the keys and targets of that policy and no others. */
async function change(
  session: Session,
  given: Pick<Matched, 'account' | 'newKeys'> & {
    readonly row: KnownAccount;
    readonly file: string;
    readonly now: number;
  },
): Promise<void> {
  const { account, newKeys } = given;
  const { id, configured } = given.row;
  const [row] = await session.all(policyOf, { id });
  const before = JSON.parse(row?.policy ?? 'null') as Account;
  const policy = withScheduleDated(account.policy, configured === 1 ? before : undefined, given.now);
  await session.all(changeAccount, { id, ...rowOf({ ...account, policy }, given.file) });

  const keys = keysOf(account.policy);
  const dropped = keysOf(before).filter((key) => !keys.includes(key));
  if (dropped.length > 0) await session.all(dropKeys, { account: id, keys: padded(dropped) });
  if (newKeys.length > 0) await session.all(addKeys, { keys: newKeys.map((key) => ({ key, account: id })) });

  await changeConsumers(session, { id, before, policy: account.policy });
  const oldTargets = new Map(before.targets.map((target) => [target.id, target.store]));
  const { targets } = account.policy;
  const sameTargets = targets.every((target) => oldTargets.get(target.id) === target.store);
  if (sameTargets && targets.length === oldTargets.size) return;
  await session.all(dropTargets, { account: id });
  await session.all(addTargets, { targets: targetRows(id, account) });
  if (!sameTargets) await session.all(unconverge, { id });
}

function targetRows(
  id: number,
  account: ConfiguredAccount,
): readonly { readonly account: number; readonly target: string; readonly store: string }[] {
  return account.policy.targets.map((target) => ({ account: id, target: target.id, store: target.store }));
}

async function add(
  session: Session,
  accounts: readonly ConfiguredAccount[],
  given: BatchGiven,
): Promise<readonly number[]> {
  if (accounts.length === 0) return [];
  const [counter] = await session.all(nextIds, { count: accounts.length });
  const last = counter?.value ?? 0;
  const numbered = accounts.map((account, index) => ({ id: last - accounts.length + 1 + index, account }));
  const rows = numbered.map(({ id, account }) => ({
    id,
    ...rowOf(account, given.file),
    policy_version: 1,
    policy_claimed: 1,
    policy_decided: 1,
    record: JSON.stringify(EMPTY_RECORD),
    version: 0,
    converged: 0,
    due_at: given.now,
    due_why: DUE_WHY,
    wake_at: given.now,
    pokes: 0,
    pokes_claimed: 0,
    fence: 0,
  }));
  const keys = numbered.flatMap(({ id, account }) =>
    keysOf(account.policy).map((key) => ({ key, account: id })),
  );
  const targets = numbered.flatMap(({ id, account }) => targetRows(id, account));
  for (const some of chunks(rows)) await session.all(addAccounts, { accounts: some });
  for (const some of chunks(keys)) await session.all(addKeys, { keys: some });
  for (const some of chunks(targets)) await session.all(addTargets, { targets: some });
  await addConsumers(
    session,
    numbered.map(({ id, account }) => ({ id, policy: account.policy })),
  );
  return numbered.map(({ id }) => id);
}
