/** What services have said of the time in their answers: the newest of each. Nothing is decided here. */
import { aheadOf, judgeClock } from '../domain/clock-skew.ts';
import type { ClockSeen, ClockVerdict } from '../domain/clock-skew.ts';
import type { Clock, ToldTime } from '../ports/clock.ts';

/** An answer that took longer says too little about the time, in ms. */
const ANSWER_MS_MAX = 60_000;

export interface ServiceClocks {
  /** An answer of a service, such as `provider kronup`, carried a date. */
  told(service: string, told: ToldTime): void;
  /**
   * When the newest answer of this service that carried a date came, on the clock that only goes forward, also where it took too long
   * to say anything of the time.
   */
  datedAt(service: string): number | undefined;
  /** What they come to now. */
  verdict(): ClockVerdict;
  /** By how much the clock of this service is ahead of ours now, in ms; `undefined`: it does not tell. */
  ahead(service: string): number | undefined;
  /** From now on only these services count. */
  follow(services: readonly string[]): void;
  /** For gauges: the clock of each service less ours, in ms, as last measured. */
  skews(): Iterable<readonly [service: string, skewMs: number]>;
}

export function createServiceClocks(clock: Pick<Clock, 'now' | 'elapsed'>): ServiceClocks {
  const newest = new Map<string, ClockSeen>();
  const dated = new Map<string, number>();
  const now = () => ({ now: clock.now(), elapsed: clock.elapsed() });
  return {
    told(service, { date, sentAt, receivedAt }) {
      if (!Number.isFinite(date)) return;
      dated.set(service, receivedAt);
      if (receivedAt - sentAt > ANSWER_MS_MAX) return;
      const offsetMs = clock.now() - clock.elapsed();
      const skewMs = Math.round(date - ((sentAt + receivedAt) / 2 + offsetMs));
      newest.set(service, { service, skewMs, at: receivedAt, offsetMs });
    },
    datedAt: (service) => dated.get(service),
    verdict: () => judgeClock(newest.values(), now()),
    ahead(service) {
      const seen = newest.get(service);
      return seen && aheadOf(seen, now());
    },
    follow(services) {
      for (const known of [newest, dated])
        for (const service of known.keys()) if (!services.includes(service)) known.delete(service);
    },
    skews: () => [...newest.values()].map(({ service, skewMs }) => [service, skewMs] as const),
  };
}
