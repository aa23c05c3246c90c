/** Facts about single targets. */
import { overwrittenWith } from '../contest.ts';
import type { FactOf } from '../fact.ts';
import { FAILURES } from '../failure.ts';
import type { AccountRecord, TargetRecord } from '../record.ts';
import type { LastWrite } from '../target.ts';
import type { Folds } from './folds.ts';
import { lookedIntoAgain } from './overlapping.ts';
import { neededBy } from './refreshing.ts';
import { inTarget, withoutKeys } from './parts.ts';

export const TARGETS = {
  'delivery-intended': (record, fact) =>
    inTarget(record, fact.target, (target) => ({ ...target, intended: true })),
  'target-written': (record, fact) => ({
    ...inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'retryAt', 'lastFailure', 'foreign', 'drifted', 'confirmed', 'misread'),
      written: { fingerprint: fact.fingerprint, version: fact.version, at: fact.acknowledgedAt },
      // What reads back something else time and again is tried more and more rarely.
      failures: target.misread === true ? target.failures : 0,
      ...(fact.identity === undefined
        ? {}
        : { realWrite: { at: fact.acknowledgedAt, identity: fact.identity } }),
    })),
    effectEndedAt: Math.max(endedBefore(record, fact.at), fact.acknowledgedAt),
  }),
  'target-confirmed': (record, fact) =>
    inTarget(lookedIntoAgain(record), fact.target, (target) => ({
      ...withoutKeys(target, 'retryAt', 'lastFailure', 'foreign', 'drifted', 'owed', 'misread', 'intended'),
      confirmed: { fingerprint: fact.fingerprint, version: fact.version, at: fact.at },
      failures: 0,
      ...neededBy(target, fact),
    })),
  'target-failed': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...(isRefused(fact) ? withoutKeys(target, 'realWrite') : target),
      failures: fact.attempt,
      retryAt: fact.retryAt,
      lastFailure: { failure: fact.failure, message: fact.message },
      ...(fact.misread === true ? { misread: true as const, ...writtenOver(target, fact.at) } : {}),
    })),
  'target-foreign': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'confirmed'),
      foreign: {
        since: target.foreign?.since ?? fact.at,
        ...(fact.fingerprint === undefined ? {} : { fingerprint: fact.fingerprint }),
      },
    })),
  'target-accepted': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'foreign', 'retryAt', 'contested', 'overwritten', 'drifted'),
      accepted: true,
    })),
  'target-cleared': (record, fact) =>
    inTarget(record, fact.target, (target) => withoutKeys(target, 'foreign')),
  'target-drifted': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'confirmed', 'written'),
      drifted: {
        since: target.drifted?.since ?? fact.at,
        ...(fact.fingerprint === undefined ? {} : { fingerprint: fact.fingerprint }),
        ...lastWriteOf(fact),
      },
      ...withoutKeys(writtenOver(target, fact.at), 'written'),
    })),
  'target-contested': (record, fact) =>
    inTarget(record, fact.target, (target) => ({ ...target, contested: { since: fact.at } })),
  'target-uncontested': (record, fact) =>
    inTarget(record, fact.target, (target) => withoutKeys(target, 'contested', 'overwritten')),
  'write-proved': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...target,
      realWrite: { at: fact.at, identity: fact.identity },
    })),
} satisfies Partial<Folds>;

/**
 * The target itself did not take it, such as for a right that was withdrawn: that a write succeeded before proves nothing any more. Where
 * the whole store fails, its hold says so.
 */
function isRefused({ failure, misread }: FactOf<'target-failed'>): boolean {
  return misread !== true && FAILURES[failure].whose === 'target';
}

/** Only what was delivered can be written over, and only once. */
function writtenOver(
  target: TargetRecord,
  at: number,
): Partial<Pick<TargetRecord, 'written' | 'overwritten'>> {
  const { written } = target;
  if (written === undefined || written.overwritten) return {};
  const overwritten = overwrittenWith(target, at);
  return overwritten === target.overwritten
    ? {}
    : { written: { ...written, overwritten: true }, overwritten };
}

/** When the last effect ended. One that lies in the future is older than it says: the clock was put back since. */
function endedBefore({ effectEndedAt = 0 }: AccountRecord, now: number): number {
  return effectEndedAt > now ? 0 : effectEndedAt;
}

function lastWriteOf({ writtenAt, writtenBy }: FactOf<'target-drifted'>): { readonly lastWrite?: LastWrite } {
  if (writtenAt === undefined && writtenBy === undefined) return {};
  const at = writtenAt === undefined ? {} : { at: writtenAt };
  return { lastWrite: { ...at, ...(writtenBy === undefined ? {} : { by: writtenBy }) } };
}
