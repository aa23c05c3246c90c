/** The rotation itself: opened when due, prepared until nothing is missing, minted, finished. */
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { dueNow, expiryDueAt, isMissed, missedRunAt } from '../due.ts';
import type { Due } from '../due.ts';
import { formatDuration } from '../duration.ts';
import { missesSlots } from '../hold.ts';
import { mintHold } from '../holds.ts';
import { isLeftDrifted } from '../live.ts';
import { isRefusedFor, unmetForMint } from '../needs.ts';
import type { Unmet } from '../needs.ts';
import type { AccountRecord, OpenRotation } from '../record.ts';
import { isMintedForLately, refusalOf } from '../refusal.ts';
import { previousSlot } from '../schedule.ts';
import { accountSeen, isClockDoubtful, targetSeen } from '../situation.ts';
import type { Situation } from '../situation.ts';
import type { Failure } from '../failure.ts';
import type { Target } from '../target.ts';
import { askTime } from './clock.ts';
import { failure, isWaiting, lookFailure } from './failing.ts';
import { missingForRefused, refusedFailure } from './refusing.ts';

type Minted = NonNullable<OpenRotation['minted']>;

export function park(situation: Situation): Decision | undefined {
  const { record, parkAfter, policy } = situation;
  if (record.parked !== undefined) return undefined;
  if (record.failures >= parkAfter) {
    const why = `${record.failures} failures of its own in a row; the last: ${record.lastFailure?.message ?? 'unknown'}`;
    return note({ kind: 'account-parked', why });
  }
  const expiry = expiryDueAt(policy, record);
  if (expiry !== undefined && record.live?.mintedAt !== undefined) {
    const livesMs = expiry - record.live.mintedAt;
    if (livesMs < policy.minIntervalMs) {
      const why =
        `the new credential would have to be replaced after ${formatDuration(Math.max(0, livesMs))}, ` +
        `sooner than minInterval (${formatDuration(policy.minIntervalMs)}) allows`;
      return note({ kind: 'account-parked', why });
    }
  }
  return undefined;
}

export function open(situation: Situation): Decision | undefined {
  const { record, policy, configured, stopping, now } = situation;
  if (record.rotation !== undefined || record.adoptedAt === undefined || !configured || stopping)
    return undefined;
  const due = dueNow(situation);
  if (due === undefined) return undefined;
  if (due.trigger !== 'manual' && isClockDoubtful(situation)) {
    return situation.timeUnknown === true ? askTime(situation) : undefined;
  }
  const hold = mintHold(situation, due);
  if (hold !== undefined && missesSlots(hold.kind)) return held(situation, due, hold.kind);
  if (due.slot !== undefined && isMissed(situation, due.slot)) {
    return policy.missed === 'skip'
      ? note({ kind: 'slot-skipped', slot: due.slot })
      : note({ kind: 'slot-missed', slot: due.slot, runAt: missedRunAt(policy, due.slot, now) });
  }
  // A store that is down is found to be up by preparing: the preflight's real write lifts the hold.
  if (hold !== undefined && hold.kind !== 'store-down') return held(situation, due, hold.kind);
  if (due.trigger === 'refused') {
    const missing = missingForRefused(situation);
    if (missing !== undefined) return missing === 'wait' ? undefined : missing;
  }
  const slot = due.slot ?? newestSlot(situation);
  return note({
    kind: 'rotation-opened',
    trigger: due.trigger,
    dueAt: due.dueAt,
    ...(slot === undefined ? {} : { slot }),
  });
}

function held({ record, policy }: Situation, due: Due, hold: string): Decision | undefined {
  if (due.slot === undefined) return undefined;
  const misses = missesSlots(hold);
  if (misses && policy.missed === 'skip') return note({ kind: 'slot-skipped', slot: due.slot });
  const known = misses ? record.pausedSlot : record.heldSlot;
  if (known === due.slot) return undefined;
  return note({ kind: 'slot-held', slot: due.slot, hold });
}

/** The newest slot that has come and needs nothing of its own once this rotation is open. */
function newestSlot(situation: Situation): number | undefined {
  const { policy, record, now } = situation;
  if (isClockDoubtful(situation)) return undefined;
  const slot = policy.schedule && previousSlot(policy.schedule, now);
  return slot !== undefined && slot > (record.slot ?? record.adoptedAt ?? 0) ? slot : undefined;
}

export function prepare(situation: Situation): Decision | undefined {
  const { rotation, waiting, live } = situation.record;
  if (rotation === undefined || rotation.minted || rotation.intent || !situation.configured) return undefined;
  if (rotation.trigger === 'adopt' && live !== undefined && !situation.policy.rotateOnAdopt) {
    return note({ kind: 'rotation-abandoned', why: 'what is live was found after all' });
  }
  if (rotation.trigger === 'refused' && refusalOf(situation.record) === undefined) {
    const why = 'the live credential is accepted again, or another one is live';
    return note({ kind: 'rotation-abandoned', why });
  }
  const slot = newestSlot(situation);
  if (slot !== undefined || waiting !== undefined) {
    const requests = waiting?.requests ?? [];
    return note({ kind: 'rotation-joined', requests, ...(slot === undefined ? {} : { slot }) });
  }
  if (situation.stopping || isWaiting(situation)) return undefined;
  const hold = mintHold(situation, { trigger: rotation.trigger, dueAt: rotation.dueAt });
  if (hold !== undefined && hold.kind !== 'store-down') return undefined;
  if (rotation.trigger === 'refused' && !isRefusedFor(situation)) return undefined;
  const unmet = unmetForMint(situation);
  if (unmet.length === 0) return hold === undefined ? { do: 'mint' } : undefined;
  const failing = gatheringFailure(situation, unmet);
  return failing === undefined ? gather(situation, unmet) : note(failure(situation, failing));
}

