/**
 * When the live credential is tried: where its account is verified, where its provider lists it no more, and again after it was refused.
 * What a try says, others judge.
 */
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { dueNow, dueOf } from '../due.ts';
import type { Failure } from '../failure.ts';
import { mintHold, stopsPreparing } from '../holds.ts';
import type { OpenRotation, Refusal } from '../record.ts';
import { isRefusalFresh, othersAcceptedTryAt, refusalOf, refusedTryAt } from '../refusal.ts';
import { accountSeen, targetsUnseen } from '../situation.ts';
import type { AccountSeen, Situation, Tried } from '../situation.ts';
import { failure, isWaiting, lookFailure } from './failing.ts';

/** Tries the live credential where the account is verified, or where it was refused before and it is time. */
export function tryLive(situation: Situation): Decision | undefined {
  const { live } = situation.record;
  if (live === undefined) return undefined;
  const refusal = refusalOf(situation.record);
  const again = refusal && tryAgain(situation, refusal);
  if (again !== undefined) return again;
  if (!wantsTry(situation) || isWaiting(situation)) return undefined;
  if (triedSince(situation) !== undefined) return undefined;
  const failing = lookFailure(situation);
  if (failing !== undefined) return refusal && note(failure(situation, failing));
  const account = accountSeen(situation);
  if (account === undefined) {
    return refusal && { do: 'observe', account: true, manager: false, targets: [] };
  }
  if (account.state !== 'open') return undefined;
  if (situation.inHand.has(live.fingerprint)) return { do: 'try', fingerprint: live.fingerprint };
  const isNeeded = refusal === undefined ? isGone(situation) : isTryDue(situation, refusal);
  if (!isNeeded) return undefined;
  // Where the provider lists credentials without their values, targets have what is live.
  const unread = account.credentials && targetsUnseen(situation);
  if (unread !== undefined && unread.length > 0) {
    return { do: 'observe', account: false, manager: false, targets: unread };
  }
  if (refusal === undefined) return undefined;
  // It is not to be had. Said once: when it is tried next, is planned; soon where a target that may have it could not be read.
  const reason = account.credentials && unreadable(situation);
  return reason === undefined
    ? note(inconclusive(situation, refusal, situation.now, 'the provider does not show it'))
    : note(inconclusive(situation, { ...refusal, times: 1 }, situation.now, reason.message));
}

function unreadable(situation: Situation): Failure | undefined {
  const holds = Object.values(situation.seen.targets).map((seen) => seen.holds);
  return holds.find((one) => one.kind === 'unreadable')?.failure;
}

/** What was refused while all were waits no longer for its own time once others are accepted: targets may hold what is dead. */
function tryAgain(
  { record, policy, sharedHolds, configured, now }: Situation,
  refusal: Refusal,
): Decision | undefined {
  if (!configured || record.held['closed'] || record.mismatched || record.rotation?.intent) return undefined;
  const tryAt = othersAcceptedTryAt(refusal, policy.provider, sharedHolds);
  if (tryAt === undefined || tryAt > now) return undefined;
  return note({ kind: 'others-accepted', fingerprint: refusal.fingerprint });
}

/** Looks after which the live credential is tried as well: those that verify, or are had in place of one that does. */
const CALM_LOOKS: readonly (string | undefined)[] = ['verify', 'retry', 'recheck'];

function wantsTry(situation: Situation): boolean {
  const { record, configured, dueWhy } = situation;
  const { rotation, live } = record;
  if (!configured || record.held['closed'] || record.mismatched || rotation?.intent) return false;
  const refusal = refusalOf(record);
  if (refusal !== undefined && isTryDue(situation, refusal)) return true;
  const isReason =
    CALM_LOOKS.includes(dueWhy) || (refusal === undefined && isGone(situation)) || isDoubted(situation);
  if (live === undefined || !isReason) return false;
  // What is minted is proved before its rotation ends, which may be long after where something is to be ended first.
  const isSoonProved = rotation?.minted
    ? !live.proved
    : rotation !== undefined && !isHeld(situation, rotation);
  const untried = situation.seen.tried[live.fingerprint] === undefined;
  return !isSoonProved && untried && accountSeen(situation) !== undefined;
}

/** A look, whatever it was for, did not find it among those that the provider lists: somebody may have ended it. */
export function isGone(situation: Situation): boolean {
  const account = accountSeen(situation);
  return account !== undefined && isListedIn(situation, account) === false;
}

/** A mint with an answer that did not fit may have ended it, and nothing is under way or asked for that mints another one. */
export function isDoubted({ record }: Situation): boolean {
  return record.live?.doubted === true && record.rotation === undefined && record.waiting === undefined;
}

/** Nothing is prepared, and nobody knows for how long: what is live may die meanwhile, and is verified as if no rotation were open. */
function isHeld(situation: Situation, rotation: OpenRotation): boolean {
  return stopsPreparing(mintHold(situation, dueOf(rotation)));
}

/** Whether a credential that was refused is to be tried again now. */
function isTryDue(situation: Situation, refusal: Refusal): boolean {
  return refusal.tryAt <= situation.now || isNeededAgain(situation, refusal);
}

/** The try of the live credential that is not in the record yet. Instants in the future say nothing: the clock was put back since. */
export function triedSince({ record, seen, now }: Situation): Tried | undefined {
  const tried = seen.tried[record.live?.fingerprint ?? ''];
  const known = refusalOf(record)?.triedAt;
  if (tried === undefined || tried.at > now) return undefined;
  return known === undefined || known > now || tried.at > known ? tried : undefined;
}

/** A mint is about to follow from what was seen too long ago. */
function isNeededAgain(situation: Situation, refusal: Refusal): boolean {
  const { record, now, stopping } = situation;
  if (refusal.countedAt === undefined || isRefusalFresh(refusal, now) || stopping) return false;
  const { rotation } = record;
  const due = rotation === undefined ? dueNow(situation) : rotation.minted ? undefined : rotation;
  if (due?.trigger !== 'refused') return false;
  return !stopsPreparing(mintHold(situation, due));
}

/** A try that says nothing. */
export function inconclusive({ now }: Situation, refusal: Refusal, triedAt: number, why: string): NewFact {
  const { fingerprint, times } = refusal;
  return {
    kind: 'live-tried',
    fingerprint,
    outcome: 'inconclusive',
    triedAt,
    counts: false,
    why,
    tryAt: refusedTryAt(now, times),
  };
}

/** Whether the live credential is among those that its provider lists; `undefined` where it lists none, or nothing tells it apart. */
export function isListedIn({ record }: Situation, { credentials }: AccountSeen): boolean | undefined {
  const { reference, clientId } = record.live ?? {};
  if (credentials === undefined || (reference === undefined && clientId === undefined)) return undefined;
  return credentials.some(
    (one) =>
      (reference !== undefined && one.reference === reference) ||
      (clientId !== undefined && one.clientId === clientId),
  );
}
