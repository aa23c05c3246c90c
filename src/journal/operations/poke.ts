/** A poke makes an account due without touching when and why it would have been due anyway. */
import { padded, statement, type Session } from '../statement.ts';

const pokeAll = statement((db, given: { readonly accounts: readonly number[]; readonly now: number }) =>
  db
    .updateTable('account')
    .set((eb) => ({
      pokes: eb('pokes', '+', 1),
      poked_at: given.now,
      wake_at: eb
        .case()
        .when(
          eb.or([
            eb('lease_until', 'is', null).and('wake_at', 'is', null),
            eb('lease_until', 'is', null).and('wake_at', '>', given.now),
          ]),
        )
        .then(given.now)
        .else(eb.ref('wake_at'))
        .end(),
    }))
    .where('id', 'in', given.accounts),
);

/** Makes these accounts due; those that are claimed, as soon as their claim is given back. */
export async function poke(
  session: Session,
  given: { readonly accounts: readonly number[]; readonly now: number },
): Promise<void> {
  if (given.accounts.length === 0) return;
  // One poke an account, though padding names the last one several times: `in` counts it once.
  await session.all(pokeAll, { accounts: padded(given.accounts), now: given.now });
}
