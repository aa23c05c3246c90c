/** Counts over configured accounts, each from an index, so that they cost little at any number. */
import { statement, type Session } from '../statement.ts';
import { lanesOf } from './claim.ts';

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
  const kinds = await session.all(held, {});
  return {
    accounts: all?.count ?? 0,
    overdue: late,
    held: Object.fromEntries(kinds.map(({ kind, count }) => [kind, count])),
    notConverged: behind?.count ?? 0,
  };
}
