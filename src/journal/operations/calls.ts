/** How many calls were made with a credential, by day: a quota outlives the process. */
import { statement, type Session } from '../statement.ts';

interface Calls {
  readonly provider: string;
  readonly caller: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly calls: number;
}

const add = statement((db, given: Calls) =>
  db
    .insertInto('calls')
    .values(given)
    .onConflict((conflict) =>
      conflict
        .columns(['provider', 'caller', 'day'])
        .doUpdateSet((eb) => ({ calls: eb('calls.calls', '+', eb.ref('excluded.calls')) })),
    )
    .returning('calls'),
);

/** Adds to a day's sum and answers it. */
export async function addCalls(session: Session, given: Calls): Promise<number> {
  const [row] = await session.all(add, given);
  return row?.calls ?? given.calls;
}

const dropBefore = statement((db, given: { readonly day: string }) =>
  db.deleteFrom('calls').where('day', '<', given.day),
);

/** Forgets the sums of days before this one. */
export async function dropCalls(session: Session, given: { readonly day: string }): Promise<void> {
  await session.all(dropBefore, given);
}
