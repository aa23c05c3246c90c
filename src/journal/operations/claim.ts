/** Claims: who works on an account, under which fence, until when; and when the next account is to be looked at. */
import { padded, statement, type Session } from '../statement.ts';
import { released } from './released.ts';
import { holdsOf, shared } from './holds.ts';
import { waitingRequests } from './requests.ts';
import { ACCOUNT_COLUMNS, type ClaimText, type SharedText } from './rows.ts';

/**
 * Accounts of one provider and one priority. There are few lanes, and within each the index hands out the accounts in
 * the order in which they wake: neither a saturated provider nor a million accounts that wake later are walked over.
 */
export interface Lane {
  readonly provider: string;
  readonly priority: number;
}

const PRIORITY_MIN = -(2 ** 31);

const nextLane = statement((db, given: { readonly provider: string; readonly priority: number }) =>
  db
    .selectFrom('account')
    .select(['provider', 'priority'])
    .where('wake_at', 'is not', null)
    .where((eb) => eb(eb.refTuple('provider', 'priority'), '>=', eb.tuple(given.provider, given.priority)))
    .orderBy('provider')
    .orderBy('priority')
    .limit(1),
);

/** The lanes in which anything wakes at all. */
export async function lanesOf(
  session: Session,
  exceptProviders: readonly string[],
): Promise<readonly Lane[]> {
  const lanes: Lane[] = [];
  let least: Lane = { provider: '', priority: PRIORITY_MIN };
  for (;;) {
    const [lane] = await session.all(nextLane, { ...least });
    if (lane === undefined) return lanes;
    least = { provider: lane.provider, priority: lane.priority + 1 };
    if (!exceptProviders.includes(lane.provider)) lanes.push(lane);
  }
}

/** The accounts of one lane that are due, longest first. */
export const dueIn = statement(
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
      .select(['id', 'wake_at'])
      .where('provider', '=', given.provider)
      .where('priority', '=', given.priority)
      .where('wake_at', '<=', given.now)
      .orderBy('wake_at')
      .limit(given.limit),
);

/** The ids of the accounts that are due: highest priority first, as it is in the row, then longest due. */
async function dueAccounts(session: Session, given: ClaimGiven): Promise<readonly number[]> {
  const lanes = await lanesOf(session, given.exceptProviders);
  const priorities = [...new Set(lanes.map((lane) => lane.priority))].toSorted((a, b) => b - a);
  const chosen: number[] = [];
  for (const priority of priorities) {
    const limit = given.limit - chosen.length;
    if (limit === 0) break;
    const due: { readonly id: number; readonly wakeAt: number }[] = [];
    for (const lane of lanes) {
      if (lane.priority !== priority) continue;
      const rows = await session.all(dueIn, { ...lane, now: given.now, limit });
      due.push(...rows.map((row) => ({ id: row.id, wakeAt: row.wake_at ?? 0 })));
    }
    due.sort((a, b) => a.wakeAt - b.wakeAt);
    chosen.push(...due.slice(0, limit).map(({ id }) => id));
  }
  return chosen;
}

export interface ClaimGiven {
  readonly holder: string;
  readonly now: number;
  readonly leaseUntil: number;
  readonly limit: number;
  readonly exceptProviders: readonly string[];
}

const take = statement(
  (
    db,
    given: {
      readonly accounts: readonly number[];
      readonly holder: string;
      readonly now: number;
      readonly leaseUntil: number;
    },
  ) =>
    db
      .updateTable('account')
      .set((eb) => ({
        holder: given.holder,
        fence: eb('fence', '+', 1),
        lease_until: given.leaseUntil,
        wake_at: given.leaseUntil,
        pokes_claimed: eb.ref('pokes'),
        policy_claimed: eb.ref('policy_version'),
      }))
      .where('id', 'in', given.accounts)
      // Where several replicas choose at once, the later one finds the row leased and leaves it.
      .where('wake_at', '<=', given.now)
      .returning([...ACCOUNT_COLUMNS, 'fence']),
);

