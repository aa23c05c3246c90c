/** Who is due, without claiming anybody: so that a look at some accounts can take in those who come next. */
import { lanesOf } from './claim.ts';
import { padded, statement, type Session } from '../statement.ts';

const dueIds = statement(
  (
    db,
    given: {
      readonly provider: string;
      readonly priority: number;
      readonly now: number;
      readonly limit: number;
    },
  ) =>
    db
      .selectFrom('account')
      .select('id')
      .where('provider', '=', given.provider)
      .where('priority', '=', given.priority)
      .where('wake_at', '<=', given.now)
      .orderBy('wake_at')
      .limit(given.limit),
);

const keysOf = statement((db, given: { readonly accounts: readonly number[] }) =>
  db.selectFrom('account_key').select('key').where('account', 'in', given.accounts),
);

/** Their keys, as they are kept. */
export async function dueKeys(
  session: Session,
  given: { readonly provider: string; readonly now: number; readonly limit: number },
): Promise<readonly string[]> {
  const lanes = (await lanesOf(session, [])).filter((lane) => lane.provider === given.provider);
  const ids: number[] = [];
  for (const lane of lanes.toSorted((one, other) => other.priority - one.priority)) {
    const limit = given.limit - ids.length;
    if (limit <= 0) break;
    const rows = await session.all(dueIds, { ...lane, now: given.now, limit });
    ids.push(...rows.map(({ id }) => id));
  }
  if (ids.length === 0) return [];
  const rows = await session.all(keysOf, { accounts: padded(ids) });
  return rows.map(({ key }) => key);
}
