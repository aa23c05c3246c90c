/** What becomes of instants in a record that lie in the future because the clock was put back since. */
import { LIMITS } from '../limits.ts';
import type { AccountRecord, OldCredential, TargetRecord } from '../record.ts';
import type { Folds } from './folds.ts';
import { tryAgain } from './looking.ts';
import { refreshDatedAnew, refreshPlannedUpTo } from './refreshing.ts';
import { inRotation, upTo, without, withoutKeys } from './parts.ts';

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
    ...(waiting && { waiting: upTo(waiting, at, 'at') }),
    ...(record.old && { old: record.old.map((old) => lookedIntoFrom(old, at)) }),
    ...(record.live && { live: upTo(record.live, at, 'endingSince') }),
  };
}

/** How long ago it was intended nobody knows: from here on it has time to settle. */
function lookedIntoFrom(old: OldCredential, at: number): OldCredential {
  return upTo(withoutKeys(old, 'waits'), at, 'intendedAt');
}

/**
 * What has happened did so now at the latest. The newest slot that was dealt with stays: it is not minted for a second time,
 * though it comes again.
 */
function datedAnew(record: AccountRecord, at: number): AccountRecord {
  const { ageFrom, heldSlot = 0, pausedSlot = 0 } = record;
  const targets = Object.entries(record.targets).map(([id, target]) => [id, targetDatedAnew(target, at)]);
  const dated: AccountRecord = {
    ...upTo(record, at, 'mintedAt', 'refusedMintAt', 'adoptedAt'),
    ...(record.old && { old: record.old.map((old) => upTo(old, at, 'since', 'graceFrom')) }),
    ...(ageFrom && { ageFrom: upTo(ageFrom, at, 'at') }),
    targets: Object.fromEntries(targets) as AccountRecord['targets'],
  };
  const unheld = heldSlot > at ? without(dated, 'heldSlot') : dated;
  return inRotation(pausedSlot > at ? without(unheld, 'pausedSlot') : unheld, (rotation) => ({
    ...upTo(rotation, at, 'dueAt'),
    ...(rotation.intent && { intent: upTo(rotation.intent, at, 'sentAt') }),
  }));
}

function targetDatedAnew(given: TargetRecord, at: number): TargetRecord {
  const target = refreshDatedAnew(given, at);
  const { realWrite, written, overwritten, contested } = target;
  return {
    ...target,
    ...(realWrite && { realWrite: upTo(realWrite, at, 'at') }),
    ...(written && { written: upTo(written, at, 'at') }),
    ...(overwritten && { overwritten: overwritten.map((one) => Math.min(one, at)) }),
    ...(contested && { contested: upTo(contested, at, 'since') }),
  };
}
