/** Making every target hold the live credential: prove it where it is not our own, write, read back. */
import { isContested } from '../contest.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { mayHeal } from '../holds.ts';
import { holdingOf, isDeliverable, isLeftAsItIs, isOnItsWay, isWritten, undelivered } from '../live.ts';
import { accountSeen, targetSeen, targetsOf } from '../situation.ts';
import type { Situation } from '../situation.ts';
import type { Target } from '../target.ts';
import { failure, isWaiting, lookFailure } from './failing.ts';
import { refusedFailure } from './refusing.ts';
import { giveUp } from './finishing.ts';

/** A live credential that did not come with our own mint's answer is used once before it is delivered. */
export function proveLive(situation: Situation): Decision | undefined {
  const { live, mismatched, rotation } = situation.record;
  // While nobody knows whether a mint happened, nothing else may be concluded of what is live.
  if (rotation?.intent !== undefined) return undefined;
  if (live === undefined || isDeliverable(live) || mismatched) return undefined;
  // What was minted and found by looking may have died before any target got it: another one must not wait behind it.
  const isIt = rotation?.minted !== undefined && rotation.minted.unproved === undefined;
  const over = isIt ? giveUp(situation, live.fingerprint) : undefined;
  if (over !== undefined) return over;
  if (isWaiting(situation)) return undefined;
  if (deliverableTo(situation).length === 0) return undefined;
  if (!situation.inHand.has(live.fingerprint)) return getValue(situation, live.fingerprint);
  const outcome = situation.seen.tried[live.fingerprint]?.outcome;
  if (outcome === undefined) return { do: 'try', fingerprint: live.fingerprint };
  if (outcome.kind === 'unknown') return note(failure(situation, outcome.failure));
  if (outcome.kind === 'refused') {
    // Expired, or ended by somebody: the mint that is being prepared is what puts it right.
    if (rotation !== undefined && rotation.minted === undefined) return undefined;
    const message = `the provider shows the credential ${live.fingerprint} as live and refuses it; nothing is delivered`;
    return note(refusedFailure(situation, message));
  }
  if (!situation.policy.accountIds.includes(outcome.accountId)) {
    const why = `the credential ${live.fingerprint} belongs to the account ${outcome.accountId}`;
    return note({ kind: 'account-mismatched', why, mintedAt: situation.now });
  }
  return note({ kind: 'credential-proved', fingerprint: live.fingerprint });
}

export function deliverLive(situation: Situation): Decision | undefined {
  const { live, mismatched, rotation } = situation.record;
  if (live === undefined || !isDeliverable(live) || mismatched || rotation?.intent) return undefined;
  const targets = deliverableTo(situation);
  if (targets.length === 0) return undefined;
  if (!situation.inHand.has(live.fingerprint)) return getValue(situation, live.fingerprint);
  const unread = targets.filter(({ id }) => targetSeen(situation, id) === undefined);
  if (unread.length > 0) return { do: 'observe', account: false, manager: false, targets: unread };
  return intendFirst(situation, targets) ?? { do: 'deliver', fingerprint: live.fingerprint, targets };
}

/** The process may end between a write and its fact. That the consumers have to take it up must not depend on that. */
function intendFirst(situation: Situation, targets: readonly Target[]): Decision | undefined {
  const [first, ...rest] = targets
    .filter(({ id, consumers = [] }) => consumers.length > 0 && !isOnItsWay(situation, id))
    .map(({ id }) => ({ kind: 'delivery-intended', target: id }) as const);
  return first && note(first, ...rest);
}

/** Read back what was written. */
export function confirmWritten(situation: Situation): Decision | undefined {
  const unread = targetsOf(situation).filter(
    ({ id }) =>
      isWritten(situation, id) && !isTargetWaiting(situation, id) && targetSeen(situation, id) === undefined,
  );
  if (unread.length === 0) return undefined;
  return { do: 'observe', account: false, manager: false, targets: unread };
}

/** The undelivered targets that may be written to now. */
function deliverableTo(situation: Situation): readonly Target[] {
  return undelivered(situation).filter((target) => mayWrite(situation, target));
}

function mayWrite(situation: Situation, target: Target): boolean {
  const { record, configured } = situation;
  const known = record.targets[target.id];
  if (isTargetWaiting(situation, target.id)) return false;
  if (known?.foreign !== undefined && !target.overwrite) return false;
  // Written, and not found wanting by a read: it is to be confirmed, not written again.
  if (isWritten(situation, target.id) && known?.misread !== true) return false;
  if (known?.owed === undefined) {
    if (!configured || !mayHeal(situation) || isContested(known, situation.now)) return false;
    if (isLeftAsItIs(situation, target.id)) return false;
  }
  const seen = targetSeen(situation, target.id);
  if (seen === undefined) return true;
  const holding = holdingOf(situation, target, seen);
  return holding === 'nothing' || holding === 'old';
}

function isTargetWaiting({ record, now }: Situation, target: string): boolean {
  const retryAt = record.targets[target]?.retryAt;
  return retryAt !== undefined && retryAt > now;
}

/** The value of the live credential: from the provider, else from a target that holds it, else it is lost. */
function getValue(situation: Situation, fingerprint: string): Decision | undefined {
  if (isWaiting(situation)) return undefined;
  const failing = lookFailure(situation);
  if (failing !== undefined) return note(failure(situation, failing));
  const targets = targetsOf(situation);
  if (accountSeen(situation) === undefined) return { do: 'observe', account: true, manager: false, targets };
  const unread = targets.filter(({ id }) => targetSeen(situation, id) === undefined);
  if (unread.length > 0) return { do: 'observe', account: false, manager: false, targets: unread };
  const unreadable = targets.find(({ id }) => targetSeen(situation, id)?.holds.kind === 'unreadable');
  if (unreadable !== undefined) {
    const message = `the value of ${fingerprint} is only to be had from targets, and ${unreadable.id} cannot be read`;
    return note(failure(situation, { kind: 'store-unavailable', message }));
  }
  const account = accountSeen(situation);
  if (account?.state !== 'open') return undefined;
  return note({
    kind: 'credential-lost',
    preImage: fingerprint,
    mintedAt: situation.record.mintedAt ?? situation.now,
  });
}
