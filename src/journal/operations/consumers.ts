/** Who names a consumer: written when a configuration is applied, kept current by each account's commits, asked before a refresh. */
import type { Account } from '../../domain/account.ts';
import type { Joining, Together } from '../../domain/refresh.ts';
import type { AccountConsumerTable } from '../schema.ts';
import { chunks, padded, statement, type Session } from '../statement.ts';

type Naming = Pick<AccountConsumerTable, 'consumer' | 'account' | 'waits' | 'coming' | 'behind'>;

const add = statement((db, given: { readonly rows: readonly Naming[] }) =>
  db
    .insertInto('account_consumer')
    .values(given.rows)
    .onConflict((conflict) =>
      conflict.columns(['consumer', 'account']).doUpdateSet((eb) => ({ waits: eb.ref('excluded.waits') })),
    ),
);

const dropOthers = statement(
  (db, given: { readonly account: number; readonly consumers: readonly string[] }) =>
    db
      .deleteFrom('account_consumer')
      .where('account', '=', given.account)
      .where('consumer', 'not in', given.consumers),
);

/** The consumers that this policy names, each once; they wait for it where any of its targets says so. */
function consumersOf({ targets }: Account): ReadonlyMap<string, 0 | 1> {
  const named = new Map<string, 0 | 1>();
  for (const { id, onUnhealthy } of targets.flatMap((target) => target.consumers ?? [])) {
    named.set(id, onUnhealthy === 'hold' || named.get(id) === 1 ? 1 : 0);
  }
  return named;
}

/** Rows for accounts that are new. */
export async function addConsumers(
  session: Session,
  accounts: readonly { readonly id: number; readonly policy: Account }[],
): Promise<void> {
  const rows = accounts.flatMap(({ id, policy }) =>
    [...consumersOf(policy)].map(([consumer, waits]) => ({
      consumer,
      account: id,
      waits,
      coming: 0,
      behind: 0,
    })),
  );
  for (const some of chunks(rows)) await session.all(add, { rows: some });
}

/** What is known of consumers that are still named, stays. */
export async function changeConsumers(
  session: Session,
  given: { readonly id: number; readonly before: Account; readonly policy: Account },
): Promise<void> {
  const { id, before, policy } = given;
  const now = [...consumersOf(policy).keys()];
  if ([...consumersOf(before).keys()].some((consumer) => !now.includes(consumer))) {
    await session.all(dropOthers, { account: id, consumers: padded(['', ...now]) });
  }
  await addConsumers(session, [{ id, policy }]);
}

export interface JoiningGiven {
  readonly account: number;
  readonly consumer: string;
  readonly coming: 0 | 1;
  readonly behind: 0 | 1;
  readonly dueAt: number | null;
  readonly neededAt: number | null;
}

export function joiningGiven(account: number, joining: Joining): JoiningGiven {
  const { consumer, coming, behind, dueAt = null, neededAt = null } = joining;
  return { account, consumer, coming: coming ? 1 : 0, behind: behind ? 1 : 0, dueAt, neededAt };
}

const join = statement((db, given: JoiningGiven) =>
  db
    .updateTable('account_consumer')
    .set({ coming: given.coming, behind: given.behind, due_at: given.dueAt, needed_at: given.neededAt })
    .where('consumer', '=', given.consumer)
    .where('account', '=', given.account),
);

/** What an account lets the others know, as part of its commit. */
export async function putJoining(session: Session, given: JoiningGiven): Promise<void> {
  await session.all(join, given);
}

const lag = statement((db, given: { readonly rotation: string; readonly lagMs: number }) =>
  db
    .updateTable('rotation')
    .set({ consumer_lag_ms: given.lagMs })
    .where('id', '=', given.rotation)
    .where((eb) => eb.or([eb('consumer_lag_ms', 'is', null), eb('consumer_lag_ms', '<', given.lagMs)])),
);

/** A rotation's lag is that of its slowest consumer. */
export async function putLag(
  session: Session,
  given: { readonly rotation: string; readonly lagMs: number },
): Promise<void> {
  await session.all(lag, given);
}

interface Asking {
  readonly consumer: string;
  readonly account: number;
  readonly soon: number;
}

const anyComing = statement((db, given: Asking) =>
  db
    .selectFrom('account_consumer')
    .select('account')
    .where('consumer', '=', given.consumer)
    // A literal, because the index is of these rows alone.
    .where((eb) => eb('coming', '=', eb.lit(1)))
    .where('account', '<>', given.account)
    .limit(1),
);

const anyDue = statement((db, given: Asking) =>
  db
    .selectFrom('account_consumer')
    .select('account')
    .where('consumer', '=', given.consumer)
    .where('due_at', '<=', given.soon)
    .where('account', '<>', given.account)
    .limit(1),
);

const newest = statement((db, given: { readonly consumer: string }) =>
  db
    .selectFrom('account_consumer')
    .select('needed_at')
    .where('consumer', '=', given.consumer)
    .where('needed_at', 'is not', null)
    .orderBy('needed_at', 'desc')
    .limit(1),
);

/** Whether any of the others that name the consumer is about to need it, and the newest need of all. */
export async function together(session: Session, given: Asking): Promise<Together> {
  const coming = [...(await session.all(anyComing, given)), ...(await session.all(anyDue, given))];
  const [last] = await session.all(newest, { consumer: given.consumer });
  const neededAt = last?.needed_at ?? undefined;
  return { coming: coming.length > 0, ...(neededAt === undefined ? {} : { neededAt }) };
}

const anyWaits = statement((db, given: { readonly consumer: string }) =>
  db
    .selectFrom('account_consumer')
    .innerJoin('account', 'account.id', 'account_consumer.account')
    .select('account.id')
    .where('consumer', '=', given.consumer)
    .where('waits', '=', 1)
    .where('account.configured', '=', 1)
    .limit(1),
);

/** Whether any configured account waits with its rotations while the consumer is unhealthy. */
export async function isWaitedFor(session: Session, given: { readonly consumer: string }): Promise<boolean> {
  return (await session.all(anyWaits, given)).length > 0;
}

const behind = statement((db, _given: Record<never, never>) =>
  db
    .selectFrom('account_consumer')
    .innerJoin('account', 'account.id', 'account_consumer.account')
    .select((eb) => eb.fn.count<number>('account_consumer.account').distinct().as('count'))
    // A literal, because the index is of these rows alone.
    .where((eb) => eb('behind', '=', eb.lit(1)))
    .where('account.configured', '=', 1),
);

/** How many accounts have a consumer that has not taken up what its target holds. */
export async function countBehind(session: Session): Promise<number> {
  const [row] = await session.all(behind, {});
  return row?.count ?? 0;
}
