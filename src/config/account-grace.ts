/** What cannot be meant of how long an old credential goes on working. */
import type { Strategy } from '../domain/account.ts';
import { formatDuration } from '../domain/duration.ts';
import { LIMITS } from '../domain/limits.ts';
import { retires } from '../domain/strategy.ts';
import type { AccountDefaults } from './account-schema.ts';
import type { Flaw, Path } from './problem.ts';

/** The hard limit comes after the grace. Strategies that retire nothing have neither. */
export function graceFlaws(
  { grace, retireHardLimit }: AccountDefaults,
  from: {
    readonly strategy: Strategy | undefined;
    readonly flawAt: (path: Path, message: string) => Flaw;
  },
): Flaw[] {
  if (from.strategy === undefined || !retires(from.strategy)) return [];
  const graceMs = grace ?? LIMITS.graceMs;
  const limitMs = retireHardLimit ?? LIMITS.retireHardLimitMs;
  if (limitMs >= graceMs) return [];
  const message =
    `found ${formatDuration(limitMs)}, shorter than grace (${formatDuration(graceMs)}): ` +
    'the old credential would be retired while it is promised to work';
  return [from.flawAt([retireHardLimit === undefined ? 'grace' : 'retireHardLimit'], message)];
}
