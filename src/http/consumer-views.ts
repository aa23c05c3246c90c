/** Who reads a target, as the API and the command line show them: how far each is with what the target holds. */
import type { Consumer, Refreshing } from '../domain/consumer.ts';
import type { TargetRecord } from '../domain/record.ts';
import type { Target } from '../domain/target.ts';

export interface ConsumerView {
  readonly id: string;
  /** `idle`: nothing was to be taken up yet. `waiting`: it was not asked yet, because something else comes first. */
  readonly state: 'idle' | 'waiting' | 'refreshing' | 'unhealthy' | 'through';
  /** Since when it is so; absent for `idle`. */
  readonly since?: number;
  /** From the store's acknowledgement until it was through, in ms. */
  readonly lagMs?: number;
  /** What it said last, or why it waits. */
  readonly why?: string;
  /** When it is looked at next. */
  readonly lookAt?: number;
  readonly failures: number;
}

/** Those that the target names, each with what is known of it; of a target that has left the configuration, those it was to wait for. */
export function consumerViews(
  { consumers }: Pick<Target, 'consumers'>,
  known: TargetRecord | undefined,
): { readonly consumers?: readonly ConsumerView[] } {
  if (consumers === undefined || consumers.length === 0) return {};
  const { refresh } = known ?? {};
  return {
    consumers: consumers.map((consumer) => {
      const state = refresh?.consumers[consumer.id];
      return state === undefined || refresh === undefined
        ? { id: consumer.id, state: 'idle', failures: 0 }
        : viewOf(consumer, state, refresh.neededAt);
    }),
  };
}

function viewOf({ id }: Consumer, state: Refreshing, neededAt: number): ConsumerView {
  const { throughAt, lagMs, unhealthySince, begunAt, lastWhy: why, checkAt: lookAt, failures } = state;
  if (throughAt !== undefined) {
    return { id, state: 'through', since: throughAt, failures, ...(lagMs === undefined ? {} : { lagMs }) };
  }
  const more = { lookAt, failures, ...(why === undefined ? {} : { why }) };
  if (unhealthySince !== undefined) return { id, state: 'unhealthy', since: unhealthySince, ...more };
  if (begunAt !== undefined) return { id, state: 'refreshing', since: begunAt, ...more };
  return { id, state: 'waiting', since: neededAt, ...more };
}
