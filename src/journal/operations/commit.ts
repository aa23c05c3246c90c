/** The commit: one conditional batch that writes facts, record, holds, history and answers, or nothing. */
import type { Kysely } from 'kysely';
import type { FactTable, HoldTable, RotationTable, Schema, SharedHoldTable, StepTable } from '../schema.ts';
import { chunks, padded, statement, type Session } from '../statement.ts';
import { putJoining, putLag, type JoiningGiven } from './consumers.ts';
import { shared } from './holds.ts';
import { putMintEnd, type MintEndGiven } from './mint-ends.ts';
import { AHEAD, withAhead } from './lanes.ts';
import { released } from './released.ts';
import { answer, type Answer } from './requests.ts';
import type { SharedText } from './rows.ts';

export interface CommitGiven {
  readonly account: number;
  readonly fence: number;
  readonly version: number;
  readonly newVersion: number;
  readonly record: string;
  readonly live: 0 | 1;
  /** Ids of the targets in which the live credential was confirmed. */
  readonly confirmed: readonly string[];
  /** It is claimed before all that are due and do not. */
  readonly goesFirst: boolean;
  readonly dueAt: number | null;
  readonly dueWhy: string | null;
  readonly release: boolean;
  readonly policyNoted: boolean;
  readonly facts: readonly Omit<FactTable, 'sequence'>[];
  readonly holds: readonly HoldTable[];
  readonly rotation: RotationTable | null;
  readonly steps: readonly StepTable[];
  readonly answers: readonly Answer[];
  readonly mintEnd: MintEndGiven | null;
  readonly joinings: readonly JoiningGiven[];
  readonly consumerLag: { readonly rotation: string; readonly lagMs: number } | null;
}

/** Writes all of it if the fence and the version are still those; otherwise nothing. */
export async function commit(
  session: Session,
  given: CommitGiven,
): Promise<{ readonly shared: SharedText; readonly frozen?: SharedHoldTable } | undefined> {
  const [written] = await session.all(given.release ? writeAndRelease : writeAndKeep, {
    ahead: given.goesFirst ? AHEAD : 0,
    account: given.account,
    fence: given.fence,
    version: given.version,
    newVersion: given.newVersion,
    record: given.record,
    live: given.live,
    confirmed: padded(['', ...given.confirmed]),
    dueAt: given.dueAt,
    dueWhy: given.dueWhy,
  });
  if (written === undefined) return undefined;
  for (const facts of chunks(given.facts)) await session.all(addFacts, { facts });
  if (given.policyNoted) await session.all(decide, { account: given.account });
  await session.all(dropHolds, { account: given.account });
  for (const holds of chunks(given.holds)) await session.all(addHolds, { holds });
  if (given.rotation !== null) await session.all(putRotation, { rotation: given.rotation });
  for (const steps of chunks(given.steps)) await session.all(putSteps, { steps });
  for (const one of given.answers) await answer(session, one);
  for (const one of given.joinings) await putJoining(session, one);
  if (given.consumerLag !== null) await putLag(session, given.consumerLag);
  const frozen = given.mintEnd === null ? undefined : await putMintEnd(session, given.mintEnd);
  return { shared: await shared(session), ...(frozen && { frozen }) };
}

type AccountGiven = Pick<
  CommitGiven,
  'account' | 'fence' | 'version' | 'newVersion' | 'record' | 'live' | 'confirmed' | 'dueAt' | 'dueWhy'
> & { readonly ahead: number };

/** A stale holder finds no row: another one has raised the fence, or the version has moved on. */
function write(db: Kysely<Schema>, given: AccountGiven) {
  return db
    .updateTable('account')
    .set((eb) => ({
      record: given.record,
      version: given.newVersion,
      due_at: given.dueAt,
      due_why: given.dueWhy,
      priority: withAhead(eb, given.ahead),
      converged: eb
        .case()
        .when(
          eb.exists(
            eb
              .selectFrom('account_target')
              .select('target')
              .whereRef('account_target.account', '=', 'account.id')
              .where('target', 'not in', given.confirmed),
          ),
        )
        .then(eb.lit(0))
        .else(given.live)
        .end(),
    }))
    .where('id', '=', given.account)
    .where('fence', '=', given.fence)
    .where('version', '=', given.version)
    .where('lease_until', 'is not', null)
    .returning('id');
}

const writeAndKeep = statement((db, given: AccountGiven) => write(db, given));

const writeAndRelease = statement((db, given: AccountGiven) =>
  write(db, given).set((eb) => released(eb, given.dueAt)),
);

/** That the policy which the claim saw is another one than before, has been noted. */
const decide = statement((db, given: { readonly account: number }) =>
  db
    .updateTable('account')
    .set((eb) => ({ policy_decided: eb.ref('policy_claimed') }))
    .where('id', '=', given.account)
    .whereRef('policy_decided', '<>', 'policy_claimed'),
);

const addFacts = statement((db, given: { readonly facts: CommitGiven['facts'] }) =>
  db.insertInto('fact').values(given.facts),
);

const dropHolds = statement((db, given: { readonly account: number }) =>
  db.deleteFrom('hold').where('account', '=', given.account),
);

const addHolds = statement((db, given: { readonly holds: CommitGiven['holds'] }) =>
  db.insertInto('hold').values(given.holds),
);

const putRotation = statement((db, given: { readonly rotation: RotationTable }) =>
  db
    .insertInto('rotation')
    .values(given.rotation)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        account_name: eb.ref('excluded.account_name'),
        trigger: eb.ref('excluded.trigger'),
        slot: eb.ref('excluded.slot'),
        actor: eb.ref('excluded.actor'),
        reason: eb.ref('excluded.reason'),
        opened_at: eb.ref('excluded.opened_at'),
        minted_at: eb.ref('excluded.minted_at'),
        closed_at: eb.ref('excluded.closed_at'),
        outcome: eb.ref('excluded.outcome'),
        fingerprint: eb.ref('excluded.fingerprint'),
        dark_window_ms: eb.ref('excluded.dark_window_ms'),
        estimated: eb.ref('excluded.estimated'),
        failure: eb.ref('excluded.failure'),
      })),
    ),
);

const putSteps = statement((db, given: { readonly steps: readonly StepTable[] }) =>
  db
    .insertInto('step')
    .values(given.steps)
    .onConflict((conflict) =>
      conflict.columns(['rotation', 'step', 'target']).doUpdateSet((eb) => ({
        attempts: eb.ref('excluded.attempts'),
        started_at: eb.ref('excluded.started_at'),
        ended_at: eb.ref('excluded.ended_at'),
        outcome: eb.ref('excluded.outcome'),
      })),
    ),
);