/** Claims accounts that are due. A lease that has run out has woken its account and may be taken over. */
export async function claim(
  session: Session,
  given: ClaimGiven,
): Promise<{ readonly claims: readonly ClaimText[]; readonly shared: SharedText }> {
  const accounts = await dueAccounts(session, given);
  if (accounts.length === 0) return { claims: [], shared: [] };
  const taken = await session.all(take, {
    accounts: padded(accounts),
    holder: given.holder,
    now: given.now,
    leaseUntil: given.leaseUntil,
  });
  const byId = new Map(taken.map((row) => [row.id, row]));
  const ids = accounts.filter((id) => byId.has(id));
  const holds = await holdsOf(session, ids);
  const requests = await waitingRequests(session, ids);
  const claims = ids.flatMap((id) => {
    const row = byId.get(id);
    if (row === undefined) return [];
    return [
      { ...row, leaseUntil: given.leaseUntil, holds: holds.get(id) ?? [], requests: requests.get(id) ?? [] },
    ];
  });
  return { claims, shared: await shared(session) };
}

const lengthen = statement(
  (db, given: { readonly account: number; readonly fence: number; readonly leaseUntil: number }) =>
    db
      .updateTable('account')
      .set({ lease_until: given.leaseUntil, wake_at: given.leaseUntil })
      .where('id', '=', given.account)
      .where('fence', '=', given.fence)
      .where('lease_until', 'is not', null)
      .returning('id'),
);

/** Lengthens leases that are still held under their fence; answers which. */
export async function renew(
  session: Session,
  given: {
    readonly claims: readonly { readonly account: number; readonly fence: number }[];
    readonly leaseUntil: number;
  },
): Promise<readonly number[]> {
  const held: number[] = [];
  for (const { account, fence } of given.claims) {
    const [row] = await session.all(lengthen, { account, fence, leaseUntil: given.leaseUntil });
    if (row !== undefined) held.push(row.id);
  }
  return held;
}

const firstWake = statement((db, given: { readonly provider: string; readonly priority: number }) =>
  db
    .selectFrom('account')
    .select('wake_at')
    .where('provider', '=', given.provider)
    .where('priority', '=', given.priority)
    .where('wake_at', 'is not', null)
    .orderBy('wake_at')
    .limit(1),
);

/** When the next account is to be looked at: due and unclaimed, or its lease at an end. */
export async function nextDueAt(
  session: Session,
  given: { readonly exceptProviders: readonly string[] },
): Promise<number | undefined> {
  let next: number | undefined;
  for (const lane of await lanesOf(session, given.exceptProviders)) {
    const [first] = await session.all(firstWake, { ...lane });
    const wakeAt = first?.wake_at ?? undefined;
    if (wakeAt !== undefined && (next === undefined || wakeAt < next)) next = wakeAt;
  }
  return next;
}

interface ReleaseGiven {
  readonly account: number;
  readonly fence: number;
  readonly dueAt: number;
  readonly dueWhy: string;
}

const giveBack = statement((db, given: ReleaseGiven) =>
  db
    .updateTable('account')
    .set((eb) => ({
      due_at: given.dueAt,
      due_why: given.dueWhy,
      ...released(eb, given.dueAt),
    }))
    .where('id', '=', given.account)
    .where('fence', '=', given.fence)
    .where('lease_until', 'is not', null),
);

/** Gives one claim back without a commit. */
export async function release(session: Session, given: ReleaseGiven): Promise<void> {
  await session.all(giveBack, given);
}

const giveAllBack = statement((db, given: { readonly now: number }) =>
  db
    .updateTable('account')
    .set({ holder: null, lease_until: null, wake_at: given.now })
    .where('lease_until', 'is not', null),
);

/**
 * Gives back every claim. Only for whoever holds the whole journal and knows by that that no other holder lives: what a
 * dead process was working on is due at once, under a new fence.
 */
export async function releaseAll(session: Session, given: { readonly now: number }): Promise<void> {
  await session.all(giveAllBack, given);
}
