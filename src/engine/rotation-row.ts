/** A rotation as history shows it, projected from the record and the facts that changed it. */
import type { Fact, FactOf } from '../domain/fact.ts';
import type { AccountRecord, OpenRotation } from '../domain/record.ts';
import type { RotationRow } from '../ports/journal.ts';

/** The row to write with these facts; `undefined` where they touch no rotation. */
export function rotationRow(options: {
  readonly account: number;
  readonly name: string;
  readonly before: AccountRecord;
  readonly after: AccountRecord;
  readonly facts: readonly Fact[];
}): RotationRow | undefined {
  const { account, name, before, after, facts } = options;
  const rotation = after.rotation ?? before.rotation;
  if (rotation === undefined || facts.length === 0) return undefined;
  const succeeded = facts.find(
    (fact): fact is FactOf<'rotation-succeeded'> => fact.kind === 'rotation-succeeded',
  );
  const abandoned = facts.find(
    (fact): fact is FactOf<'rotation-abandoned' | 'mismatch-cleared'> =>
      fact.kind === 'rotation-abandoned' || fact.kind === 'mismatch-cleared',
  );
  const closed = succeeded ?? abandoned;
  // Why it was given up says more than what failed last.
  const why = abandoned?.kind === 'rotation-abandoned' ? abandoned.why : lastFailureOf(rotation, after);
  const failure = succeeded === undefined ? why : undefined;
  const { minted, slot } = rotation;
  return {
    id: rotation.id,
    account,
    accountName: name,
    trigger: rotation.trigger,
    cause: rotation.cause,
    openedAt: rotation.openedAt,
    ...(slot === undefined ? {} : { slot }),
    ...(minted === undefined ? {} : { mintedAt: minted.sentAt, fingerprint: minted.fingerprint }),
    ...(closed === undefined ? {} : { closedAt: closed.at, outcome: succeeded ? 'succeeded' : 'abandoned' }),
    ...(succeeded === undefined ? {} : { estimated: succeeded.estimated }),
    ...(succeeded?.darkWindowMs === undefined ? {} : { darkWindowMs: succeeded.darkWindowMs }),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** What failed last in this rotation: what failed before it was opened is not its own. */
function lastFailureOf({ openedAt }: OpenRotation, { lastFailure }: AccountRecord): string | undefined {
  return lastFailure !== undefined && lastFailure.at >= openedAt ? lastFailure.message : undefined;
}
