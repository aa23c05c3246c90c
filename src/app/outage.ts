/** What consumers of an account feel at a rotation: the dark window and, after it, their own refresh. Pure. */
import type { Account } from '../domain/account.ts';
import { formatDuration } from '../domain/duration.ts';
import type { AccountRecord } from '../domain/record.ts';
import type { TargetId } from '../domain/target.ts';

/** Durations in ms. */
export interface Outage {
  readonly account: string;
  /** Of the last rotation; absent where none was measured. */
  readonly darkWindowMs?: number;
  /** The measure is an upper bound, taken after a lost answer or a restart. */
  readonly estimated: boolean;
  readonly targets: readonly { readonly target: TargetId; readonly consumerLagMs?: number }[];
  /** The longest outage of any target's consumers; absent while a part of it is unknown. */
  readonly longestMs?: number;
}

/** `undefined` for strategies under which old and new credential are valid together: there consumers feel nothing. */
export function outageOf(policy: Account, record?: AccountRecord): Outage | undefined {
  if (policy.strategy !== 'in-place') return undefined;
  const { darkWindowMs, estimated = false } = record?.lastRotation ?? {};
  const targets = policy.targets.map(({ id, consumerLagMs }) => ({
    target: id,
    ...(consumerLagMs === undefined ? {} : { consumerLagMs }),
  }));
  const lags = policy.targets.map(({ consumerLagMs }) => consumerLagMs);
  const known = lags.filter((lag) => lag !== undefined);
  return {
    account: policy.name,
    estimated,
    targets,
    ...(darkWindowMs === undefined ? {} : { darkWindowMs }),
    ...(darkWindowMs === undefined || known.length < lags.length
      ? {}
      : { longestMs: darkWindowMs + Math.max(...known) }),
  };
}

/** The dark window in words: measured, or what it typically is. */
export function darkWindowWords({ darkWindowMs, estimated }: Outage): string {
  if (darkWindowMs === undefined) return 'unmeasured, typically the time of one write';
  return `${formatDuration(darkWindowMs)} at the last rotation${estimated ? ' (at most, estimated)' : ''}`;
}

/** What comes on top of the dark window for one target's consumers, in words. */
export function lagWords({ consumerLagMs }: Outage['targets'][number]): string {
  return consumerLagMs === undefined ? 'unknown: declare consumerLag' : formatDuration(consumerLagMs);
}
