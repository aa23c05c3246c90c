/** The end of a rotation: what was minted is where it should be and accepted; in place, the old credential is tried. */
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { dueNow } from '../due.ts';
import { mintHold, stopsPreparing } from '../holds.ts';
import { isLeftAsItIs } from '../live.ts';
import type { AccountRecord, OpenRotation } from '../record.ts';
import { isMintedForLately, refusalOf } from '../refusal.ts';
import { accountSeen, isClockDoubtful } from '../situation.ts';
import type { Situation } from '../situation.ts';
import type { Target } from '../target.ts';
import { failure, isWaiting } from './failing.ts';
import { refusedFailure } from './refusing.ts';
import { graceFacts } from './retiring.ts';
import { endingOf, triedSince, tryEnded } from './trying-ended.ts';

type Minted = NonNullable<OpenRotation['minted']>;

/** When every required target is confirmed: close. In place the new credential is proved and the old one tried before. */
export function finish(situation: Situation): Decision | undefined {
  const { record } = situation;
  const { rotation, live } = record;
  if (rotation?.minted === undefined || live === undefined || rotation.intent) return undefined;
  if (rotation.minted.unproved !== undefined) return undefined;
  if (record.waiting?.compromised === 'now') {
    const why = 'what it minted has leaked: another one is minted now, without waiting for its deliveries';
    return note({ kind: 'rotation-abandoned', why });
  }
  const open = situation.policy.targets.filter(
    ({ id, required }) => required && !isConfirmed(situation, id) && !isLeftAsItIs(situation, id),
  );
  if (open.length > 0) return undefined;
  if (!live.proved) {
    const decision = proveNew(situation, live.fingerprint);
    if (decision !== 'inconclusive') return decision;
  }
  if (rotation.minted.provedFirst === true) {
    const ending = endingOf(situation, rotation);
    if (ending === 'wait') return refusedSince(situation, live.fingerprint);
    if (ending !== undefined) return ending;
    return note(success(situation, rotation.minted), ...graceFacts(situation));
  }
  if (!rotation.oldTried) return tryOld(situation, rotation);
  return note(success(situation, rotation.minted));
}

function isConfirmed({ record }: Situation, target: string): boolean {
  return record.targets[target]?.confirmed?.fingerprint === record.live?.fingerprint;
}

function proveNew(situation: Situation, fingerprint: string): Decision | 'inconclusive' | undefined {
  if (isGivenUp(situation)) return newRefused(situation, fingerprint);
  if (isWaiting(situation)) return undefined;
  if (situation.record.held['closed'] !== undefined) return whileClosed(situation);
  if (!situation.inHand.has(fingerprint)) {
    // Nobody has the value any more: it cannot be tried, and the targets hold it.
    return seeLive(situation, situation.policy.targets) ?? 'inconclusive';
  }
  const outcome = situation.seen.tried[fingerprint]?.outcome;
  if (outcome === undefined) return { do: 'try', fingerprint };
  if (outcome.kind === 'accepted') return note({ kind: 'credential-proved', fingerprint });
  if (outcome.kind === 'unknown') {
    // The account's own quota is used up: that says nothing about the credential.
    if (outcome.failure.kind === 'rate-limited') return 'inconclusive';
    return note(failure(situation, outcome.failure));
  }
  // Refused although just minted: somebody may have minted another. A look at the provider tells.
  const look = seeLive(situation, []);
  if (look !== undefined) return look;
  return newRefused(situation, fingerprint);
}

/**
 * A closed account refuses everything. Once it is open again, a recheck goes on; where the next mint is to open it, that must not wait
 * behind this one.
 */
function whileClosed(situation: Situation): Decision | undefined {
  if (!situation.policy.reopenClosed || !mayFollow(situation)) return undefined;
  const why =
    'the account was closed before what was minted could be proved; another mint follows, which re-opens it';
  return note({ kind: 'rotation-abandoned', why });
}

