/** Since when an account has its schedule: slots that came before are none of its own. */
import type { Account, Schedule } from './account.ts';
import { LIMITS } from './limits.ts';
import type { AccountRecord } from './record.ts';

/**
 * The policy as it is put in force: dated `now` where this account has its schedule from now on, and as before where it has had it all
 * the time. `before`: the policy that was in force until now; absent where the account had left.
 */
export function withScheduleDated(policy: Account, before: Account | undefined, now: number): Account {
  if (policy.schedule === undefined) return policy;
  const isKept = before !== undefined && textOf(before.schedule) === textOf(policy.schedule);
  const scheduledAt = isKept ? before.scheduledAt : now;
  return scheduledAt === undefined ? policy : { ...policy, scheduledAt };
}

/** Written in another way, it is the same schedule. */
function textOf(schedule: Schedule | undefined): string | undefined {
  return schedule && `${schedule.pattern.trim().split(/\s+/).join(' ')} ${schedule.zone}`.toLowerCase();
}

/**
 * Slots up to here are dealt with, came before the account was known, or before it had this schedule. `undefined`: the account is not
 * known yet.
 */
export function slotsFrom({
  policy,
  record,
  now,
}: {
  readonly policy: Pick<Account, 'scheduledAt'>;
  readonly record: Pick<AccountRecord, 'slot' | 'adoptedAt'>;
  readonly now: number;
}): number | undefined {
  const done = record.slot ?? record.adoptedAt;
  const { scheduledAt } = policy;
  if (done === undefined || scheduledAt === undefined) return done;
  // The clock that dated it was wrong: nobody knows since when it is, and slots do not wait until then.
  return scheduledAt > now + LIMITS.clockSkewMs ? done : Math.max(done, scheduledAt);
}
