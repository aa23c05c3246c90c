/** What `rekeyd status ACCOUNT` prints of those who read a target. Pure. */
import type { ConsumerView } from '../http/consumer-views.ts';
import type { TargetView } from '../http/views.ts';
import { moment, rough } from './text.ts';

/** A line for each: what it is doing, since when, and when it is looked at next. */
export function consumerLines({ id, consumers = [] }: TargetView, now: number): string[] {
  return consumers.map((consumer) => `${id}: ${consumer.id}: ${consumerText(consumer, now)}\n`);
}

function consumerText({ state, since, lagMs, why, lookAt }: ConsumerView, now: number): string {
  const at = since === undefined ? '' : ` ${moment(since, now)}`;
  const because = why === undefined ? '' : `: ${why}`;
  const next = lookAt === undefined ? '' : `; looked at next ${moment(lookAt, now)}`;
  switch (state) {
    case 'idle':
      return 'nothing was to be taken up yet';
    case 'waiting':
      return `needed since${at}, not asked yet${because}${next}`;
    case 'refreshing':
      return `asked${at}${because}${next}`;
    case 'unhealthy':
      return `unhealthy since${at}${because}${next}`;
    case 'through':
      return `through${at}${lagMs === undefined ? '' : `, consumer lag ${rough(lagMs)}`}`;
  }
}
