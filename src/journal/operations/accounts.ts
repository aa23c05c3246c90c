/** Reads of accounts: one by its name, the list in windows of names, and counts over all. */
import type { HoldKind, HoldScope } from '../../domain/hold.ts';
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { padded, statement, type Session } from '../statement.ts';
import { holdsOf } from './holds.ts';
import { ACCOUNT_COLUMNS, type AccountText } from './rows.ts';

/** Names looked at by one call: what bounds how long commits wait for it. */
const WINDOW = 1_000;

const byName = statement((db, given: { readonly name: string }) =>
  db
    .selectFrom('account')
    .select(ACCOUNT_COLUMNS)
    .where('name', '=', given.name)
    .orderBy('configured', 'desc')
    .orderBy('id', 'desc')
    .limit(1),
);

/** The account of this name; where several had it, the one that is configured, else the newest. */
export async function account(
  session: Session,
  given: { readonly name: string },
): Promise<AccountText | undefined> {
  const [row] = await session.all(byName, given);
  if (row === undefined) return undefined;
  return { ...row, holds: (await holdsOf(session, [row.id])).get(row.id) ?? [] };
}

/** A place in the order by name; names need not be unique among accounts that left. */
export interface NameKey {
  readonly name: string;
  readonly id: number;
}

export interface WindowGiven {
  readonly after: NameKey;
  readonly limit: number;
  readonly left: boolean;
  readonly provider?: string | undefined;
  readonly names?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly hold?: { readonly kind: HoldKind; readonly scope: HoldScope } | undefined;
  readonly troubledSince?: number | undefined;
}

export interface Window {
  readonly accounts: readonly AccountText[];
  /** Where to go on; absent where the list ends here. */
  readonly next?: NameKey;
}

/** The next accounts that pass the filter within one window of names, which may be none though more follow. */
export async function accountsWindow(session: Session, given: WindowGiven): Promise<Window> {
  const range = {
    name: given.after.name,
    id: given.after.id,
    left: given.left ? 1 : undefined,
    names: given.names === undefined ? undefined : padded(given.names),
  };
  const [end] = await session.all(windowEnd, { ...range, offset: WINDOW - 1 });
  const unheld = given.troubledSince === undefined ? 'none' : 'troubled';
  const passing = await session.all(PASSING[given.hold?.scope ?? unheld], {
    ...range,
    endName: end?.name,
    endId: end?.id,
    provider: given.provider,
    kind: given.hold?.kind,
    since: given.troubledSince,
  });
  const matching = passing.filter((row) => hasLabels(row.labels, given.labels));
  const chosen = matching.slice(0, given.limit);
  const next = matching.length > given.limit ? chosen.at(-1) : end;
  return {
    accounts: await accountsById(
      session,
      chosen.map(({ id }) => id),
    ),
    ...(next === undefined ? {} : { next: { name: next.name, id: next.id } }),
  };
}

function hasLabels(text: string, wanted: Readonly<Record<string, string>> | undefined): boolean {
  if (wanted === undefined) return true;
  const labels = JSON.parse(text) as Readonly<Record<string, string>>;
  return Object.entries(wanted).every(([label, value]) => labels[label] === value);
}

interface Range {
  readonly name: string;
  readonly id: number;
  readonly left: number | undefined;
  readonly names: readonly string[] | undefined;
}

function inRange(db: Kysely<Schema>, given: Range) {
  let query = db
    .selectFrom('account')
    .where((eb) => eb(eb.refTuple('account.name', 'account.id'), '>', eb.tuple(given.name, given.id)))
    .orderBy('account.name')
    .orderBy('account.id');
  if (given.left === undefined) query = query.where('configured', '=', 1);
  if (given.names !== undefined) query = query.where('account.name', 'in', given.names);
  return query;
}

/** Where a window ends, or nothing where the list ends before. */
const windowEnd = statement((db, given: Range & { readonly offset: number }) =>
  inRange(db, given).select(['account.name', 'account.id']).limit(1).offset(given.offset),
);

interface Filtered extends Range {
  readonly endName: string | undefined;
  readonly endId: number | undefined;
  readonly provider: string | undefined;
  readonly kind: string | undefined;
  readonly since: number | undefined;
}

