/** Who is due, without claiming anybody: so that a look at some accounts can take in those who come next. */
import { dueIn, lanesOf } from './claim.ts';
import { padded, statement, type Session } from '../statement.ts';

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
    const rows = await session.all(dueIn, { ...lane, now: given.now, limit });
    ids.push(...rows.map(({ id }) => id));
  }
  if (ids.length === 0) return [];
  const rows = await session.all(keysOf, { accounts: padded(ids) });
  return rows.map(({ key }) => key);
}
