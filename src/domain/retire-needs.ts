/** What must be known before an old credential is retired: the table of proofs. Also when that is looked into. */
import type { Account } from './account.ts';
import { formatDuration } from './duration.ts';
import { backOffMs, LIMITS } from './limits.ts';
import { awaited, isLeftAsItIs, undelivered } from './live.ts';
import { isOutOfPair, memberOf } from './pair.ts';
import type { OldCredential } from './record.ts';
import { owedRefreshes } from './refresh.ts';
import { accountSeen, isClockDoubtful, settledAt, targetSeen, targetsOf } from './situation.ts';
import type { AccountSeen, CredentialSeen, Situation } from './situation.ts';
import type { Target } from './target.ts';

/** An old credential that can be retired: the provider knows it by a reference. */
export type Retirable = OldCredential & { readonly reference: string };

/** What is missing: got by looking, or by waiting until then. */
export type UnmetForRetire =
  | { readonly need: string; readonly by: 'account' | 'manager' | 'time' }
  | { readonly need: string; readonly by: 'targets'; readonly targets: readonly Target[] }
  | { readonly need: string; readonly by: 'waiting'; readonly tryAt: number };

export interface RetireNeed {
  readonly need: string;
  /** What is missing of it; `undefined`: nothing. */
  readonly missing: (situation: Situation, old: Retirable) => UnmetForRetire | undefined;
}

/** In the order in which they are asked. A late one was never live, and an unused one was never anybody's: both are rows below. */
export const RETIRE_NEEDS: readonly RetireNeed[] = [
  { need: 'what time it is', missing: timeKnown },
  { need: 'the account and its credentials seen', missing: seenAccount },
  { need: 'whose the manager credential is', missing: seenManager },
  { need: "not the manager's own", missing: notOwn },
  { need: 'not the last one: what is live is there as well', missing: notLast },
  { need: 'every target read', missing: readTargets },
  { need: 'the newer one proved, and confirmed in every target', missing: replacedEverywhere },
  { need: 'the newer one taken up by whoever reads the targets', missing: takenUp },
  { need: 'held by no target', missing: heldNowhere },
  { need: 'quiet, or the hard limit passed', missing: quiet },
];

/** What has leaked ends without grace, and whoever uses it: it must neither be the last one nor the daemon's own. */
export const COMPROMISED_NEEDS: readonly RetireNeed[] = [
  { need: 'the account and its credentials seen', missing: seenAccount },
  { need: 'whose the manager credential is', missing: seenManager },
  { need: "not the manager's own", missing: notOwn },
  { need: 'not the last one: what is live is there as well', missing: notLast },
  { need: 'another one in every required target', missing: replacedWhereRequired },
  { need: 'the last try to end it settled, and every target looked at since', missing: endingSettled },
];

/** The first proof that is missing; `undefined`: it may be retired. */
export function unmetForRetire(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  for (const { missing } of old.compromised === true ? COMPROMISED_NEEDS : RETIRE_NEEDS) {
    const unmet = missing(situation, old);
    if (unmet !== undefined) return unmet;
  }
  return undefined;
}

/**
 * The old credentials that await retirement. In a pair these are only the leaked ones, and known by their account; where that is none of a
 * pair any more, whoever waited for it might wait for ever.
 */
export function retirables(known: Pick<Situation, 'policy' | 'record'>): readonly Retirable[] {
  return (known.record.old ?? []).flatMap((one): Retirable[] => {
    if (isOutOfPair(known, one)) return [];
    const reference = one.reference ?? (one.compromised === true ? one.accountId : undefined);
    return reference === undefined ? [] : [{ ...one, reference }];
  });
}

/** Whether what has leaked may be ended: the newer one is where it is needed, or nobody is to be waited for. */
export function isReplaced(situation: Pick<Situation, 'policy' | 'record' | 'configured'>): boolean {
  const { live, rotation } = situation.record;
  if (live?.proved !== true) return false;
  if (live.compromised === true && !isEndedFirst(situation)) return false;
  if (rotation?.compromised === 'now') return true;
  return undelivered(situation).every(({ id, required }) => !required || isLeftAsItIs(situation, id));
}

/**
 * Whether what leaked before is ended although what is live is said to have leaked since: the open rotation has replaced it, can only
 * succeed once it is dead, and the next one waits behind that, unless it has to begin at once; or of one that left there is none.
 */
function isEndedFirst({ configured, record }: Pick<Situation, 'configured' | 'record'>): boolean {
  const { rotation, waiting } = record;
  if (!configured && rotation?.minted === undefined) return true;
  if (rotation?.compromised === undefined || waiting?.compromised === 'now') return false;
  return rotation.minted !== undefined && rotation.minted.unproved === undefined;
}

