/** Requests: what somebody asked for, kept until whoever holds the account has answered. */
import type { RequestTable } from '../schema.ts';
import { padded, statement, type Session } from '../statement.ts';
import { poke } from './poke.ts';

const waiting = statement((db, given: { readonly accounts: readonly number[] }) =>
  db
    .selectFrom('request')
    .selectAll()
    .where('account', 'in', given.accounts)
    .where('state', '=', 'waiting')
    .orderBy('at')
    .orderBy('id'),
);

/** Unanswered requests by account, oldest first. */
export async function waitingRequests(
  session: Session,
  accounts: readonly number[],
): Promise<ReadonlyMap<number, readonly RequestTable[]>> {
  if (accounts.length === 0) return new Map();
  return Map.groupBy(
    await session.all(waiting, { accounts: padded(accounts) }),
    (request) => request.account,
  );
}

/** A request before anything is known of its answer. */
export type RequestGiven = Pick<
  RequestTable,
  'id' | 'account' | 'does' | 'target' | 'actor' | 'reason' | 'at'
>;

const add = statement((db, given: { readonly request: RequestGiven }) =>
  db
    .insertInto('request')
    .values({ ...given.request, state: 'waiting' })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('account'),
);

const byIds = statement((db, given: { readonly ids: readonly string[] }) =>
  db.selectFrom('request').selectAll().where('id', 'in', given.ids),
);

/** Adds those that are not known yet and pokes their accounts. Answers all of them as they are now. */
export async function request(
  session: Session,
  given: { readonly requests: readonly RequestGiven[]; readonly now: number },
): Promise<readonly RequestTable[]> {
  if (given.requests.length === 0) return [];
  const accounts: number[] = [];
  for (const one of given.requests) {
    const [added] = await session.all(add, { request: one });
    if (added !== undefined) accounts.push(added.account);
  }
  await poke(session, { accounts, now: given.now });
  return session.all(byIds, { ids: padded(given.requests.map(({ id }) => id)) });
}

/** Those of these ids that are known. */
export async function requestStates(
  session: Session,
  given: { readonly ids: readonly string[] },
): Promise<readonly RequestTable[]> {
  return session.all(byIds, { ids: padded(given.ids) });
}

/** One request, if it is known. */
export async function requestState(
  session: Session,
  given: { readonly id: string },
): Promise<RequestTable | undefined> {
  const [found] = await session.all(byIds, { ids: [given.id] });
  return found;
}

/** An answer to a request. */
export interface Answer {
  readonly id: string;
  readonly account: number;
  readonly state: 'taken' | 'refused';
  readonly rotation: string | null;
  readonly why: string | null;
}

const settle = statement((db, given: Answer) =>
  db
    .updateTable('request')
    .set({ state: given.state, rotation: given.rotation, why: given.why })
    .where('id', '=', given.id)
    .where('account', '=', given.account),
);

/** Writes down that a request was answered, and how. */
export async function answer(session: Session, given: Answer): Promise<void> {
  await session.all(settle, given);
}
