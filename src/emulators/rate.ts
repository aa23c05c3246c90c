/** A limit of requests in any second, as gateways before a service have it. Off unless asked for. */
import type { Clock } from '../ports/clock.ts';
import { jsonAnswer } from './wire.ts';
import type { WireAnswer } from './wire.ts';

export interface RateLimit {
  /** Counts a request, unless there were too many in the last second. */
  take(): boolean;
}

const SECOND_MS = 1_000;

export function createRateLimit(clock: Pick<Clock, 'elapsed'>, perSecond: number | undefined): RateLimit {
  if (perSecond === undefined) return { take: () => true };
  /** When the newest requests came, as a ring: the place of the next is that of the oldest. */
  const cameAt = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  return {
    take() {
      const now = clock.elapsed();
      if ((cameAt[next] ?? 0) + SECOND_MS > now) return false;
      cameAt[next] = now;
      next = (next + 1) % perSecond;
      return true;
    },
  };
}

/** `body` says it in the words of the API. */
export function tooManyAnswer(body: unknown, now: number): WireAnswer {
  const answer = jsonAnswer(429, body, now);
  return { ...answer, headers: { ...answer.headers, 'retry-after': '1' } };
}