function passing(db: Kysely<Schema>, given: Filtered) {
  const { endName, endId } = given;
  let query = inRange(db, given).select(['account.id', 'account.name', 'account.labels']);
  if (endName !== undefined && endId !== undefined) {
    query = query.where((eb) =>
      eb(eb.refTuple('account.name', 'account.id'), '<=', eb.tuple(endName, endId)),
    );
  }
  if (given.provider !== undefined) query = query.where('account.provider', '=', given.provider);
  return query;
}

const heldByOwn = statement((db, given: Filtered) =>
  passing(db, given).where((eb) =>
    eb.exists(
      eb
        .selectFrom('hold')
        .select('hold.kind')
        .whereRef('hold.account', '=', 'account.id')
        .where('hold.kind', '=', given.kind ?? ''),
    ),
  ),
);

const heldByStore = statement((db, given: Filtered) =>
  passing(db, given).where((eb) =>
    eb.exists(
      eb
        .selectFrom('account_target')
        .innerJoin('shared_hold', 'shared_hold.subject', 'account_target.store')
        .select('account_target.target')
        .whereRef('account_target.account', '=', 'account.id')
        .where('shared_hold.kind', '=', given.kind ?? ''),
    ),
  ),
);

const heldByConsumer = statement((db, given: Filtered) =>
  passing(db, given).where((eb) =>
    eb.exists(
      eb
        .selectFrom('account_consumer')
        .innerJoin('shared_hold', 'shared_hold.subject', 'account_consumer.consumer')
        .select('account_consumer.consumer')
        .whereRef('account_consumer.account', '=', 'account.id')
        .where('account_consumer.waits', '=', 1)
        .where('shared_hold.kind', '=', given.kind ?? ''),
    ),
  ),
);

const heldByProvider = statement((db, given: Filtered) =>
  passing(db, given).where((eb) =>
    eb.exists(
      eb
        .selectFrom('shared_hold')
        .select('shared_hold.kind')
        .whereRef('shared_hold.subject', '=', 'account.provider')
        .where('shared_hold.kind', '=', given.kind ?? ''),
    ),
  ),
);

const heldByAll = statement((db, given: Filtered) =>
  passing(db, given).where((eb) =>
    eb.exists(
      eb
        .selectFrom('shared_hold')
        .select('shared_hold.kind')
        .where('shared_hold.kind', '=', given.kind ?? ''),
    ),
  ),
);

const troubled = statement((db, given: Filtered) =>
  passing(db, given).where((eb) =>
    eb.or([
      eb('account.converged', '=', 0),
      eb('account.wake_at', '<=', given.since ?? 0),
      eb.exists(eb.selectFrom('hold').select('hold.kind').whereRef('hold.account', '=', 'account.id')),
      eb.exists(
        eb
          .selectFrom('shared_hold')
          .select('shared_hold.kind')
          .whereRef('shared_hold.subject', '=', 'account.provider'),
      ),
      eb.exists(
        eb
          .selectFrom('account_target')
          .innerJoin('shared_hold', 'shared_hold.subject', 'account_target.store')
          .select('account_target.target')
          .whereRef('account_target.account', '=', 'account.id'),
      ),
      eb.exists(
        eb
          .selectFrom('account_consumer')
          .innerJoin('shared_hold', 'shared_hold.subject', 'account_consumer.consumer')
          .select('account_consumer.consumer')
          .whereRef('account_consumer.account', '=', 'account.id')
          .where('account_consumer.waits', '=', 1),
      ),
    ]),
  ),
);

/** Which accounts a hold of this scope is in force for, or which are in any trouble. */
const PASSING = {
  none: statement((db, given: Filtered) => passing(db, given)),
  troubled,
  account: heldByOwn,
  target: heldByOwn,
  store: heldByStore,
  provider: heldByProvider,
  consumer: heldByConsumer,
  all: heldByAll,
} as const satisfies Record<HoldScope | 'none' | 'troubled', unknown>;

const byIds = statement((db, given: { readonly ids: readonly number[] }) =>
  db.selectFrom('account').select(ACCOUNT_COLUMNS).where('id', 'in', given.ids).orderBy('name').orderBy('id'),
);

async function accountsById(session: Session, ids: readonly number[]): Promise<readonly AccountText[]> {
  if (ids.length === 0) return [];
  const rows = await session.all(byIds, { ids: padded(ids) });
  const holds = await holdsOf(session, ids);
  return rows.map((row) => ({ ...row, holds: holds.get(row.id) ?? [] }));
}
