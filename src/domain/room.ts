/** Room for old credentials in a record: while nearly as many as it can keep wait to be retired, no more are made unasked. */
import type { Account } from './account.ts';
import { expiryDueAt } from './due.ts';
import type { Hold } from './hold.ts';
import { LIMITS } from './limits.ts';
import type { AccountRecord, OldCredential } from './record.ts';
import { refusalOf } from './refusal.ts';
import { retires } from './strategy.ts';

/** Old credentials that a record keeps. One more, and the oldest is forgotten: it works on, and nobody ends it. */
export const OLD_MAX = 64;

interface Known {
  readonly policy: Account;
  readonly record: AccountRecord;
  readonly now: number;
}

/** A mint would make one more that has to be retired, and there is room for what turns up late or comes of no use alone. */
export function manyOldHold({ policy, record }: Known): Hold[] {
  const { old = [] } = record;
  const [oldest] = old;
  const last = old[LIMITS.oldWaitingMax - 1];
  if (oldest === undefined || last === undefined || !retires(policy.strategy)) return [];
  const reason =
    `${old.length} old credentials of ${policy.name} wait to be retired, and no more than ${OLD_MAX} are known; ` +
    `the oldest since ${new Date(oldest.since).toISOString()}: ${whyWaiting(oldest)}. ` +
    'See to that, shorten grace, or rotate less often';
  return [{ kind: 'many-old', subject: policy.name, since: last.since, by: 'rekeyd', reason }];
}

/** What is live dies, is refused or is not there: what comes after it is worth the room that is left. */
export function isWorthRoom({ policy, record, now }: Known): boolean {
  if ((record.old ?? []).length >= OLD_MAX) return false;
  const expiryAt = expiryDueAt(policy, record);
  const isDying = expiryAt !== undefined && expiryAt <= now;
  return record.live === undefined || isDying || refusalOf(record)?.countedAt !== undefined;
}

function whyWaiting({ why, compromised, graceFrom, waits }: OldCredential): string {
  if (waits !== undefined) return waits.why;
  if (why !== 'replaced' || compromised === true) return 'its time has not come';
  return graceFrom === undefined
    ? 'not every target is known to hold the newer one, or not all who read it have taken it up'
    : `its grace goes on since ${new Date(graceFrom).toISOString()}`;
}
