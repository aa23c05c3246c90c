/** Holds: those of accounts and targets, and those that accounts share, whose lifting makes accounts due. */
import type { HoldScope } from '../../domain/hold.ts';
import type { HoldTable, SharedHoldTable } from '../schema.ts';
import { padded, statement, type Session } from '../statement.ts';
import { dropMintEnds } from './mint-ends.ts';
import { poke } from './poke.ts';

/** How many accounts are poked at once after a hold was lifted. */
const WAKE_PAGE = 500;

const ofAccounts = statement((db, given: { readonly accounts: readonly number[] }) =>
  db
    .selectFrom('hold')
    .selectAll()
    .where('account', 'in', given.accounts)
    .orderBy('account')
    .orderBy('kind')
    .orderBy('target'),
);

/** The holds of these accounts and their targets, by account. */
export async function holdsOf(
  session: Session,
  accounts: readonly number[],
): Promise<ReadonlyMap<number, readonly HoldTable[]>> {
  if (accounts.length === 0) return new Map();
  return Map.groupBy(await session.all(ofAccounts, { accounts: padded(accounts) }), (hold) => hold.account);
}

const allShared = statement((db, _given: Record<never, never>) =>
  db.selectFrom('shared_hold').selectAll().orderBy('kind').orderBy('subject'),
);

/** The holds that accounts share. */
export function shared(session: Session): Promise<readonly SharedHoldTable[]> {
  return session.all(allShared, {});
}

const replace = statement((db, given: { readonly hold: SharedHoldTable }) =>
  db
    .insertInto('shared_hold')
    .values(given.hold)
    .onConflict((conflict) =>
      conflict.columns(['kind', 'subject']).doUpdateSet((eb) => ({
        since: eb.ref('excluded.since'),
        until: eb.ref('excluded.until'),
        by: eb.ref('excluded.by'),
        reason: eb.ref('excluded.reason'),
      })),
    ),
);

/** Sets a hold that accounts share, or replaces it. */
export async function hold(session: Session, given: SharedHoldTable): Promise<void> {
  await session.all(replace, { hold: given });
}

const remove = statement((db, given: { readonly kind: string; readonly subject: string }) =>
  db
    .deleteFrom('shared_hold')
    .where('kind', '=', given.kind)
    .where('subject', '=', given.subject)
    .returningAll(),
);

type Whom = { readonly scope: string; readonly subject: string; readonly at: number };

/** One that nobody was poked for yet serves this time as well. */
const rememberAgain = statement((db, { scope, subject, at }: Whom) =>
  db
    .updateTable('waking')
    .set({ at })
    .where('scope', '=', scope)
    .where('subject', '=', subject)
    .where('account', '=', 0)
    .returning('id'),
);

const rememberFirst = statement((db, given: Whom) =>
  db.insertInto('waking').values({ ...given, account: 0 }),
);

/** A hold may come and go faster than the accounts that it stops can be poked: at most one round of them waits behind the one under way. */
async function remember(session: Session, whom: Whom): Promise<void> {
  const again = await session.all(rememberAgain, whom);
  if (again.length === 0) await session.all(rememberFirst, whom);
}

/**
 * Lifts a shared hold, and writes down in the same commit that the accounts it stopped are to be poked: they may be too
 * many for one commit, and none may be forgotten when the process dies half-way.
 */
export async function lift(
  session: Session,
  given: {
    readonly kind: string;
    readonly subject: string;
    readonly scope: HoldScope;
    readonly now: number;
  },
): Promise<SharedHoldTable | undefined> {
  const [lifted] = await session.all(remove, { kind: given.kind, subject: given.subject });
  if (lifted === undefined) return undefined;
  if (given.kind === 'frozen') await dropMintEnds(session, { provider: given.subject });
  await remember(session, { scope: given.scope, subject: given.subject, at: given.now });
  await wake(session);
  return lifted;
}

/** All accounts are to be poked, as when a hold of all is lifted. */
export async function wakeAll(session: Session, given: { readonly now: number }): Promise<void> {
  await remember(session, { scope: 'all', subject: '', at: given.now });
  await wake(session);
}

const nextWaking = statement((db, _given: Record<never, never>) =>
  db.selectFrom('waking').selectAll().orderBy('id').limit(1),
);

const moveWaking = statement((db, given: { readonly id: number; readonly account: number }) =>
  db.updateTable('waking').set({ account: given.account }).where('id', '=', given.id),
);

const endWaking = statement((db, given: { readonly id: number }) =>
  db.deleteFrom('waking').where('id', '=', given.id),
);

/** Pokes the next page of the accounts that a lifted hold stopped. Answers whether there are more. */
export async function wake(session: Session): Promise<boolean> {
  const [waking] = await session.all(nextWaking, {});
  if (waking === undefined) return false;
  const stopped = await session.all(STOPPED[waking.scope as HoldScope], {
    subject: waking.subject,
    after: waking.account,
    limit: WAKE_PAGE,
  });
  await poke(session, { accounts: stopped.map(({ id }) => id), now: waking.at });
  const last = stopped.at(-1);
  if (last === undefined || stopped.length < WAKE_PAGE) await session.all(endWaking, { id: waking.id });
  else await session.all(moveWaking, { id: waking.id, account: last.id });
  return true;
}

type Page = { readonly subject: string; readonly after: number; readonly limit: number };

const ofStore = statement((db, given: Page) =>
  db
    .selectFrom('account_target')
    .select('account as id')
    .distinct()
    .where('store', '=', given.subject)
    .where('account', '>', given.after)
    .orderBy('account')
    .limit(given.limit),
);

const ofProvider = statement((db, given: Page) =>
  db
    .selectFrom('account')
    .select('id')
    .where('provider', '=', given.subject)
    .where('id', '>', given.after)
    .orderBy('id')
    .limit(given.limit),
);

const ofConsumer = statement((db, given: Page) =>
  db
    .selectFrom('account_consumer')
    .select('account as id')
    .where('consumer', '=', given.subject)
    .where('account', '>', given.after)
    .orderBy('account')
    .limit(given.limit),
);

const ofAll = statement((db, given: Page) =>
  db.selectFrom('account').select('id').where('id', '>', given.after).orderBy('id').limit(given.limit),
);

/** Which accounts a hold stops, by its scope. */
const STOPPED: Record<HoldScope, typeof ofAll> = {
  store: ofStore,
  provider: ofProvider,
  consumer: ofConsumer,
  all: ofAll,
  // Holds of these scopes are written by the account's own commit and never lifted here.
  account: ofAll,
  target: ofAll,
};