/** How long an old credential goes on working, and when it is retired whoever uses it. */
export function graceOf({
  graceMs = LIMITS.graceMs,
  retireHardLimitMs = LIMITS.retireHardLimitMs,
}: Account): {
  readonly graceMs: number;
  readonly hardLimitMs: number;
} {
  return { graceMs, hardLimitMs: Math.max(graceMs, retireHardLimitMs) };
}

/** When an old credential may be retired at the earliest, ms since the epoch; `undefined` while not every target holds the newer one. */
export function graceUntil(policy: Account, old: OldCredential): number | undefined {
  if (old.compromised === true) return old.since;
  switch (old.why) {
    case 'unused':
      return old.since;
    case 'late':
      return old.since + LIMITS.sweepAfterMs;
    case 'replaced':
      return old.graceFrom === undefined ? undefined : old.graceFrom + graceOf(policy).graceMs;
  }
}

/** When its retirement is looked into next; `undefined` while something else has to happen first. */
export function retireLookAt(policy: Account, old: OldCredential): number | undefined {
  const from = graceUntil(policy, old);
  return from === undefined ? undefined : Math.max(from, old.waits?.tryAt ?? 0);
}

export function listed(
  account: AccountSeen | undefined,
  { reference }: Retirable,
): CredentialSeen | undefined {
  return account?.credentials?.find((one) => one.reference === reference);
}

/** When it was last used, as far as the provider shows. */
export function lastUsedAt(situation: Situation, old: Retirable): number | undefined {
  return listed(accountSeen(situation), old)?.lastUsedAt;
}

/** Whether it is retired because the hard limit has passed, although it was used lately. */
export function isStillUsed(situation: Situation, old: Retirable): boolean {
  const until = usedUntil(situation, old);
  return until !== undefined && until > situation.now;
}

/**
 * Until when its last use counts, by our clock, in ms since the epoch; `undefined`: it was never used. The provider dates it by its own
 * clock, and what the two differ by is nobody's concern up to `clockSkewMs`.
 */
function usedUntil(situation: Situation, old: Retirable): number | undefined {
  const used = lastUsedAt(situation, old);
  const { policy, providerAheadMs = 0 } = situation;
  return used === undefined ? undefined : used - providerAheadMs + graceOf(policy).graceMs;
}

/** Whether it is retired for how it is alone, whatever time it is. */
export function isTimeless({ why, compromised }: OldCredential): boolean {
  return why === 'unused' || compromised === true;
}

/** By a clock that may be wrong nobody knows for how long it has been old, nor when it was used last. */
function timeKnown(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  if (isTimeless(old) || !isClockDoubtful(situation)) return undefined;
  return { need: 'what time it is: this machine’s clock may be wrong', by: 'time' };
}

function seenAccount(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  const need = 'the account and its credentials seen';
  const account = accountSeen(situation);
  if (account === undefined || !isFresh(account.requestedAt, situation)) return { need, by: 'account' };
  const state = memberOf(account, old.accountId)?.state ?? account.state;
  if (state !== 'open') return later(situation, `the account is ${state}`, old);
  if (account.credentials === undefined && account.members === undefined)
    return later(situation, 'the provider does not list its credentials', old);
  return undefined;
}

function seenManager({ seen }: Situation): UnmetForRetire | undefined {
  return seen.manager === undefined ? { need: 'whose the manager credential is', by: 'manager' } : undefined;
}

function notOwn(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  const own = situation.seen.manager?.clientId;
  if (old.accountId !== undefined && old.accountId === situation.seen.manager?.accountId) {
    return later(situation, 'its account is the manager’s own; give the provider another one', old);
  }
  const clientId = listed(accountSeen(situation), old)?.clientId ?? old.clientId;
  if (own === undefined || clientId !== own) return undefined;
  return later(situation, 'it is the manager credential itself; give the provider another one', old);
}

function notLast(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  const { live } = situation.record;
  if (old.accountId !== undefined && live?.accountId !== undefined && live.accountId !== old.accountId)
    return undefined;
  const credentials = accountSeen(situation)?.credentials ?? [];
  const other = credentials.some(
    ({ reference }) => reference === live?.reference && reference !== old.reference,
  );
  return other ? undefined : later(situation, 'the live credential is not seen beside it', old);
}

function readTargets(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  const targets = unread(situation);
  if (targets.length > 0) return { need: 'every target read', by: 'targets', targets };
  const unreadable = targetsOf(situation).find(
    ({ id }) => targetSeen(situation, id)?.holds.kind === 'unreadable',
  );
  return unreadable && later(situation, `${unreadable.id} cannot be read, and may hold it`, old);
}

