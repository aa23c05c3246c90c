/** The rotation itself: opened when due, and prepared until nothing is missing and it can be minted. */
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { dueNow, dueOf, expiryDueAt, isMissed, missedRunAt } from '../due.ts';
import type { Due } from '../due.ts';
import { formatDuration } from '../duration.ts';
import { missesSlots } from '../hold.ts';
import { mintHold, stopsPreparing } from '../holds.ts';
import { endingSettlesAt, isRefusedFor, readersOfLastTurn, unmetForMint } from '../needs.ts';
import type { Unmet } from '../needs.ts';
import { LIMITS } from '../limits.ts';
import { memberOf, standbyOf } from '../pair.ts';
import { owedRefreshes } from '../refresh.ts';
import { refusalOf } from '../refusal.ts';
import { previousSlot } from '../schedule.ts';
import { slotsFrom } from '../scheduled.ts';
import { accountSeen, isClockDoubtful, targetSeen } from '../situation.ts';
import type { Situation } from '../situation.ts';
import type { Failure } from '../failure.ts';
import { askTime } from './clock.ts';
import { failure, isWaiting, lookFailure } from './failing.ts';
import { missingForRefused } from './refusing.ts';

export function park(situation: Situation): Decision | undefined {
  const { record, parkAfter, policy } = situation;
  if (record.parked !== undefined) return undefined;
  if (record.failures >= parkAfter) {
    const why = `${record.failures} failures of its own in a row; the last: ${record.lastFailure?.message ?? 'unknown'}`;
    return note({ kind: 'account-parked', why });
  }
  const expiry = expiryDueAt(policy, record);
  if (expiry !== undefined && record.live?.mintedAt !== undefined) {
    // Both by the provider's clock, where it tells: by one that was wrong, a credential would live for hours less.
    const livesMs = expiry - (record.live.issuedAt ?? record.live.mintedAt);
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
  if (stopsPreparing(hold)) return held(situation, due, hold.kind);
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
    ...(due.compromised && { compromised: due.compromised }),
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
  const { policy, now } = situation;
  if (isClockDoubtful(situation)) return undefined;
  const slot = policy.schedule && previousSlot(policy.schedule, now);
  return slot !== undefined && slot > (slotsFrom(situation) ?? 0) ? slot : undefined;
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
    const { requests = [], compromised } = waiting ?? {};
    return note({
      kind: 'rotation-joined',
      requests,
      ...(slot === undefined ? {} : { slot }),
      ...(compromised && { compromised }),
    });
  }
  if (situation.stopping || isWaiting(situation)) return undefined;
  const hold = mintHold(situation, dueOf(rotation));
  if (stopsPreparing(hold)) return undefined;
  if (rotation.trigger === 'refused' && !isRefusedFor(situation)) return undefined;
  const unmet = unmetForMint(situation);
  if (unmet.length === 0) return hold === undefined ? { do: 'mint' } : undefined;
  const failing = gatheringFailure(situation, unmet);
  if (failing === undefined) return gather(situation, unmet);
  return tryStuck(situation, unmet) ?? note(failure(situation, failing));
}

/**
 * A target that others put what the standby has into may hold that for ever, and the mint waits for as long. Should what is live die
 * meanwhile, it is found out by trying it: then that target holds what works.
 */
function tryStuck({ record, seen, inHand }: Situation, unmet: readonly Unmet[]): Decision | undefined {
  const { live } = record;
  if (live === undefined || !unmet.some(({ by }) => by === 'standby')) return undefined;
  const isTried = seen.tried[live.fingerprint] !== undefined || !inHand.has(live.fingerprint);
  return isTried ? undefined : { do: 'try', fingerprint: live.fingerprint };
}

/** Why what is missing could not be got just now. */
function gatheringFailure(situation: Situation, unmet: readonly Unmet[]): Failure | undefined {
  const { seen } = situation;
  for (const { by, targets } of unmet) {
    if (by === 'manager' && seen.managerFailure !== undefined) return seen.managerFailure.failure;
    if (by === 'account') {
      const failing = lookFailure(situation) ?? uselessLook(situation);
      if (failing !== undefined) return failing;
      if (accountSeen(situation)?.state === 'absent') {
        const message = `the provider has no account ${situation.policy.accountIds[0]}; check accountId and organisation`;
        return { kind: 'not-found', message };
      }
    }
    if (by === 'ending' && accountSeen(situation) !== undefined) return endingFailure(situation);
    if (by === 'consumers') return lastTurnFailure(situation);
    for (const { id } of targets) {
      if (by === 'standby') return standbyFailure(situation, id);
      const holds = by === 'targets' ? targetSeen(situation, id)?.holds : undefined;
      if (holds?.kind === 'unreadable') return holds.failure;
      const failing = by === 'preflight' ? seen.preflights[id]?.failure : undefined;
      if (failing !== undefined) return failing;
    }
  }
  return undefined;
}

/** Another look at once would show no more: what the provider shows is out of date, or was so when it came. */
function uselessLook(situation: Situation): Failure | undefined {
  const account = accountSeen(situation);
  if (account === undefined) return undefined;
  const { tookMs = 0 } = account;
  if (tookMs >= LIMITS.accountFreshMs) {
    const [took, limit] = [tookMs, LIMITS.accountFreshMs].map(formatDuration);
    const message = `the provider took ${took} to show the account, and a mint needs it seen less than ${limit} ago`;
    return { kind: 'no-answer', message };
  }
  const standby = memberOf(account, standbyOf(situation))?.live?.fingerprint;
  if (standby === undefined || !situation.record.superseded.includes(standby)) return undefined;
  const message = `the provider shows a credential of ${standbyOf(situation)} that was replaced already; looking again`;
  return { kind: 'answer-invalid', message };
}

function standbyFailure(situation: Situation, target: string): Failure {
  const standby = standbyOf(situation) ?? 'the standby';
  const holds = targetSeen(situation, target)?.holds;
  const tried = holds?.kind === 'credential' ? situation.seen.tried[holds.fingerprint]?.outcome : undefined;
  // When it may be tried again is no reason to wait for as long: what is put right is minted for before that.
  const message =
    tried?.kind === 'unknown'
      ? `${target} may hold what a mint for ${standby} would end: what it holds could not be tried ` +
        `(${tried.failure.message}); it is minted for once that is known`
      : `${target} holds what a mint for ${standby} would end; it is minted for once no target holds that any more`;
  return { kind: 'target-refused', message };
}

function endingFailure(situation: Situation): Failure {
  const { now, policy } = situation;
  const settlesAt = endingSettlesAt(situation) ?? now;
  const message =
    `the mint that was to end what has leaked of ${standbyOf(situation) ?? policy.accountIds[0]} had no answer, ` +
    `and may take effect still; another one for it is sent after ${new Date(settlesAt).toISOString()}`;
  return { kind: 'no-answer', message, retryAfterMs: Math.max(0, settlesAt - now) };
}

function lastTurnFailure(situation: Situation): Failure {
  const [target = ''] = readersOfLastTurn(situation);
  const ids = owedRefreshes(situation).flatMap((owed) => (owed.target === target ? [owed.consumer.id] : []));
  const who =
    ids.length === 0
      ? `${target} was written and not seen to hold what is live since; whoever reads it`
      : `${ids.join(', ')} of ${target}`;
  const message =
    `${who} may still use what a mint for ${standbyOf(situation) ?? 'the standby'} would end; ` +
    'it is minted for once they have taken up what is live, or at once with --compromised';
  return { kind: 'target-refused', message };
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
