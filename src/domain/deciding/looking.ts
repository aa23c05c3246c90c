/** Looking at an account, and what follows from what was seen: adoption, holds, what is live, what targets hold. */
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { dueNow } from '../due.ts';
import { isStanding, mintHold } from '../holds.ts';
import { holdingOf, isWritten, mostHeld } from '../live.ts';
import type { AccountRecord } from '../record.ts';
import { accountSeen, targetSeen, targetsOf } from '../situation.ts';
import type { Situation, TargetSeen } from '../situation.ts';
import type { Target } from '../target.ts';
import { isVerifyDue } from '../verify.ts';
import { failure, isWaiting, lookFailure, targetFailure } from './failing.ts';

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
  const { record, policy, seen } = situation;
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
  if (seen.manager === undefined) return undefined;
  const isOwn = policy.accountIds.includes(seen.manager.accountId);
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
  if (live === undefined) return record.live === undefined ? liveFromTargets(situation) : undefined;
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

/** Only where every target was read, and each credential in them was tried: nothing shows what is live. */
function missing(situation: Situation): Decision | undefined {
  const { record, inHand, seen } = situation;
  if (record.liveMissingSince !== undefined) return undefined;
  for (const target of targetsOf(situation)) {
    const read = targetSeen(situation, target.id);
    if (read === undefined || read.holds.kind === 'unreadable') return undefined;
    if (read.holds.kind !== 'credential' || record.superseded.includes(read.holds.fingerprint)) continue;
    const { fingerprint } = read.holds;
    const outcome = seen.tried[fingerprint]?.outcome;
    if (outcome === undefined) return inHand.has(fingerprint) ? { do: 'try', fingerprint } : undefined;
    if (outcome.kind === 'unknown') return note(failure(situation, outcome.failure));
  }
  return note({ kind: 'live-missing' });
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

export function noteTargets(situation: Situation): Decision | undefined {
  if (situation.record.rotation?.intent !== undefined) return undefined;
  const facts: NewFact[] = [];
  for (const target of targetsOf(situation)) {
    const seen = targetSeen(situation, target.id);
    if (seen === undefined) continue;
    const untried = untriedIn(situation, target, seen);
    if (untried !== undefined) return { do: 'try', fingerprint: untried };
    const fact = factOf(situation, target, seen);
    if (fact !== undefined) facts.push(fact);
  }
  const [first, ...rest] = facts;
  return first && note(first, ...rest);
}

/** A credential in a target that nobody knows: whose it is, its use tells. */
function untriedIn(situation: Situation, target: Target, seen: TargetSeen): string | undefined {
  if (seen.holds.kind !== 'credential' || holdingOf(situation, target, seen) !== 'untried') return undefined;
  const { fingerprint } = seen.holds;
  return situation.seen.tried[fingerprint] === undefined && situation.inHand.has(fingerprint)
    ? fingerprint
    : undefined;
}

/** What a look at one target adds to the record, if anything. */
function factOf(situation: Situation, target: Target, seen: TargetSeen): NewFact | undefined {
  const { record, now } = situation;
  const known = record.targets[target.id];
  const fingerprint = seen.holds.kind === 'credential' ? { fingerprint: seen.holds.fingerprint } : {};
  const waits = known?.retryAt !== undefined && known.retryAt > now;
  switch (holdingOf(situation, target, seen)) {
    case 'live': {
      const live = record.live?.fingerprint ?? '';
      if (known?.confirmed?.fingerprint === live && known.foreign === undefined) return undefined;
      return { kind: 'target-confirmed', target: target.id, fingerprint: live, version: seen.version ?? '' };
    }
    case 'foreign':
      return known?.foreign ? undefined : { kind: 'target-foreign', target: target.id, ...fingerprint };
    case 'unreadable':
      if (waits || seen.holds.kind !== 'unreadable') return undefined;
      return targetFailure(situation, target.id, seen.holds.failure);
    case 'untried': {
      const tried =
        'fingerprint' in fingerprint ? situation.seen.tried[fingerprint.fingerprint ?? ''] : undefined;
      if (waits || tried?.outcome.kind !== 'unknown') return undefined;
      return targetFailure(situation, target.id, tried.outcome.failure);
    }
    case 'nothing':
    case 'old':
      if (known?.foreign !== undefined) return { kind: 'target-cleared', target: target.id };
      if (isWritten(situation, target.id) && known?.failures === 0) {
        const message = `${target.id} reads back something else than what was just written`;
        return targetFailure(situation, target.id, { kind: 'target-refused', message });
      }
      if (known?.confirmed === undefined || known.confirmed.fingerprint !== record.live?.fingerprint)
        return undefined;
      return { kind: 'target-drifted', target: target.id, ...fingerprint };
  }
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
