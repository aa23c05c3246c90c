/** Looking at an account, and what follows from what was seen: adoption, holds, what is live, what targets hold. */
import { mayEndContest } from '../contest.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { dueNow } from '../due.ts';
import { isStanding, mintHold } from '../holds.ts';
import { mostHeld } from '../live.ts';
import type { AccountRecord, KnownCredential } from '../record.ts';
import { accountSeen, isOwnAccount, targetSeen, targetsOf } from '../situation.ts';
import type { Situation } from '../situation.ts';
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
  if (policy.targets.some(({ id }) => mayEndContest(record.targets[id], now))) return true;
  const due = dueNow(situation);
  const hold = due && mintHold(situation, due);
  return hold !== undefined && isStanding(hold) && callsShortUntil === undefined;
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
  const { record, seen } = situation;
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
    ...(written.length === 0 ? {} : { slotFrom: Math.max(...written) }),
  });
}

/** Holds that come and go with what is seen at the provider. */
export function noteHolds(situation: Situation): Decision | undefined {
  const { record, policy } = situation;
  const account = accountSeen(situation);
  if (account === undefined || lookFailure(situation) !== undefined) return undefined;
  if (account.state !== 'open' && record.held['closed'] === undefined) {
    const why =
      account.state === 'closed'
        ? `the account ${policy.accountIds[0]} is closed at the provider; rekeyd does not re-open it`
        : `the provider has no account ${policy.accountIds[0]}; check accountId and organisation`;
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

export function noteLive(situation: Situation): Decision | undefined {
  const { record } = situation;
  const account = accountSeen(situation);
  if (account?.state !== 'open' || record.rotation?.intent !== undefined) return undefined;
  const { live } = account;
  if (live === undefined) {
    return record.live === undefined ? liveFromTargets(situation) : newerInTargets(situation, record.live);
  }
  if (live.fingerprint === record.live?.fingerprint || record.superseded.includes(live.fingerprint))
    return undefined;
  return note({
    kind: 'live-changed',
    ...live,
    ...(record.live === undefined ? {} : { was: record.live.fingerprint }),
  });
}

/** The provider does not show what is live: it is what most targets hold, once that was proved. */
function liveFromTargets(situation: Situation): Decision | undefined {
  if (isWaiting(situation)) return undefined;
  const fingerprint = mostHeld(situation);
  if (fingerprint === undefined) return missing(situation);
  const outcome = situation.seen.tried[fingerprint]?.outcome;
  if (outcome === undefined) return { do: 'try', fingerprint };
  if (outcome.kind === 'unknown') return note(failure(situation, outcome.failure));
  if (outcome.kind === 'refused' || !situation.policy.accountIds.includes(outcome.accountId))
    return undefined;
  return note({ kind: 'live-found', fingerprint, ...lifetimeIn(situation, fingerprint) });
}

/**
 * The provider does not show what is live, and a target holds a credential that nobody knows. In place only one is accepted: where
 * it is this one, somebody minted it, and it is what is live.
 */
function newerInTargets(situation: Situation, live: KnownCredential): Decision | undefined {
  const { record, policy, seen, inHand } = situation;
  if (policy.strategy !== 'in-place' || isWaiting(situation)) return undefined;
  for (const { id } of targetsOf(situation)) {
    const holds = targetSeen(situation, id)?.holds;
    if (holds?.kind !== 'credential' || !inHand.has(holds.fingerprint)) continue;
    const { fingerprint } = holds;
    if (fingerprint === live.fingerprint || record.superseded.includes(fingerprint)) continue;
    const outcome = seen.tried[fingerprint]?.outcome;
    if (outcome === undefined) return { do: 'try', fingerprint };
    if (outcome.kind === 'unknown') return note(failure(situation, outcome.failure));
    if (outcome.kind === 'refused' || !policy.accountIds.includes(outcome.accountId)) continue;
    return note({
      kind: 'live-changed',
      fingerprint,
      was: live.fingerprint,
      ...lifetimeIn(situation, fingerprint),
    });
  }
  return undefined;
}

/** Only where every target was read, and holds nothing but what was replaced or refused: nothing shows what is live. */
function missing(situation: Situation): Decision | undefined {
  if (situation.record.liveMissingSince !== undefined) return undefined;
  const kinds = targetsOf(situation).map(({ id }) => targetSeen(situation, id)?.holds.kind ?? 'unreadable');
  return kinds.includes('unreadable') ? undefined : note({ kind: 'live-missing' });
}

/** What a credential that a target holds says of its own life. */
function lifetimeIn({ seen }: Situation, fingerprint: string): { issuedAt?: number; expiresAt?: number } {
  for (const { holds } of Object.values(seen.targets)) {
    if (holds.kind !== 'credential' || holds.fingerprint !== fingerprint) continue;
    const { issuedAt, expiresAt } = holds;
    return { ...(issuedAt !== undefined && { issuedAt }), ...(expiresAt !== undefined && { expiresAt }) };
  }
  return {};
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