/** Those that nobody has looked at lately, whether or not they could be read. */
function unread(situation: Situation): readonly Target[] {
  return targetsOf(situation).filter(({ id }) => {
    const seen = targetSeen(situation, id);
    return seen === undefined || !isFresh(seen.requestedAt, situation);
  });
}

function replacedEverywhere(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  const { live } = situation.record;
  if (live?.proved !== true) return later(situation, 'the live credential is not proved', old);
  // Nobody ever had it: that the newer one is everywhere tells nothing more.
  if (old.why !== 'replaced') return undefined;
  const [open] = awaited(situation);
  return open && later(situation, `${open.id} is not known to hold the live credential`, old);
}

/** Who reads a target may use for long what it held before. */
function takenUp(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  if (old.why !== 'replaced') return undefined;
  const [behind] = owedRefreshes(situation);
  if (behind === undefined) return undefined;
  const { consumer, target } = behind;
  return later(situation, `${consumer.id} has not taken up what ${target} holds`, old);
}

function replacedWhereRequired(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  const need = 'not every required target is known to hold another one';
  return isReplaced(situation) ? undefined : later(situation, need, old);
}

/**
 * Of a pair, what has leaked ends by a mint. Nobody needs what that brings; but one whose answer was lost may take effect late, and
 * would then end what the account got at its next turn. So it is not repeated, and its rotation stays open, until it has settled. What it
 * brought is what another one would end, and somebody may have put that into a target. One that cannot be read is not waited for: what
 * has leaked may work still.
 */
function endingSettled(
  situation: Situation,
  { accountId, intendedAt }: Retirable,
): UnmetForRetire | undefined {
  if (accountId === undefined || intendedAt === undefined) return undefined;
  const tryAt = settledAt(situation, intendedAt);
  const need = 'the last mint to end it, whose answer was lost, had no effect';
  if (tryAt > situation.now) return { need, by: 'waiting', tryAt };
  if ((accountSeen(situation)?.requestedAt ?? 0) < tryAt) return { need, by: 'account' };
  const targets = unread(situation);
  return targets.length === 0 ? undefined : { need: 'every target looked at', by: 'targets', targets };
}

function heldNowhere(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  const clientId = old.clientId ?? listed(accountSeen(situation), old)?.clientId;
  const holder = targetsOf(situation).find(({ id }) => {
    const holds = targetSeen(situation, id)?.holds;
    if (holds?.kind !== 'credential') return false;
    return holds.fingerprint === old.fingerprint || (clientId !== undefined && holds.clientId === clientId);
  });
  return holder && later(situation, `${holder.id} holds it`, old);
}

function quiet(situation: Situation, old: Retirable): UnmetForRetire | undefined {
  const { policy, now } = situation;
  const used = lastUsedAt(situation, old);
  if (old.why === 'unused') return undefined;
  if (old.why === 'late') {
    return used === undefined ? undefined : later(situation, 'it was used, though nobody was given it', old);
  }
  const until = graceUntil(policy, old);
  if (until === undefined || until > now) {
    return { need: 'its grace is over', by: 'waiting', tryAt: until ?? now + LIMITS.retireTryMaxMs };
  }
  const countsUntil = usedUntil(situation, old);
  if (used === undefined || countsUntil === undefined || countsUntil <= now) return undefined;
  const { graceMs, hardLimitMs } = graceOf(policy);
  const limitAt = (old.graceFrom ?? now) + hardLimitMs;
  if (limitAt <= now) return undefined;
  const need =
    `it is still used (last at ${new Date(used).toISOString()}); it is retired when it was not for ` +
    `${formatDuration(graceMs)}, and at ${new Date(limitAt).toISOString()} in any case`;
  const tryAt = Math.min(Math.max(countsUntil, now + LIMITS.retireTryMs), limitAt);
  return { need, by: 'waiting', tryAt };
}

/** Nothing tells when that ends: it is looked into again, more and more rarely. */
function later({ now, dice }: Situation, need: string, old?: OldCredential): UnmetForRetire {
  const times = (old?.waits?.times ?? 0) + 1;
  const waitMs = backOffMs(times, LIMITS.retireTryMs, LIMITS.retireTryMaxMs, dice);
  return { need, by: 'waiting', tryAt: now + waitMs };
}

/** What lies in the future was dated by a clock that was put back since: nobody knows how old it is. */
function isFresh(at: number, { now }: Situation): boolean {
  return at <= now && at + LIMITS.targetFreshMs > now;
}
