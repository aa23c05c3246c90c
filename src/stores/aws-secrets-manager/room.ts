/**
 * Room for versions of secrets that several accounts share: what one of them was told is free, no other is told. Each looks before its
 * mint and writes after it, and a herd of them would all find the same last places.
 */
import type { Clock } from '../../ports/clock.ts';

export interface Room {
  /** How many versions of the secret are on their way, or may be missing in a list that was asked for before they were made. */
  kept(): number;
  /** One version is made at once, or one may be within the time for which a preflight counts, with the mint and its delivery. */
  keep(what: 'probe' | 'delivery'): void;
  /** A delivery was written: AWS lists it from now on. */
  written(): void;
}

/** A preflight counts for a minute, then the mint takes its time, and the delivery may be tried more than once. */
const KEPT_MS = 180_000;

/** By the secret's location. `listedWithinMs`: a look that shows what was there when it began takes no longer than this. */
export function createRooms(
  clock: Pick<Clock, 'elapsed'>,
  listedWithinMs: number,
): { at(location: string): Room } {
  /** Until when each of them is kept, the soonest first; by location, the one that was changed last at the end. */
  const all = new Map<string, readonly number[]>();

  function current(location: string): readonly number[] {
    const now = clock.elapsed();
    return (all.get(location) ?? []).filter((until) => until > now);
  }

  function change(location: string, kept: readonly number[]): void {
    all.delete(location);
    all.set(
      location,
      kept.toSorted((one, other) => one - other),
    );
    // There may be as many secrets as accounts: those that nothing is kept of any more are forgotten.
    const now = clock.elapsed();
    for (const [other, untils] of all) {
      if ((untils.at(-1) ?? now) > now) break;
      all.delete(other);
    }
  }

  return {
    at: (location) => ({
      kept: () => current(location).length,
      keep(what) {
        const ms = what === 'probe' ? listedWithinMs : KEPT_MS;
        change(location, [...current(location), clock.elapsed() + ms]);
      },
      written() {
        const listedBy = clock.elapsed() + listedWithinMs;
        const kept = current(location);
        const first = kept.findIndex((until) => until > listedBy);
        if (first >= 0) change(location, kept.with(first, listedBy));
      },
    }),
  };
}
