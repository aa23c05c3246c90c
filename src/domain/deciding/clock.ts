/** A clock that was set, or may be wrong: what is asked and noted before anything is concluded from what time it is. */
import type { Refreshing } from '../consumer.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { LIMITS } from '../limits.ts';
import type { AccountRecord, TargetRecord } from '../record.ts';
import { isClockDoubtful } from '../situation.ts';
import type { Situation } from '../situation.ts';
import { failure, isWaiting } from './failing.ts';

/**
 * What was planned by a clock that has been put back since would wait for as long as it was put back: any fact that is noted now
 * ends that. What is known to have happened is dated anew only once services confirm the time: were it this clock that is
 * wrong, a mint would seem longer ago than it is as soon as the clock is right.
 */
export function noteClock(situation: Situation): Decision | undefined {
  const { record, now } = situation;
  const isAhead = newestOf(record) > now + LIMITS.clockSkewMs;
  const confirmed = isAhead && !isClockDoubtful(situation);
  if (confirmed || (record.notedAt ?? 0) > now + LIMITS.clockStepMs) {
    const wasAt = Math.max(record.notedAt ?? 0, newestOf(record));
    return note({ kind: 'clock-put-back', wasAt, confirmed });
  }
  return isAhead && situation.timeUnknown === true ? askTime(situation) : undefined;
}

/** Unasked rotations wait until a service has told the time: a clock that is days ahead would use up their slots. */
export function askTime(situation: Situation): Decision | undefined {
  if (isWaiting(situation)) return undefined;
  const { timeFailure } = situation.seen;
  return timeFailure === undefined ? { do: 'ask-time' } : note(failure(situation, timeFailure.failure));
}

/** The newest instant at which something happened that the record dates. */
function newestOf({ mintedAt, refusedMintAt, adoptedAt, ageFrom, rotation, targets, old }: AccountRecord) {
  const ofTargets = Object.values(targets).flatMap(targetInstants);
  const ofOld = (old ?? []).flatMap(({ since, graceFrom }) => [since, graceFrom]);
  const ofMints = [mintedAt, refusedMintAt, ageFrom?.at, rotation?.intent?.sentAt];
  const instants = [adoptedAt, ...ofMints, ...ofTargets, ...ofOld];
  return Math.max(0, ...instants.filter((at) => at !== undefined));
}

function targetInstants({ realWrite, written, overwritten = [], contested, refresh }: TargetRecord) {
  const ofConsumers = Object.values(refresh?.consumers ?? {}).flatMap(refreshInstants);
  return [realWrite?.at, written?.at, ...overwritten, contested?.since, refresh?.neededAt, ...ofConsumers];
}

/** Nobody is through with what is asked for up to a later time, and who began then is late by as much. */
function refreshInstants({ begunAt, askedFor, throughAt, unhealthySince }: Refreshing) {
  return [begunAt, askedFor, throughAt, unhealthySince];
}
