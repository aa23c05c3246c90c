/** What happened: rotations with their steps and facts, and an account's facts. Newest first, paged by key. */
import type { RotationTable, StepTable } from '../schema.ts';
import { statement, type Session } from '../statement.ts';

const rotationPage = statement(
  (
    db,
    given: {
      readonly account: number | undefined;
      readonly before: string | undefined;
      readonly limit: number;
    },
  ) => {
    let query = db.selectFrom('rotation').selectAll().orderBy('id', 'desc').limit(given.limit);
    if (given.account !== undefined) query = query.where('account', '=', given.account);
    if (given.before !== undefined) query = query.where('id', '<', given.before);
    return query;
  },
);

const accountId = statement((db, given: { readonly name: string }) =>
  db
    .selectFrom('account')
    .select('id')
    .where('name', '=', given.name)
    .orderBy('configured', 'desc')
    .orderBy('id', 'desc')
    .limit(1),
);

/** Rotations older than `before`, of one account or of all. Their ids sort by the time of their opening. */
export async function rotations(
  session: Session,
  given: {
    readonly account: string | undefined;
    readonly before: string | undefined;
    readonly limit: number;
  },
): Promise<readonly RotationTable[]> {
  const { before, limit } = given;
  if (given.account === undefined) return session.all(rotationPage, { account: undefined, before, limit });
  const [found] = await session.all(accountId, { name: given.account });
  return found === undefined ? [] : session.all(rotationPage, { account: found.id, before, limit });
}

const oneRotation = statement((db, given: { readonly id: string }) =>
  db.selectFrom('rotation').selectAll().where('id', '=', given.id),
);

const stepsOf = statement((db, given: { readonly id: string }) =>
  db
    .selectFrom('step')
    .selectAll()
    .where('rotation', '=', given.id)
    .orderBy('started_at')
    .orderBy('step')
    .orderBy('target'),
);

const factsOf = statement((db, given: { readonly id: string }) =>
  db.selectFrom('fact').select('body').where('rotation', '=', given.id).orderBy('sequence'),
);

export interface RotationText {
  readonly rotation: RotationTable;
  readonly steps: readonly StepTable[];
  /** JSON text of each, oldest first. */
  readonly facts: readonly string[];
}

/** One rotation with all that is kept of it. */
export async function rotation(
  session: Session,
  given: { readonly id: string },
): Promise<RotationText | undefined> {
  const [found] = await session.all(oneRotation, given);
  if (found === undefined) return undefined;
  const facts = await session.all(factsOf, given);
  return {
    rotation: found,
    steps: await session.all(stepsOf, given),
    facts: facts.map(({ body }) => body),
  };
}

const factPage = statement(
  (db, given: { readonly account: number; readonly before: number; readonly limit: number }) =>
    db
      .selectFrom('fact')
      .select(['version', 'body'])
      .where('account', '=', given.account)
      .where('version', '<', given.before)
      .orderBy('version', 'desc')
      .limit(given.limit),
);

export interface FactText {
  readonly version: number;
  readonly body: string;
}

/** Facts of an account with a version below `before`. */
export async function facts(
  session: Session,
  given: { readonly account: string; readonly before: number; readonly limit: number },
): Promise<readonly FactText[]> {
  const [found] = await session.all(accountId, { name: given.account });
  if (found === undefined) return [];
  return session.all(factPage, { account: found.id, before: given.before, limit: given.limit });
}

const newest = statement((db, _given: Record<never, never>) =>
  db.selectFrom('fact').select('at').orderBy('sequence', 'desc').limit(1),
);

/** When the newest fact was noted. */
export async function newestAt(session: Session): Promise<number | undefined> {
  const [found] = await session.all(newest, {});
  return found?.at;
}
