/** What services have said of the time in their answers: the newest of each. Nothing is decided here. */
import { judgeClock } from '../domain/clock-skew.ts';
import type { ClockSeen, ClockVerdict } from '../domain/clock-skew.ts';
import type { Clock, ToldTime } from '../ports/clock.ts';

/** An answer that took longer says too little about the time, in ms. */
const ANSWER_MS_MAX = 60_000;

export interface ServiceClocks {
  /** An answer of a service, such as `provider kronup`, carried a date. */
  told(service: string, told: ToldTime): void;
  /** What they come to now. */
  verdict(): ClockVerdict;
  /** From now on only these services count. */
  follow(services: readonly string[]): void;
  /** For gauges: the clock of each service less ours, in ms, as last measured. */
  skews(): Iterable<readonly [service: string, skewMs: number]>;
}

export function createServiceClocks(clock: Pick<Clock, 'now' | 'elapsed'>): ServiceClocks {
  const newest = new Map<string, ClockSeen>();
  return {
    told(service, { date, sentAt, receivedAt }) {
      if (!Number.isFinite(date) || receivedAt - sentAt > ANSWER_MS_MAX) return;
      const offsetMs = clock.now() - clock.elapsed();
      const skewMs = Math.round(date - ((sentAt + receivedAt) / 2 + offsetMs));
      newest.set(service, { service, skewMs, at: receivedAt, offsetMs });
    },
    verdict: () => judgeClock(newest.values(), { now: clock.now(), elapsed: clock.elapsed() }),
    follow(services) {
      for (const service of newest.keys()) if (!services.includes(service)) newest.delete(service);
    },
    skews: () => [...newest.values()].map(({ service, skewMs }) => [service, skewMs] as const),
  };
}
