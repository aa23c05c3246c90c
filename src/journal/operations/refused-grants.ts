/** How many mints may follow from refused credentials: each is asked for here, and those of the last hour are counted. */
import { LIMITS } from '../../domain/limits.ts';
import { refusedMintsAtMost } from '../../domain/refusal.ts';
import type { Grant } from '../../domain/situation.ts';
import { statement, type Session } from '../statement.ts';
import { lanesOf } from './claim.ts';

interface GrantGiven {
  readonly provider: string;
  readonly account: number;
  readonly now: number;
}

/** Whoever asks for the same provider at the same time waits here until the other's transaction has ended. */
const takeTurn = statement((db, given: { readonly name: string }) =>
  db
    .insertInto('counter')
    .values({ name: given.name, value: 1 })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({ value: eb('counter.value', '+', 1) })),
    ),
);

const dropOld = statement((db, given: { readonly before: number }) =>
  db.deleteFrom('refused_grant').where('at', '<=', given.before),
);

/** What was granted in the future was so now at the latest: the clock was put back since, and it would count until then. */
const dateAnew = statement(
  (db, given: { readonly provider: string; readonly now: number; readonly ahead: number }) =>
    db
      .updateTable('refused_grant')
      .set({ at: given.now })
      .where('provider', '=', given.provider)
      .where('at', '>', given.ahead),
);

const lately = statement((db, given: { readonly provider: string }) =>
  db.selectFrom('refused_grant').select('at').where('provider', '=', given.provider).orderBy('at'),
);

const add = statement((db, given: GrantGiven) =>
  db.insertInto('refused_grant').values({ provider: given.provider, account: given.account, at: given.now }),
);

const configuredIn = statement((db, given: { readonly provider: string; readonly priority: number }) =>
  db
    .selectFrom('account')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('provider', '=', given.provider)
    .where('priority', '=', given.priority)
    .where('wake_at', 'is not', null)
    .where('configured', '=', 1),
);

/** Counts one more if it is within the limit, and answers whether it is. */
export async function grantRefused(session: Session, given: GrantGiven): Promise<Grant> {
  const { provider, now } = given;
  const perMs = LIMITS.refusedMintsPerMs;
  await session.all(takeTurn, { name: `refused-grant ${provider}` });
  await session.all(dropOld, { before: now - perMs });
  await session.all(dateAnew, { provider, now, ahead: now + LIMITS.clockSkewMs });
  const rows = await session.all(lately, { provider });
  const atMost = refusedMintsAtMost(await accountsOf(session, provider));
  const granted = rows.length < atMost;
  if (granted) await session.all(add, given);
  const oldest = rows[0]?.at ?? now;
  return { granted, lastHour: rows.length, atMost, until: Math.min(now, oldest) + perMs };
}

/** From the index of those that wake, which all that are in use do: it costs little at any number. */
async function accountsOf(session: Session, provider: string): Promise<number> {
  let accounts = 0;
  for (const lane of await lanesOf(session, [])) {
    if (lane.provider !== provider) continue;
    const [row] = await session.all(configuredIn, { ...lane });
    accounts += row?.count ?? 0;
  }
  return accounts;
}
