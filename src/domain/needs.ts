/** What must be known before a mint: the table of proofs, each with the age up to which it counts. */
import { isContested } from './contest.ts';
import type { Fingerprint } from './credential.ts';
import { LIMITS } from './limits.ts';
import { isWritten } from './live.ts';
import { memberOf, seenOf, standbyOf } from './pair.ts';
import { targetsBehind } from './refresh.ts';
import { isRefusalFresh, refusalOf } from './refusal.ts';
import { accountSeen, hasExpired, settledAt, targetSeen, targetsOf } from './situation.ts';
import type { AccountSeen, Situation } from './situation.ts';
import type { Target, TargetId } from './target.ts';

/** How a missing proof is got. */
export type Gathering =
  | 'account'
  | 'manager'
  | 'targets'
  | 'preflight'
  | 'try'
  | 'standby'
  | 'ending'
  | 'consumers';

export interface Unmet {
  readonly need: string;
  readonly by: Gathering;
  readonly targets: readonly Target[];
}

export interface Need {
  readonly need: string;
  readonly by: Gathering;
  /** For these targets it is missing; `true`: for the account. */
  readonly missing: (situation: Situation) => boolean | readonly Target[];
}

/** What a mint in place needs. The account comes last, because its proof ages fastest. */
export const MINT_NEEDS: readonly Need[] = [
  { need: "not the manager's own account", by: 'manager', missing: ({ seen }) => seen.manager === undefined },
  {
    need: 'the live credential refused, where that is why',
    by: 'try',
    missing: (situation) => !isRefusedFor(situation),
  },
  {
    need: 'every target read',
    by: 'targets',
    missing: (s) => targetsOf(s).filter((target) => !isRead(s, target) && !isLookedAt(s, target)),
  },
  {
    need: 'required targets writable',
    by: 'preflight',
    missing: (s) => waitedFor(s).filter((target) => !isWritable(s, target)),
  },
  {
    need: 'a real write to required targets by this identity',
    by: 'preflight',
    missing: (s) => waitedFor(s).filter((target) => !isWriteProved(s, target)),
  },
  {
    need: "a pair's standby held by no target",
    by: 'standby',
    missing: (situation) => standbyHolders(situation),
  },
  {
    need: 'no mint under way that was to end what the account has',
    by: 'ending',
    missing: (situation) => endingSettlesAt(situation) !== undefined,
  },
  {
    need: 'the consumers of the last turn through',
    by: 'consumers',
    missing: (situation) => readersOfLastTurn(situation).length > 0,
  },
  { need: 'account open, pre-image seen', by: 'account', missing: (s) => !isOpenAndFresh(s) },
];

/** The proofs that a mint still lacks, in the order in which they are got; none left: it may be sent. */
export function unmetForMint(situation: Situation): readonly Unmet[] {
  return MINT_NEEDS.flatMap(({ need, by, missing }) => {
    const lacking = missing(situation);
    if (lacking === false || (Array.isArray(lacking) && lacking.length === 0)) return [];
    return [{ need, by, targets: lacking === true ? [] : (lacking as readonly Target[]) }];
  });
}

/** Whether a preflight of this target has to make a real write. */
export function needsRealWrite(situation: Situation, target: Target): boolean {
  const known = situation.record.targets[target.id]?.realWrite;
  const maxAgeMs = situation.proofMaxAgeMs[target.store] ?? 0;
  const identity = situation.seen.preflights[target.id]?.identity;
  if (known === undefined || !isYoung(known.at, maxAgeMs - LIMITS.targetFreshMs, situation)) return true;
  if (downSince(situation, target) >= known.at) return true;
  return identity !== undefined && identity !== known.identity;
}

/** A rotation because of a refused credential rests on a refusal that counts and is fresh; others do not. */
export function isRefusedFor({ record, now }: Situation): boolean {
  if (record.rotation?.trigger !== 'refused') return true;
  const refusal = refusalOf(record);
  return refusal !== undefined && isRefusalFresh(refusal, now);
}

/** Where what has leaked is to be ended now, that waits for no target. */
function waitedFor(situation: Situation): readonly Target[] {
  return endsNow(situation) ? [] : required(situation);
}

function endsNow({ record }: Situation): boolean {
  return record.rotation?.compromised === 'now';
}

/** Each target is looked at once even then, whatever comes of it: what it holds is to be tried, and what is foreign left alone. */
function isLookedAt(situation: Situation, target: Target): boolean {
  return endsNow(situation) && targetSeen(situation, target.id) !== undefined;
}

function required(situation: Situation): readonly Target[] {
  return targetsOf(situation).filter((target) => target.required);
}

function isRead(situation: Situation, target: Target): boolean {
  const seen = targetSeen(situation, target.id);
  if (seen === undefined || seen.holds.kind === 'unreadable') return false;
  return isYoung(seen.requestedAt, LIMITS.targetFreshMs, situation);
}

function isWritable(situation: Situation, target: Target): boolean {
  const preflight = situation.seen.preflights[target.id];
  if (preflight === undefined || preflight.failure !== undefined) return false;
  return isYoung(preflight.at, LIMITS.targetFreshMs, situation);
}

function isWriteProved(situation: Situation, target: Target): boolean {
  const known = situation.record.targets[target.id]?.realWrite;
  const preflight = situation.seen.preflights[target.id];
  if (known === undefined || preflight?.identity !== known.identity) return false;
  const maxAgeMs = situation.proofMaxAgeMs[target.store] ?? 0;
  return isYoung(known.at, maxAgeMs, situation) && known.at > downSince(situation, target);
}

