/** A commit as the database is given it: rows and text, made on this side of the message. */
import type { AccountRecord } from '../domain/record.ts';
import { mayBeDark } from '../domain/situation.ts';
import type { Commit } from '../ports/journal.ts';
import type { CommitGiven } from './operations/commit.ts';
import { joiningGiven } from './operations/consumers.ts';
import type { MintEndGiven } from './operations/mint-ends.ts';
import { factRow, holdRow, rotationRow, stepRow } from './rows.ts';

/** Throws where record and facts do not belong together: that is a mistake of the program. */
export function commitGiven(commit: Commit): CommitGiven {
  const { account, fence, version, facts, record } = commit;
  const newVersion = version + facts.length;
  if (record.version !== newVersion) {
    throw new Error(
      `a commit of ${facts.length} facts on version ${version} brings a record of version ${record.version}`,
    );
  }
  return {
    account,
    fence,
    version,
    newVersion,
    record: JSON.stringify(record),
    live: record.live === undefined ? 0 : 1,
    confirmed: confirmedTargets(record),
    goesFirst: mayBeDark(record),
    dueAt: commit.dueAt ?? null,
    dueWhy: commit.dueWhy ?? null,
    release: commit.release,
    policyNoted: commit.policyNoted === true,
    facts: facts.map((fact, index) => factRow(account, version + index + 1, fact)),
    holds: commit.holds.map((hold) => holdRow(account, hold)),
    rotation: commit.rotation === undefined ? null : rotationRow(commit.rotation),
    steps: (commit.steps ?? []).map(stepRow),
    answers: (commit.requests ?? []).map(({ id, state, rotation = null, why = null }) => ({
      id,
      account,
      state,
      rotation,
      why,
    })),
    mintEnd: commit.mintEnd === undefined ? null : mintEndGiven(commit.mintEnd),
    joinings: (commit.joinings ?? []).map((joining) => joiningGiven(account, joining)),
    consumerLag: commit.consumerLag ?? null,
  };
}

function mintEndGiven(end: NonNullable<Commit['mintEnd']>): MintEndGiven {
  const { provider, account, rotation, attempt, at, failure = null, message = '', limit } = end;
  return { end: { provider, rotation, attempt, account, at, failure }, message, limit };
}

/** Targets that are known to hold the live credential. */
function confirmedTargets({ live, targets }: AccountRecord): readonly string[] {
  if (live === undefined) return [];
  return Object.keys(targets).filter((id) => targets[id]?.confirmed?.fingerprint === live.fingerprint);
}