/** The rotation stays open until what it minted is accepted, unless another one is to follow, which must not wait behind it. */
function newRefused(situation: Situation, fingerprint: string): Decision {
  const why = `the provider refuses the credential ${fingerprint} that it has just minted`;
  return isGivenUp(situation) || mayFollow(situation)
    ? note({ kind: 'rotation-abandoned', why })
    : note(refusedFailure(situation, why));
}

/** Ends the rotation whose credential is refused, where that is known and another one is to follow or a person is to see to it. */
export function giveUp(situation: Situation, fingerprint: string): Decision | undefined {
  return isGivenUp(situation) ? newRefused(situation, fingerprint) : undefined;
}

/** What has leaked cannot be ended where what replaced it was ended as well, by somebody else: another one has to come first. */
function refusedSince(situation: Situation, fingerprint: string): Decision | undefined {
  return refusalOf(situation.record)?.countedAt === undefined ? undefined : giveUp(situation, fingerprint);
}

/** It is known that what was minted is refused, and another one is to follow, or a person is to see to it. */
function isGivenUp(situation: Situation): boolean {
  const { record, policy, now } = situation;
  const refusal = refusalOf(record);
  if (refusal === undefined && !isSeenRefused(record)) return false;
  if (mayFollow(situation)) return true;
  if (refusal?.countedAt === undefined) return false;
  const rotates = policy.onRefused === 'rotate' && !isMintedForLately(record, now);
  return rotates || record.parked !== undefined;
}

/** What was minted was tried since and refused, although not for certain: where the live credential is not shown, it never will be. */
function isSeenRefused({ rotation, lastFailure }: AccountRecord): boolean {
  return lastFailure?.failure === 'credential-refused' && lastFailure.at > (rotation?.minted?.sentAt ?? 0);
}

/**
 * A person asked for another one, or a slot, an age or an expiry came since, and nothing is against it. That a store which was down is up
 * again, only the next one's preparing finds out: nothing has to be written there before.
 */
function mayFollow(situation: Situation): boolean {
  if (situation.record.waiting !== undefined) return true;
  const due = dueNow(situation);
  if (due === undefined || due.trigger === 'refused' || isClockDoubtful(situation)) return false;
  return !stopsPreparing(mintHold(situation, due));
}

/** A look at what is live; `undefined` once it was had. */
function seeLive(situation: Situation, targets: readonly Target[]): Decision | undefined {
  const failing = situation.seen.accountFailure?.failure;
  if (failing !== undefined) return note(failure(situation, failing));
  if (accountSeen(situation) !== undefined) return undefined;
  return { do: 'observe', account: true, manager: false, targets };
}

function tryOld(situation: Situation, { minted, compromised }: OpenRotation): Decision | undefined {
  const fingerprint = minted?.preImage;
  const sentAt = minted?.sentAt ?? 0;
  if (compromised !== undefined) {
    const ending = tryEnded(situation, { fingerprint, endedAt: sentAt, replaced: true });
    return ending === 'wait' ? undefined : ending;
  }
  const outcome = triedSince(situation, fingerprint, sentAt);
  if (fingerprint !== undefined && outcome === undefined && situation.inHand.has(fingerprint)) {
    return { do: 'try', fingerprint };
  }
  const kind = 'old-credential-tried';
  return note({ kind, fingerprint: fingerprint ?? '', outcome: outcome?.kind ?? 'unknown' });
}

function success({ record, policy }: Situation, minted: Minted): NewFact {
  const written = policy.targets.flatMap((target) => {
    const known = record.targets[target.id]?.written;
    return target.required && known?.fingerprint === minted.fingerprint ? [known.at] : [];
  });
  return {
    kind: 'rotation-succeeded',
    fingerprint: record.live?.fingerprint ?? minted.fingerprint,
    estimated: minted.recovered,
    // Where the old one goes on working, nobody is ever without.
    ...(written.length === 0 || minted.provedFirst === true
      ? {}
      : { darkWindowMs: Math.max(0, Math.max(...written) - minted.sentAt) }),
  };
}
