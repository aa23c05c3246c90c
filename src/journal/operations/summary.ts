/** Counts over configured accounts, each from an index, so that they cost little at any number. */
import { HOLDS } from '../../domain/hold.ts';
import type { HoldKind } from '../../domain/hold.ts';
import { padded, statement, type Session } from '../statement.ts';
import { lanesOf } from './claim.ts';
import { countBehind } from './consumers.ts';
import { shared } from './holds.ts';

const accounts = statement((db, _given: Record<never, never>) =>
  db.selectFrom('file').select((eb) => eb.fn.sum<number | null>('accounts').as('count')),
);

const notConverged = statement((db, _given: Record<never, never>) =>
  db
    .selectFrom('account')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    // Literals, because the index is of these rows alone.
    .where((eb) => eb.and([eb('configured', '=', eb.lit(1)), eb('converged', '=', eb.lit(0))])),
);

const held = statement((db, _given: Record<never, never>) =>
  db
    .selectFrom('hold')
    .innerJoin('account', 'account.id', 'hold.account')
    .select((eb) => ['hold.kind', eb.fn.count<number>('hold.account').distinct().as('count')])
    .where('account.configured', '=', 1)
    .groupBy('hold.kind'),
);

const ofProviders = statement((db, given: { readonly subjects: readonly string[] }) =>
  db
    .selectFrom('account')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('configured', '=', 1)
    .where('provider', 'in', given.subjects),
);

const ofStores = statement((db, given: { readonly subjects: readonly string[] }) =>
  db
    .selectFrom('account_target')
    .innerJoin('account', 'account.id', 'account_target.account')
    .select((eb) => eb.fn.count<number>('account_target.account').distinct().as('count'))
    .where('account.configured', '=', 1)
    .where('account_target.store', 'in', given.subjects),
);

const ofConsumers = statement((db, given: { readonly subjects: readonly string[] }) =>
  db
    .selectFrom('account_consumer')
    .innerJoin('account', 'account.id', 'account_consumer.account')
    .select((eb) => eb.fn.count<number>('account_consumer.account').distinct().as('count'))
    .where('account.configured', '=', 1)
    .where('account_consumer.consumer', 'in', given.subjects)
    .where('account_consumer.waits', '=', 1),
);

/** The accounts that holds of a scope stop. */
const STOPPED = { store: ofStores, consumer: ofConsumers, provider: ofProviders } as const;

/** How many accounts each kind of shared hold stops. Looked up only while there are any. */
async function heldTogether(session: Session, all: number): Promise<readonly (readonly [string, number])[]> {
  const counts: (readonly [string, number])[] = [];
  for (const [kind, holds] of Map.groupBy(await shared(session), (hold) => hold.kind)) {
    const { scope } = HOLDS[kind as HoldKind];
    const subjects = padded(holds.map(({ subject }) => subject));
    const counted = scope === 'store' || scope === 'consumer' ? STOPPED[scope] : STOPPED.provider;
    if (scope === 'all') counts.push([kind, all]);
    else {
      const [row] = await session.all(counted, { subjects });
      counts.push([kind, row?.count ?? 0]);
    }
  }
  return counts;
}

const overdue = statement(
  (db, given: { readonly provider: string; readonly priority: number; readonly now: number }) =>
    db
      .selectFrom('account')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('provider', '=', given.provider)
      .where('priority', '=', given.priority)
      .where('wake_at', '<=', given.now)
      .where('configured', '=', 1),
);

export interface Summary {
  readonly accounts: number;
  readonly overdue: number;
  readonly held: Readonly<Record<string, number>>;
  readonly notConverged: number;
  readonly consumersBehind: number;
}

/** Overdue: due at `now` and claimed by nobody, or claimed by somebody whose lease has run out. */
export async function summary(session: Session, given: { readonly now: number }): Promise<Summary> {
  let late = 0;
  for (const lane of await lanesOf(session, [])) {
    const [row] = await session.all(overdue, { ...lane, now: given.now });
    late += row?.count ?? 0;
  }
  const [all] = await session.all(accounts, {});
  const [behind] = await session.all(notConverged, {});
  const kinds = (await session.all(held, {})).map(({ kind, count }) => [kind, count] as const);
  return {
    accounts: all?.count ?? 0,
    overdue: late,
    held: Object.fromEntries([...kinds, ...(await heldTogether(session, all?.count ?? 0))]),
    notConverged: behind?.count ?? 0,
    consumersBehind: await countBehind(session),
  };
}
