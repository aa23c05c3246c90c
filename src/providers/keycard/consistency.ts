/**
 * The service is not consistent at once: what it gave a moment ago, a credential or an access token, it may refuse for some seconds
 * more. This knows how long that may take and what to do meanwhile, and nothing of what was given.
 */
import type { Clock } from '../../ports/clock.ts';

/** The vendor's own pipeline waits five seconds before the first use. */
const CONSISTENT_AFTER_MS = 15_000;

/** How long is waited between two tries. */
const TRY_AGAIN_MS = 1_000;

/** For how long a refusal of what was given then may still be of no meaning, in ms. `givenAt`: on the clock that only goes forward. */
export function inconsistentMs(givenAt: number, clock: Pick<Clock, 'elapsed'>): number {
  return Math.max(0, givenAt + CONSISTENT_AFTER_MS - clock.elapsed());
}

/** Waits for the next try; `false` where it was stopped first. */
export async function waited(clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(TRY_AGAIN_MS, { signal });
    return true;
  } catch {
    return false;
  }
}
