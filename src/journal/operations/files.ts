/** Configuration files as they were applied, and the accounts that left them. */
import { padded, statement, type Session } from '../statement.ts';
import { poke } from './poke.ts';

/** Of a file that is being applied: equal to no file's hash, so that a crash leaves it to be applied again. */
const UNFINISHED = '';

const all = statement((db, _given: Record<never, never>) =>
  db.selectFrom('file').select(['path', 'hash', 'accounts']).orderBy('path'),
);

export interface AppliedFile {
  readonly path: string;
  /** Absent: it was not applied to the end. */
  readonly hash?: string;
  readonly accounts: number;
}

/** All files of the configuration that was applied last. */
export async function files(session: Session): Promise<readonly AppliedFile[]> {
  const rows = await session.all(all, {});
  return rows.map(({ path, hash, accounts }) => ({
    path,
    accounts,
    ...(hash === UNFINISHED ? {} : { hash }),
  }));
}

const put = statement(
  (
    db,
    given: {
      readonly path: string;
      readonly hash: string;
      readonly accounts: number;
      readonly at: number;
    },
  ) =>
    db
      .insertInto('file')
      .values(given)
      .onConflict((conflict) =>
        conflict.column('path').doUpdateSet((eb) => ({
          hash: eb.ref('excluded.hash'),
          accounts: eb.ref('excluded.accounts'),
          at: eb.ref('excluded.at'),
        })),
      ),
);

const unfinish = statement((db, given: { readonly path: string; readonly at: number }) =>
  db
    .insertInto('file')
    .values({ ...given, hash: UNFINISHED, accounts: 0 })
    .onConflict((conflict) => conflict.column('path').doUpdateSet({ hash: UNFINISHED })),
);

/**
 * Marks these files as unfinished, before anything of them is written: an account may move between any two of them, and
 * if the process dies half-way, all of them have to be read again, even where they are changed back.
 */
export async function beginFiles(
  session: Session,
  given: { readonly paths: readonly string[]; readonly now: number },
): Promise<void> {
  for (const path of given.paths) await session.all(unfinish, { path, at: given.now });
}

/** The file is applied to its end. */
export async function endFile(
  session: Session,
  given: { readonly path: string; readonly hash: string; readonly accounts: number; readonly now: number },
): Promise<void> {
  const { now, ...file } = given;
  await session.all(put, { ...file, at: now });
}

const drop = statement((db, given: { readonly path: string }) =>
  db.deleteFrom('file').where('path', '=', given.path),
);

/** The file is no longer part of the configuration, and all of its accounts have left. */
export async function dropFile(session: Session, given: { readonly path: string }): Promise<void> {
  await session.all(drop, given);
}

const page = statement(
  (db, given: { readonly path: string; readonly after: number; readonly limit: number }) =>
    db
      .selectFrom('account')
      .select('id')
      .where('file', '=', given.path)
      .where('configured', '=', 1)
      .where('id', '>', given.after)
      .orderBy('id')
      .limit(given.limit),
);

/** Ids of the configured accounts of a file, in order. */
export async function fileAccounts(
  session: Session,
  given: { readonly path: string; readonly after: number; readonly limit: number },
): Promise<readonly number[]> {
  return (await session.all(page, given)).map(({ id }) => id);
}

const unconfigure = statement((db, given: { readonly accounts: readonly number[] }) =>
  db.updateTable('account').set({ configured: 0 }).where('id', 'in', given.accounts),
);

/** These accounts have left the configuration: their last policy stays until nothing is left to do for them. */
export async function leave(
  session: Session,
  given: { readonly accounts: readonly number[]; readonly now: number },
): Promise<void> {
  if (given.accounts.length === 0) return;
  await session.all(unconfigure, { accounts: padded(given.accounts) });
  await poke(session, given);
}
