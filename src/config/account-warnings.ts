/** What is allowed of an account and probably not meant. */
import type { Account } from '../domain/account.ts';
import { formatDuration } from '../domain/duration.ts';
import { shortestGap } from '../domain/schedule.ts';
import type { KnownStore } from './connections.ts';
import type { Path } from './problem.ts';

export interface AccountWarning {
  /** Groups warnings that say the same of many accounts. */
  readonly kind: 'consumer-lag' | 'lag-of-pair' | 'written-often' | 'too-soon' | 'jitter-cut';
  readonly path: Path;
  readonly message: string;
}

const HOUR_MS = 3_600_000;
/** Minute, or second and minute, as plain numbers: at most one slot an hour, or half of one where clocks change. */
const ONCE_AN_HOUR = /^(?:\d+ )?\d+ \S+ \S+ \S+ \S+$/;

export function warningsOf(account: Account, stores: ReadonlyMap<string, KnownStore>): AccountWarning[] {
  return [...lagWarnings(account), ...pairWarnings(account), ...scheduleWarnings(account, stores)];
}

/** In place, consumers are without a valid credential until they have read the new one. */
function lagWarnings({ strategy, targets }: Account): AccountWarning[] {
  if (strategy !== 'in-place') return [];
  return targets.flatMap((target, index) => {
    if (target.consumerLagMs !== undefined) return [];
    const message =
      'no consumerLag: rotated in place, the old credential dies at once, and how long consumers go on ' +
      'using it is not known; say how long they take to pick a new value up, such as consumerLag: 5m';
    return [{ kind: 'consumer-lag' as const, path: ['targets', index], message }];
  });
}

/** The turn after next ends what slow consumers may still use. */
function pairWarnings({ strategy, targets, minIntervalMs }: Account): AccountWarning[] {
  if (strategy !== 'pair') return [];
  return targets.flatMap(({ consumerLagMs }, index) => {
    if (consumerLagMs === undefined || consumerLagMs < minIntervalMs) return [];
    const message =
      `consumerLag ${formatDuration(consumerLagMs)} is no shorter than minInterval (${formatDuration(minIntervalMs)}): a rotation ` +
      'may end what its consumers still use from the last but one; lengthen minInterval';
    return [{ kind: 'lag-of-pair' as const, path: ['targets', index], message }];
  });
}

function scheduleWarnings(account: Account, stores: ReadonlyMap<string, KnownStore>): AccountWarning[] {
  const { schedule, minIntervalMs, jitterMs, targets } = account;
  if (schedule === undefined) return [];
  const apart = targets.map((target) => stores.get(target.store)?.entry?.writesApartMs ?? 0);
  if (ONCE_AN_HOUR.test(schedule.pattern) && Math.max(minIntervalMs, jitterMs, ...apart) <= HOUR_MS / 2) {
    return [];
  }
  const gapMs = shortestGap(schedule);
  const gap = formatDuration(gapMs);
  const warnings: AccountWarning[] = [];
  if (minIntervalMs > gapMs) {
    const message =
      `slots come as close as ${gap}, which is less than minInterval (${formatDuration(minIntervalMs)}): ` +
      'some will be late; shorten minInterval or rotate less often';
    warnings.push({ kind: 'too-soon', path: ['schedule'], message });
  }
  if (jitterMs > gapMs) {
    const message = `jitter ${formatDuration(jitterMs)} is cut to ${gap}, the shortest time between two slots`;
    warnings.push({ kind: 'jitter-cut', path: ['jitter'], message });
  }
  apart.forEach((ms, index) => {
    if (ms <= gapMs) return;
    const message =
      `the schedule writes it as often as every ${gap}; its store advises ${formatDuration(ms)} or more ` +
      'between two writes';
    warnings.push({ kind: 'written-often', path: ['targets', index], message });
  });
  return warnings;
}