/**
 * The targets that hold what a mint for the standby would end, or may do so. Whoever reads them uses it. What is to be ended now is
 * taken to have leaked with it, and waits for no target.
 */
function standbyHolders(situation: Situation): readonly Target[] {
  if (situation.policy.strategy !== 'pair' || endsNow(situation)) return [];
  return targetsOf(situation).filter(({ id }) => {
    const holds = targetSeen(situation, id)?.holds;
    if (holds?.kind !== 'credential' || hasExpired(situation, holds.expiresAt)) return false;
    return mayBeStandbys(situation, holds.fingerprint);
  });
}

/** Where the provider hides what the standby has, a credential of which no try says whose it is may be that. */
function mayBeStandbys(situation: Situation, fingerprint: Fingerprint): boolean {
  const { record, seen } = situation;
  if (fingerprint === record.live?.fingerprint || isNobodys(situation, fingerprint)) return false;
  const standby = standbyOf(situation);
  const member = memberOf(accountSeen(situation), standby);
  const known = (record.old ?? []).filter((one) => one.fingerprint === fingerprint);
  const isIts = known.some(({ accountId = standby }) => accountId === standby);
  if (isIts || member?.live?.fingerprint === fingerprint) return true;
  const outcome = seen.tried[fingerprint]?.outcome;
  if (outcome?.kind === 'accepted') return outcome.accountId === standby;
  // What the other account had, a mint for this one does not end.
  const isHidden = member !== undefined && member.live === undefined;
  return isHidden && known.length === 0 && outcome?.kind !== 'refused';
}

/**
 * What a target holds was just refused as no longer good. Where a person said that nobody uses the account and nothing is live, or what is
 * live is just as dead, there is nothing to put in its place: whoever waited for the target to hold something else would wait for ever.
 */
function isNobodys(situation: Situation, fingerprint: Fingerprint): boolean {
  const { record, seen, now } = situation;
  const tried = seen.tried[fingerprint];
  const refusal = refusalOf(record);
  const isLiveDead = refusal !== undefined && isRefusalFresh(refusal, now);
  if (!(record.live === undefined || isLiveDead) || tried?.outcome.kind !== 'refused') return false;
  return tried.outcome.revoked === true && isYoung(tried.at, LIMITS.targetFreshMs, situation);
}

/**
 * Until when (ms since the epoch) a mint that was to end what has leaked of one account of a pair may take effect still, and would then end
 * what another mint for it brings; `undefined`: there is none, or it was seen to have had its effect.
 */
export function endingSettlesAt(situation: Situation): number | undefined {
  const { policy, record, now } = situation;
  const { live, old = [] } = record;
  const known = live === undefined ? old : [...old, { ...live, intendedAt: live.endingSince }];
  const mintsFor = policy.strategy === 'pair' ? standbyOf(situation) : policy.accountIds[0];
  const account = accountSeen(situation);
  const shown = account && seenOf(situation, account, mintsFor)?.live?.fingerprint;
  const isStill = (its: string | undefined) => shown === undefined || its === undefined || shown === its;
  const settling = known.flatMap(({ accountId, fingerprint, intendedAt }) =>
    accountId !== undefined && accountId === mintsFor && intendedAt !== undefined && isStill(fingerprint)
      ? [settledAt(situation, intendedAt)]
      : [],
  );
  return settling.find((at) => at > now);
}

/**
 * The targets, also those that left the configuration, whose consumers have not taken up what is live: they may use what a mint for the
 * standby would end.
 */
export function readersOfLastTurn(situation: Situation): readonly TargetId[] {
  const { policy, record } = situation;
  if (policy.strategy !== 'pair' || record.rotation?.compromised !== undefined) return [];
  const written = targetsOf(situation).filter((target) => isYetToBeNeeded(situation, target));
  return [...new Set([...written.map(({ id }) => id), ...targetsBehind(situation)])];
}

/** It was written, and only when it is read back do those who read it have to take that up: they may use what stood there before. */
function isYetToBeNeeded(situation: Situation, { id, consumers = [] }: Target): boolean {
  if (consumers.length === 0 || isContested(situation.record.targets[id], situation.now)) return false;
  return isWritten(situation, id);
}

/** Since when the target's store is held as down; a real write counts only after that. */
function downSince(situation: Situation, target: Target): number {
  const down = situation.sharedHolds.find(
    (hold) => hold.kind === 'store-down' && hold.subject === target.store,
  );
  return down?.since ?? Number.NEGATIVE_INFINITY;
}

function isOpenAndFresh(situation: Situation): boolean {
  const account = accountSeen(situation);
  if (account === undefined || !isYoung(account.requestedAt, LIMITS.accountFreshMs, situation)) return false;
  // A look that shows what was replaced already is an old one: its pre-image is none.
  if (account.live !== undefined && situation.record.superseded.includes(account.live.fingerprint))
    return false;
  if (situation.policy.strategy === 'pair' && !isStandbySeen(situation, account)) return false;
  // A page of a list that moved leaves accounts out: what it tells of them is no proof.
  if (!account.certain) return false;
  return account.state === 'open' || (account.state === 'closed' && situation.policy.reopenClosed);
}

/** Both accounts were seen, and what the standby shows is not what it had before its last turn. */
function isStandbySeen(situation: Situation, account: AccountSeen): boolean {
  const member = memberOf(account, standbyOf(situation));
  if (member === undefined) return false;
  return member.live === undefined || !situation.record.superseded.includes(member.live.fingerprint);
}

/** What lies in the future was dated by a clock that was put back since: nobody knows how old it is. */
function isYoung(at: number, maxAgeMs: number, { now }: Situation): boolean {
  return at <= now && at + maxAgeMs > now;
}
