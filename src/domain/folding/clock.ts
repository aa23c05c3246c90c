/** What becomes of instants in a record that lie in the future because the clock was put back since. */
import { LIMITS } from '../limits.ts';
import type { AccountRecord, OldCredential, TargetRecord } from '../record.ts';
import type { Folds } from './folds.ts';
import { tryAgain } from './looking.ts';
import { refreshDatedAnew, refreshPlannedUpTo } from './refreshing.ts';
import { inRotation, without, withoutKeys } from './parts.ts';

export const CLOCK = {
  'clock-put-back': (record, fact) => (fact.confirmed ? datedAnew(record, fact.at) : record),
} satisfies Partial<Folds>;

/**
 * The record as it is when a fact is noted at this instant. Where the clock was put back since the last one, what was planned
 * comes now: at the worst it is tried sooner than it would have been.
 */
export function withPlansUpTo(record: AccountRecord, at: number): AccountRecord {
  if ((record.notedAt ?? 0) <= at + LIMITS.clockStepMs) return record;
  const { waiting } = record;
  const again = tryAgain(record, at);
  const targets = Object.entries(record.targets).map(([id, target]) => [
    id,
    refreshPlannedUpTo(withoutKeys(target, 'retryAt'), at),
  ]);
  return {
    ...without(again, 'retryAt', 'missed'),
    targets: Object.fromEntries(targets) as AccountRecord['targets'],
    reobserveAt: record.reobserveAt.map((planned) => Math.min(planned, at)),
    ...(waiting && { waiting: { ...waiting, at: Math.min(waiting.at, at) } }),
    ...(record.old && { old: record.old.map((old) => lookedIntoFrom(old, at)) }),
  };
}

/** How long ago it was intended nobody knows: from here on it has time to settle. */
function lookedIntoFrom(old: OldCredential, at: number): OldCredential {
  const { intendedAt } = old;
  const dated = withoutKeys(old, 'waits');
  return intendedAt === undefined ? dated : { ...dated, intendedAt: Math.min(intendedAt, at) };
}

/**
 * What has happened did so now at the latest. The newest slot that was dealt with stays: it is not minted for a second time,
 * though it comes again.
 */
function datedAnew(record: AccountRecord, at: number): AccountRecord {
  const { mintedAt, refusedMintAt, adoptedAt, ageFrom, heldSlot = 0, pausedSlot = 0 } = record;
  const minted = mintedAt === undefined ? {} : { mintedAt: Math.min(mintedAt, at) };
  const forRefused = refusedMintAt === undefined ? {} : { refusedMintAt: Math.min(refusedMintAt, at) };
  const adopted = adoptedAt === undefined ? {} : { adoptedAt: Math.min(adoptedAt, at) };
  const targets = Object.entries(record.targets).map(([id, target]) => [id, targetDatedAnew(target, at)]);
  const dated: AccountRecord = {
    ...record,
    ...minted,
    ...forRefused,
    ...adopted,
    ...(record.old && { old: record.old.map((old) => oldDatedAnew(old, at)) }),
    ...(ageFrom && { ageFrom: { ...ageFrom, at: Math.min(ageFrom.at, at) } }),
    targets: Object.fromEntries(targets) as AccountRecord['targets'],
  };
  const unheld = heldSlot > at ? without(dated, 'heldSlot') : dated;
  return inRotation(pausedSlot > at ? without(unheld, 'pausedSlot') : unheld, (rotation) => ({
    ...rotation,
    dueAt: Math.min(rotation.dueAt, at),
    ...(rotation.intent && {
      intent: { ...rotation.intent, sentAt: Math.min(rotation.intent.sentAt, at) },
    }),
  }));
}

function oldDatedAnew(old: OldCredential, at: number): OldCredential {
  const { since, graceFrom } = old;
  const grace = graceFrom === undefined ? {} : { graceFrom: Math.min(graceFrom, at) };
  return { ...old, since: Math.min(since, at), ...grace };
}

function targetDatedAnew(given: TargetRecord, at: number): TargetRecord {
  const target = refreshDatedAnew(given, at);
  const { realWrite, written, overwritten, contested } = target;
  return {
    ...target,
    ...(realWrite && { realWrite: { ...realWrite, at: Math.min(realWrite.at, at) } }),
    ...(written && { written: { ...written, at: Math.min(written.at, at) } }),
    ...(overwritten && { overwritten: overwritten.map((one) => Math.min(one, at)) }),
    ...(contested && { contested: { since: Math.min(contested.since, at) } }),
  };
}
