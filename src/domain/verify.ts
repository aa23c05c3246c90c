/** Verifying: live and targets are compared now and then although nothing is due. When that is, counted from the last look. */
import type { Account } from './account.ts';
import { HOLDS } from './hold.ts';
import type { Hold } from './hold.ts';
import { sharedHoldsOf } from './holds.ts';
import type { Known } from './holds.ts';
import type { AccountRecord } from './record.ts';
import { shareOf } from './share.ts';

/** Instants at which accounts are verified lie this far apart at least, as a part of `verify`: who comes together shares a list. */
const TICKS = 12;
/** An account comes sooner than `verify` says by up to this part of it: its own part, always the same. */
const JITTER = 1 / 4;

/**
 * When the account is to be verified, ms since the epoch: at the latest `verify` after the last look at it, whatever that was
 * for. Spread by account, so that a fleet that was looked at together does not stay together; and put on instants that all
 * accounts share, so that one list call serves those that come at one of them. `undefined` where it never is.
 */
export function verifyAt(policy: Account, record: AccountRecord, now: number): number | undefined {
  const { verifyMs } = policy;
  const from = record.lookedAt ?? record.adoptedAt;
  if (verifyMs === undefined || from === undefined) return undefined;
  // The clock was put back since: nobody knows how long ago that was.
  if (from > now) return now;
  const tickMs = Math.max(1, Math.floor(verifyMs / TICKS));
  const at = from + verifyMs * (1 - JITTER * shareOfAccount(policy));
  return Math.max(from + 1, Math.floor(at / tickMs) * tickMs);
}

/** Whether the account is to be verified now, no hold is against it, and its provider's calls are not kept for rotations. */
export function isVerifyDue(known: Known): boolean {
  if (known.callsShortUntil !== undefined) return false;
  const at = verifyAt(known.policy, known.record, known.now);
  return at !== undefined && at <= known.now && verifyHold(known) === undefined;
}

/** What makes verifying wait: a hold shared with others, whose lifting wakes the account. */
export function verifyHold(known: Known): Hold | undefined {
  return sharedHoldsOf(known).find((hold) =>
    (HOLDS[hold.kind].stops as readonly string[]).includes('verify'),
  );
}

/** Where in its time an account is verified. */
function shareOfAccount(policy: Account): number {
  const known = shares.get(policy);
  if (known !== undefined) return known;
  const { origin, organisation, accountIds } = policy;
  const share = shareOf(`${origin} ${organisation} ${accountIds[0]}`);
  shares.set(policy, share);
  return share;
}

/** Asked several times at each decision. */
const shares = new WeakMap<Account, number>();