/** Why what is missing could not be got just now. */
function gatheringFailure(situation: Situation, unmet: readonly Unmet[]): Failure | undefined {
  const { seen } = situation;
  for (const { by, targets } of unmet) {
    if (by === 'manager' && seen.managerFailure !== undefined) return seen.managerFailure.failure;
    if (by === 'account') {
      const failing = lookFailure(situation);
      if (failing !== undefined) return failing;
      if (accountSeen(situation)?.state === 'absent') {
        const message = `the provider has no account ${situation.policy.accountIds[0]}; check accountId and organisation`;
        return { kind: 'not-found', message };
      }
    }
    for (const { id } of targets) {
      const holds = by === 'targets' ? targetSeen(situation, id)?.holds : undefined;
      if (holds?.kind === 'unreadable') return holds.failure;
      const failing = by === 'preflight' ? seen.preflights[id]?.failure : undefined;
      if (failing !== undefined) return failing;
    }
  }
  return undefined;
}

/** Looks at all that is missing at once; preflights next; and at the account again if that took too long. */
function gather(situation: Situation, unmet: readonly Unmet[]): Decision {
  const by = (how: Unmet['by']) => unmet.filter((one) => one.by === how);
  const targets = by('targets').flatMap((one) => one.targets);
  const preflight = [...new Set(by('preflight').flatMap((one) => one.targets))];
  const account =
    by('account').length > 0 && (preflight.length === 0 || accountSeen(situation) === undefined);
  const manager = by('manager').length > 0;
  if (account || manager || targets.length > 0) return { do: 'observe', account, manager, targets };
  return { do: 'preflight', targets: preflight };
}

/** In place, when every required target is confirmed: prove the new credential, try the old one, close. */
export function finish(situation: Situation): Decision | undefined {
  const { record } = situation;
  const { rotation, live } = record;
  if (rotation?.minted === undefined || live === undefined || rotation.intent) return undefined;
  const open = situation.policy.targets.filter(
    ({ id, required }) => required && !isConfirmed(situation, id) && !isLeftDrifted(situation, id),
  );
  if (open.length > 0) return undefined;
  if (!live.proved) {
    const decision = proveNew(situation, live.fingerprint);
    if (decision !== 'inconclusive') return decision;
  }
  if (!rotation.oldTried) return tryOld(situation, rotation.minted.preImage);
  return note(success(situation, rotation.minted));
}

function isConfirmed({ record }: Situation, target: string): boolean {
  return record.targets[target]?.confirmed?.fingerprint === record.live?.fingerprint;
}

function proveNew(situation: Situation, fingerprint: string): Decision | 'inconclusive' | undefined {
  if (isGivenUp(situation)) return newRefused(situation, fingerprint);
  if (isWaiting(situation)) return undefined;
  // A closed account refuses everything; once it is open again, a recheck goes on here.
  if (situation.record.held['closed'] !== undefined) return undefined;
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

/** A person asked for another one, or a slot, an age or an expiry came since, and nothing is against it. */
function mayFollow(situation: Situation): boolean {
  if (situation.record.waiting !== undefined) return true;
  const due = dueNow(situation);
  if (due === undefined || due.trigger === 'refused' || isClockDoubtful(situation)) return false;
  return mintHold(situation, due) === undefined;
}

/** A look at what is live; `undefined` once it was had. */
function seeLive(situation: Situation, targets: readonly Target[]): Decision | undefined {
  const failing = situation.seen.accountFailure?.failure;
  if (failing !== undefined) return note(failure(situation, failing));
  if (accountSeen(situation) !== undefined) return undefined;
  return { do: 'observe', account: true, manager: false, targets };
}

function tryOld(situation: Situation, fingerprint: string | undefined): Decision {
  const tried = fingerprint === undefined ? undefined : situation.seen.tried[fingerprint];
  const minted = situation.record.rotation?.minted;
  // A mint that lies in the future is older than it says: the clock was put back since.
  const sentAt = minted === undefined || minted.sentAt > situation.now ? 0 : minted.sentAt;
  const since = tried !== undefined && tried.at >= sentAt ? tried : undefined;
  if (fingerprint !== undefined && since === undefined && situation.inHand.has(fingerprint)) {
    return { do: 'try', fingerprint };
  }
  const outcome = since?.outcome.kind ?? 'unknown';
  return note({ kind: 'old-credential-tried', fingerprint: fingerprint ?? '', outcome });
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
    ...(written.length === 0 ? {} : { darkWindowMs: Math.max(0, Math.max(...written) - minted.sentAt) }),
  };
}
