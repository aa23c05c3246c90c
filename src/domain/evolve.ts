/**
 * `record' = evolve(record, fact)`: the fold of an account's facts. Pure, total, and the only way in which a record
 * changes.
 */
import type { Fact } from './fact.ts';
import { CLOCK, withPlansUpTo } from './folding/clock.ts';
import type { Folds } from './folding/folds.ts';
import { LOOKING } from './folding/looking.ts';
import { MINTING } from './folding/minting.ts';
import { OVERLAPPING } from './folding/overlapping.ts';
import { REFRESHING } from './folding/refreshing.ts';
import { ROTATIONS } from './folding/rotations.ts';
import { without } from './folding/parts.ts';
import { TARGETS } from './folding/targets.ts';
import type { AccountRecord } from './record.ts';

export const EMPTY_RECORD: AccountRecord = {
  version: 0,
  superseded: [],
  targets: {},
  failures: 0,
  retries: 0,
  reobserveAt: [],
  held: {},
};

const FOLDS: Folds = {
  ...CLOCK,
  ...LOOKING,
  ...MINTING,
  ...OVERLAPPING,
  ...REFRESHING,
  ...ROTATIONS,
  ...TARGETS,
};

/** The record with this fact folded in. */
export function evolve(record: AccountRecord, fact: Fact): AccountRecord {
  const fold = FOLDS[fact.kind] as (record: AccountRecord, fact: Fact) => AccountRecord;
  const next = fold(withPlansUpTo(record, fact.at), fact);
  const stays = fact.kind === 'account-left' ? next : without(next, 'leftAt');
  return { ...stays, version: record.version + 1, notedAt: fact.at };
}
