/** Looking at an account, and what follows from what was seen of it: adoption, holds. */
import { mayEndContest } from '../contest.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { dueNow } from '../due.ts';
import { hasOwnHold, isStanding, mintHold } from '../holds.ts';
import { placesOf } from '../places.ts';
import type { AccountRecord } from '../record.ts';
import { accountSeen, isOwnAccount, targetsOf } from '../situation.ts';
import type { AccountSeen, Situation } from '../situation.ts';
import { isVerifyDue } from '../verify.ts';
import { failure, isWaiting, lookFailure } from './failing.ts';

/** Reasons to look at an account although nothing is to be minted. */
export function look(situation: Situation): Decision | undefined {
  const other = hasReasonToLook(situation);
  if (situation.record.rotation?.intent !== undefined || !(other || isToVerify(situation))) return undefined;
  if (isWaiting(situation)) return undefined;
  const failing = lookFailure(situation) ?? situation.seen.managerFailure?.failure;
  if (failing !== undefined) return note(failure(situation, failing, { calm: !other }));
  if (accountSeen(situation) !== undefined) return undefined;
  return { do: 'observe', account: true, manager: true, targets: targetsOf(situation) };
}

function hasReasonToLook(situation: Situation): boolean {
  const { record, policy, now, dueWhy, configured, callsShortUntil } = situation;
  if (record.reobserveAt.some((at) => at <= now)) return true;
  if (!configured) return false;
  if (record.adoptedAt === undefined) return true;
  if (dueWhy === 'recheck' && callsShortUntil === undefined) return true;
  if (policy.targets.some(({ id }) => record.targets[id] === undefined)) return true;
  if (isElsewhere(situation)) return true;
  if (policy.targets.some(({ id }) => mayEndContest(record.targets[id], now))) return true;
  // Those that stand are all of the account or its targets.
  if (callsShortUntil !== undefined || !hasOwnHold(situation)) return false;
  const due = dueNow(situation);
  const hold = due && mintHold(situation, due);
  return hold !== undefined && isStanding(hold);
}

/** It became a pair, or is none any more: which account the live credential belongs to has to be seen. */
function isElsewhere({ policy, record }: Situation): boolean {
  const { live } = record;
  if (live === undefined) return false;
  return live.accountId === undefined
    ? policy.strategy === 'pair'
    : !policy.accountIds.includes(live.accountId);
}

function isToVerify(situation: Situation): boolean {
  return situation.configured && isVerifyDue(situation);
}

/** The record with the look in it that was just had. */
export function withLook(situation: Situation): AccountRecord {
  const { record } = situation;
  const requestedAt = accountSeen(situation)?.requestedAt;
  if (requestedAt === undefined || requestedAt === record.lookedAt) return record;
  return lookFailure(situation) === undefined ? { ...record, lookedAt: requestedAt } : record;
}

export function adopt(situation: Situation): Decision | undefined {
  const { record, policy, seen } = situation;
  const account = accountSeen(situation);
  if (record.adoptedAt !== undefined || account === undefined) return undefined;
  // What is not certain is no first sight.
  if (lookFailure(situation) !== undefined) return undefined;
  const written = Object.values(seen.targets).flatMap(({ writtenByUsAt }) => writtenByUsAt ?? []);
  const { issuedAt, expiresAt } = account.live ?? {};
  return note({
    kind: 'account-adopted',
    evidence: written.length > 0 ? 'store' : issuedAt === undefined ? 'none' : 'issued-at',
    ...(account.live === undefined ? {} : { live: account.live.fingerprint }),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    // A clock that was ahead may have dated what it wrote: no slot waits for that date.
    ...(written.length === 0 ? {} : { slotFrom: Math.min(Math.max(...written), situation.now) }),
    places: placesOf(policy),
  });
}

/** Holds that come and go with what is seen at the provider. */
export function noteHolds(situation: Situation): Decision | undefined {
  const { record } = situation;
  const account = accountSeen(situation);
  if (account === undefined || lookFailure(situation) !== undefined) return undefined;
  if (account.state !== 'open' && record.held['closed'] === undefined) {
    const accountId = missedIn(situation, account);
    const then = situation.policy.reopenClosed
      ? 'the next mint re-opens it (reopenClosed: true)'
      : 'rekeyd does not re-open it';
    const why =
      account.state === 'closed'
        ? `the account ${accountId} is closed at the provider; ${then}`
        : `the provider has no account ${accountId}; check accountId and organisation`;
    return note({ kind: 'account-held', hold: 'closed', why });
  }
  if (account.state === 'open' && record.held['closed'] !== undefined) {
    return note({ kind: 'hold-lifted', hold: 'closed' });
  }
  const isOwn = isOwnAccount(situation);
  if (isOwn === undefined) return undefined;
  if (isOwn && record.held['own-account'] === undefined) {
    const why =
      'the manager credential belongs to this very account; a lost answer would lock rekeyd out. ' +
      'Give the provider the token of another admin account';
    return note({ kind: 'account-held', hold: 'own-account', why });
  }
  if (!isOwn && record.held['own-account'] !== undefined)
    return note({ kind: 'hold-lifted', hold: 'own-account' });
  return undefined;
}

/** The account that is not open; of a pair, the one of the two. */
function missedIn({ policy }: Situation, { members = [], state }: AccountSeen): string {
  return members.find((member) => member.state === state)?.accountId ?? policy.accountIds[0];
}

/** A look that was asked for, or that had failed before, has been had. */
export function forgetWhatIsDone(situation: Situation): Decision | undefined {
  const { record } = situation;
  const account = accountSeen(situation);
  if (account === undefined || lookFailure(situation) !== undefined) return undefined;
  if (situation.seen.managerFailure !== undefined) return undefined;
  // While a rotation is open, what was tried in vain is its own; and what is planned to be tried again is not done.
  const retried = record.retries > 0 && record.rotation === undefined && !isWaiting(situation);
  const pending = record.reobserveAt.some((at) => at <= account.requestedAt) || retried;
  return pending ? note({ kind: 'looked', requestedAt: account.requestedAt }) : undefined;
}
