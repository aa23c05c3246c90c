/** What each provider's list showed when it was last listed: one document a provider, written only when it changes. */
import { statement, type Session } from '../statement.ts';

interface FoundGiven {
  readonly provider: string;
  /** JSON of `FoundAccount[]`. */
  readonly accounts: string;
  readonly at: number;
}

const all = statement((db, _given: Record<never, never>) =>
  db.selectFrom('found').select(['provider', 'accounts']).orderBy('provider'),
);

export async function found(
  session: Session,
): Promise<readonly { readonly provider: string; readonly accounts: string }[]> {
  return await session.all(all, {});
}

const put = statement((db, given: FoundGiven) =>
  db
    .insertInto('found')
    .values(given)
    .onConflict((conflict) =>
      conflict
        .column('provider')
        .doUpdateSet((eb) => ({ accounts: eb.ref('excluded.accounts'), at: eb.ref('excluded.at') })),
    ),
);

export async function keepFound(session: Session, given: FoundGiven): Promise<void> {
  await session.all(put, given);
}
