/** Whether this machine's clock is right, as far as the services that answer it tell. Pure. */
import { LIMITS } from './limits.ts';

/** What the answer of a service said of its own clock. */
export interface ClockSeen {
  /** Such as `provider kronup`. */
  readonly service: string;
  /** Its clock less ours, in ms. */
  readonly skewMs: number;
  /** When it was measured, on the clock that only goes forward. */
  readonly at: number;
  /** Our wall clock less the clock that only goes forward, then: it changes when the one is set or the other stands still. */
  readonly offsetMs: number;
}

export type ClockVerdict =
  /** No answer tells. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'agrees' }
  /** Every service that tells disagrees, by this much; the newest answer first. */
  | { readonly kind: 'differs'; readonly services: readonly [ClockSeen, ...ClockSeen[]] };

/** Our two clocks now, in ms. */
export interface Clocks {
  readonly now: number;
  readonly elapsed: number;
}

/**
 * One service that agrees is enough: that both clocks are wrong by the same is less likely than that another service's
 * is wrong. What was measured before our clock was set, or before the machine slept, tells nothing any more.
 */
export function judgeClock(seen: Iterable<ClockSeen>, clocks: Clocks): ClockVerdict {
  const differing: ClockSeen[] = [];
  for (const one of seen) {
    if (!tells(one, clocks)) continue;
    const corrected = correctedFor(one, clocks);
    if (Math.abs(corrected.skewMs) <= LIMITS.clockSkewMs) return { kind: 'agrees' };
    differing.push(corrected);
  }
  const [newest, ...others] = differing.toSorted((one, other) => other.at - one.at);
  return newest === undefined ? { kind: 'unknown' } : { kind: 'differs', services: [newest, ...others] };
}

/** By how much the service's clock is ahead of ours now, in ms; `undefined`: what it told tells nothing any more. */
export function aheadOf(seen: ClockSeen, clocks: Clocks): number | undefined {
  return tells(seen, clocks) ? correctedFor(seen, clocks).skewMs : undefined;
}

function tells({ at, offsetMs }: ClockSeen, { now, elapsed }: Clocks): boolean {
  return elapsed - at <= LIMITS.clockSeenMs && Math.abs(now - elapsed - offsetMs) <= LIMITS.clockStepMs;
}

/** Our clock may have been moved a little since. */
function correctedFor(one: ClockSeen, { now, elapsed }: Clocks): ClockSeen {
  return { ...one, skewMs: one.skewMs - (now - elapsed - one.offsetMs) };
}

const SERVICES_MAX = 3;

/** The reason of the hold, which names the clocks. */
export function skewText(services: readonly [ClockSeen, ...ClockSeen[]], now: number): string {
  const told = services
    .slice(0, SERVICES_MAX)
    .map(({ service, skewMs }) => `that of ${service} says ${instant(now + skewMs)}`);
  const more = services.length > SERVICES_MAX ? `, and ${services.length - SERVICES_MAX} more disagree` : '';
  return (
    `this machine's clock says ${instant(now)}, ${told.join(', ')}${more}; nothing is minted unasked and no slot ` +
    'is used up until they agree: set the clock that is wrong'
  );
}

function instant(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'something impossible' : `${date.toISOString().slice(0, 19)}Z`;
}
