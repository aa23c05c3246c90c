/** Forgetting: old facts, closed rotations and answered requests, a piece at a time so that commits go in between. */
import { padded, statement, type Session } from '../statement.ts';

/** Rows looked at by one call. */
const PIECE = 500;

const oldestFacts = statement((db, given: { readonly now: number; readonly limit: number }) =>
  db
    .selectFrom('fact')
    .select(['sequence', 'at'])
    .where('at', '<=', given.now)
    .orderBy('sequence')
    .limit(given.limit),
);

const countFacts = statement((db, given: { readonly through: number }) =>
  db
    .selectFrom('fact')
    .select(({ fn }) => fn.countAll<number>().as('facts'))
    .where('sequence', '<=', given.through),
);

const dropFacts = statement((db, given: { readonly through: number }) =>
  db.deleteFrom('fact').where('sequence', '<=', given.through),
);

/**
 * Drops the next piece of the range of facts that ends before the first one that is not older: never one from the
 * middle, so that what is left is a whole. One that is dated after `now`, by a clock that was ahead, goes with what follows it. Answers
 * how many.
 */
export async function pruneFacts(
  session: Session,
  { before, now }: { readonly before: number; readonly now: number },
): Promise<number> {
  const oldest = await session.all(oldestFacts, { now, limit: PIECE });
  const kept = oldest.findIndex(({ at }) => at >= before);
  const last = (kept === -1 ? oldest : oldest.slice(0, kept)).at(-1);
  if (last === undefined) return 0;
  const range = { through: last.sequence };
  const [count] = await session.all(countFacts, range);
  await session.all(dropFacts, range);
  return count?.facts ?? 0;
}

const closedBefore = statement((db, given: { readonly before: number; readonly limit: number }) =>
  db
    .selectFrom('rotation')
    .select('id')
    .where('closed_at', '<', given.before)
    .orderBy('closed_at')
    .limit(given.limit),
);

const dropSteps = statement((db, given: { readonly rotations: readonly string[] }) =>
  db.deleteFrom('step').where('rotation', 'in', given.rotations),
);

const dropRotations = statement((db, given: { readonly rotations: readonly string[] }) =>
  db.deleteFrom('rotation').where('id', 'in', given.rotations),
);

/** Drops the next piece of the rotations that were closed before then, with their steps. Answers how many. */
export async function pruneRotations(session: Session, given: { readonly before: number }): Promise<number> {
  const old = await session.all(closedBefore, { before: given.before, limit: PIECE });
  if (old.length === 0) return 0;
  const rotations = padded(old.map(({ id }) => id));
  await session.all(dropSteps, { rotations });
  await session.all(dropRotations, { rotations });
  return old.length;
}

const answeredBefore = statement((db, given: { readonly before: number; readonly limit: number }) =>
  db
    .selectFrom('request')
    .select('id')
    .where('at', '<', given.before)
    .where('state', '<>', 'waiting')
    .orderBy('at')
    .limit(given.limit),
);

const dropRequests = statement((db, given: { readonly requests: readonly string[] }) =>
  db.deleteFrom('request').where('id', 'in', given.requests),
);

/** Drops the next piece of the requests that were made before then and answered. Answers how many. */
export async function pruneRequests(session: Session, given: { readonly before: number }): Promise<number> {
  const old = await session.all(answeredBefore, { before: given.before, limit: PIECE });
  if (old.length > 0) await session.all(dropRequests, { requests: padded(old.map(({ id }) => id)) });
  return old.length;
}
