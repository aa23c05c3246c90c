/**
 * Contested targets: somebody else writes over what was delivered, again and again. How that is counted, and when it is over.
 * Each overwritten delivery is an instant in the target's record, of which the newest few are kept.
 */
import { LIMITS } from './limits.ts';
import type { TargetRecord } from './record.ts';

type Known = TargetRecord | undefined;

/** The overwritten deliveries, with one more at `at`. Several within a minute are one: a store may answer late with what it held. */
export function overwrittenWith(known: TargetRecord, at: number): readonly number[] {
  const before = known.overwritten ?? [];
  const last = before.at(-1);
  if (last !== undefined && last <= at && at - last < LIMITS.overwritesApartMs) return before;
  return [...before, at].slice(-LIMITS.overwritesMax);
}

/** Whether it has been written over so often that it is contested from now on. */
export function becomesContested(known: Known): boolean {
  const { contested, overwritten = [] } = known ?? {};
  const [first] = overwritten;
  const last = overwritten.at(-1);
  if (contested !== undefined || first === undefined || last === undefined) return false;
  return overwritten.length >= LIMITS.overwritesMax && last - first <= LIMITS.overwritesWithinMs;
}

/**
 * Until when a contested target is left alone: a day after it was last written over. What is delivered to it then has to stand for
 * as long. So who goes on writing over it is answered by one write a day, and by no mint.
 */
export function contestedUntil(known: Known): number | undefined {
  if (known?.contested === undefined) return undefined;
  const last = known.overwritten?.at(-1) ?? known.contested.since;
  return Math.max(last, known.written?.at ?? 0) + LIMITS.contestedMs;
}

export function isContested(known: Known, now: number): boolean {
  const until = contestedUntil(known);
  return until !== undefined && until > now;
}

/** Whether its time is over, and only a look is needed to say so. */
export function mayEndContest(known: Known, now: number): boolean {
  const until = contestedUntil(known);
  return until !== undefined && until <= now;
}

/** In words for a person: what happened, and by whom, as far as that is known. */
export function contestReason(target: string, { drifted }: TargetRecord): string {
  const { at, by } = drifted?.lastWrite ?? {};
  const when = at === undefined ? '' : ` at ${new Date(at).toISOString()}`;
  const last =
    by === undefined && at === undefined
      ? ''
      : `, the last time${when}${by === undefined ? '' : ` by ${by}`}`;
  return (
    `somebody else wrote over what was delivered to ${target}, ${LIMITS.overwritesMax} times within a day${last}; ` +
    'find what else writes it and end that'
  );
}
