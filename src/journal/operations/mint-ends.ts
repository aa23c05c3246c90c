/** How the last mints of each provider ended: kept with the commit that says so, and counted where one failed. */
import { freezeReason, type FreezeLimit } from '../../domain/limits.ts';
import type { MintEndTable, SharedHoldTable } from '../schema.ts';
import { statement, type Session } from '../statement.ts';

export interface MintEndGiven {
  readonly end: Omit<MintEndTable, 'sequence'>;
  readonly message: string;
  readonly limit: FreezeLimit;
}

const put = statement((db, given: { readonly end: MintEndGiven['end'] }) =>
  db
    .insertInto('mint_end')
    .values(given.end)
    .onConflict((conflict) =>
      conflict.columns(['rotation', 'attempt']).doUpdateSet((eb) => ({
        at: eb.ref('excluded.at'),
        failure: eb.ref('excluded.failure'),
      })),
    ),
);

const newest = statement((db, given: { readonly provider: string; readonly limit: number }) =>
  db
    .selectFrom('mint_end')
    .select(['sequence', 'account', 'failure'])
    .where('provider', '=', given.provider)
    .orderBy('sequence', 'desc')
    .limit(given.limit),
);

const dropOlder = statement((db, given: { readonly provider: string; readonly sequence: number }) =>
  db.deleteFrom('mint_end').where('provider', '=', given.provider).where('sequence', '<', given.sequence),
);

/** A hold that is in force already stays as it is. */
const freeze = statement((db, given: { readonly hold: SharedHoldTable }) =>
  db
    .insertInto('shared_hold')
    .values(given.hold)
    .onConflict((conflict) => conflict.columns(['kind', 'subject']).doNothing())
    .returningAll(),
);

/**
 * Keeps how one mint ended, in place of what was known of it before, and forgets what the limit does not reach back to. Where it
 * failed and with it too many have, the provider is frozen; answers that hold.
 */
export async function putMintEnd(
  session: Session,
  { end, message, limit }: MintEndGiven,
): Promise<SharedHoldTable | undefined> {
  const { provider, at } = end;
  await session.all(put, { end });
  const last = await session.all(newest, { provider, limit: limit.of });
  const oldest = last.at(-1);
  if (oldest !== undefined) await session.all(dropOlder, { provider, sequence: oldest.sequence });
  if (end.failure === null) return undefined;
  const reason = freezeReason(last, limit, message);
  if (reason === undefined) return undefined;
  const hold = { kind: 'frozen', subject: provider, since: at, until: null, by: 'rekeyd', reason };
  const [frozen] = await session.all(freeze, { hold });
  return frozen;
}

const drop = statement((db, given: { readonly provider: string }) =>
  db.deleteFrom('mint_end').where('provider', '=', given.provider),
);

/** From now on the provider's mints are counted anew. */
export async function dropMintEnds(session: Session, given: { readonly provider: string }): Promise<void> {
  await session.all(drop, given);
}
