/** Which credential is live, and what each target holds compared with it: converged, drifted, foreign. */
import type { Fingerprint } from './credential.ts';
import type { AccountRecord, KnownCredential, TargetRecord } from './record.ts';
import { memberOf, standbyCredential, standbyOf } from './pair.ts';
import { accountSeen, targetSeen, targetsOf } from './situation.ts';
import type { Situation, TargetSeen } from './situation.ts';
import type { Target, TargetId } from './target.ts';

/**
 * The credential that most required targets hold, ties to the newest; what is known to be superseded aside. For providers
 * that do not show what is live. `undefined` where no target holds any.
 */
export function mostHeld(situation: Situation): Fingerprint | undefined {
  const votes = new Map<Fingerprint, { count: number; newest: number }>();
  for (const target of targetsOf(situation)) {
    const seen = targetSeen(situation, target.id);
    if (seen?.holds.kind !== 'credential') continue;
    const { fingerprint } = seen.holds;
    if (isOfOthers(situation, fingerprint) || situation.record.superseded.includes(fingerprint)) continue;
    const vote = votes.get(fingerprint) ?? { count: 0, newest: 0 };
    votes.set(fingerprint, {
      count: vote.count + (target.required ? 1_000 : 1),
      newest: Math.max(vote.newest, seen.writtenByUsAt ?? 0),
    });
  }
  return [...votes].toSorted(
    ([, one], [, other]) => other.count - one.count || other.newest - one.newest,
  )[0]?.[0];
}

/** It was tried: nobody takes it, or it belongs to another account. */
function isOfOthers({ seen, policy }: Situation, fingerprint: Fingerprint): boolean {
  const outcome = seen.tried[fingerprint]?.outcome;
  if (outcome?.kind === 'accepted') return !policy.accountIds.includes(outcome.accountId);
  return outcome?.kind === 'refused';
}

/** What a target holds, as far as that can be told now. */
export type Holding =
  | 'live'
  | 'nothing'
  /** A credential of this account that is not live any more. */
  | 'old'
  /** A credential that has to be tried before anybody knows whose it is. */
  | 'untried'
  | 'foreign'
  | 'unreadable';

export function holdingOf(situation: Situation, target: Target, seen: TargetSeen): Holding {
  const { holds } = seen;
  switch (holds.kind) {
    case 'unreadable':
      return 'unreadable';
    case 'nothing':
      return 'nothing';
    case 'other':
      return isOurs(situation, target, seen) ? 'old' : 'foreign';
    case 'credential':
      return holdingOfCredential(situation, target, seen, holds.fingerprint);
  }
}

function holdingOfCredential(
  situation: Situation,
  target: Target,
  seen: TargetSeen,
  fingerprint: Fingerprint,
): Holding {
  const { record, policy } = situation;
  if (fingerprint === record.live?.fingerprint) return 'live';
  if (isReplaced(record, fingerprint)) return 'old';
  const tried = situation.seen.tried[fingerprint]?.outcome;
  const isTried = tried !== undefined && tried.kind !== 'unknown';
  const isOwn = tried?.kind === 'accepted' && policy.accountIds.includes(tried.accountId);
  // It is what is live, and will be noted as that once nothing is waited for.
  if (isOwn && isOfLive(situation, tried.accountId) && mayBeLive(situation)) return 'untried';
  if (isOurs(situation, target, seen)) return isTried || !mayBeLive(situation) ? 'old' : 'untried';
  if (!isTried) return 'untried';
  return isOwn ? 'old' : 'foreign';
}

/** Whether another credential has taken its place as live, whether or not it works still. */
export function isReplaced({ superseded, old = [] }: AccountRecord, fingerprint: Fingerprint): boolean {
  return superseded.includes(fingerprint) || old.some((one) => one.fingerprint === fingerprint);
}

/** The provider does not show what is live: a credential that nobody knows may be it, minted by somebody else. */
function mayBeLive(situation: Situation): boolean {
  const { policy, record } = situation;
  if (policy.strategy === 'overlap') return false;
  const account = accountSeen(situation);
  const its = policy.strategy === 'pair' ? memberOf(account, record.live?.accountId) : account;
  return its?.state === 'open' && its.live === undefined;
}

/** It is accepted as that account's which what is live belongs to. */
function isOfLive({ policy, record }: Situation, accountId: string): boolean {
  return policy.strategy === 'pair'
    ? accountId === record.live?.accountId
    : policy.accountIds.includes(accountId);
}

/** The place is ours to write whatever it holds: we wrote it before, or a person said so. */
function isOurs({ record }: Situation, target: Target, seen: TargetSeen): boolean {
  const known = record.targets[target.id];
  const written = known?.written ?? (isOwedHere(known, target) ? known?.owed : undefined);
  return (
    target.overwrite ||
    known?.accepted === true ||
    written !== undefined ||
    wasConfirmed(known) ||
    seen.writtenByUsAt !== undefined
  );
}

/** What is owed makes a place ours where it was found to be fit for it before the mint: the same place, and nothing foreign in it. */
function isOwedHere(known: TargetRecord | undefined, { location }: Target): boolean {
  return known?.owed !== undefined && known.foreign === undefined && known.owed.target.location === location;
}

function wasConfirmed(
  known: { readonly confirmed?: unknown; readonly drifted?: unknown } | undefined,
): boolean {
  return known?.confirmed !== undefined || known?.drifted !== undefined;
}

/** The targets whose last confirmed state is not the live credential. */
export function undelivered(situation: Pick<Situation, 'policy' | 'record'>): readonly Target[] {
  const { live, targets } = situation.record;
  if (live === undefined) return [];
  return targetsOf(situation).filter(({ id }) => targets[id]?.confirmed?.fingerprint !== live.fingerprint);
}

type Leaving = Pick<Situation, 'policy' | 'record' | 'configured'>;

/** Those of them whose state old credentials wait for: of an account that left the configuration, nobody delivers but what is owed. */
export function awaited(known: Leaving): readonly Target[] {
  return undelivered(known).filter(({ id }) => !isGivenUp(known, id));
}

/**
 * It stays as it is, and no rotation waits for it: nobody delivers to it any more, or it was changed by others after it was confirmed, and
 * the policy says to report that.
 */
export function isLeftAsItIs(known: Leaving, id: TargetId): boolean {
  if (isGivenUp(known, id)) return true;
  const { drifted, owed } = known.record.targets[id] ?? {};
  return known.policy.onDrift === 'report' && drifted !== undefined && owed === undefined;
}

/** Its account has left the configuration, and nothing that was minted is owed to it: others may have the place by now. */
function isGivenUp({ record, configured }: Leaving, id: TargetId): boolean {
  return !configured && record.targets[id]?.owed === undefined;
}

/** Whether every target is known to hold the live credential. */
export function isConverged(situation: Pick<Situation, 'policy' | 'record'>): boolean {
  return situation.record.live !== undefined && undelivered(situation).length === 0;
}

/** Written with the live credential and not read back yet. */
export function isWritten({ record }: Pick<Situation, 'record'>, target: TargetId): boolean {
  const known = record.targets[target];
  return (
    known?.written !== undefined &&
    known.written.fingerprint === record.live?.fingerprint &&
    known.confirmed?.fingerprint !== record.live.fingerprint
  );
}

/**
 * Whether the record tells that what is live comes to this target by us: written, owed, to be put right, or intended. What somebody
 * else puts there, they make its consumers read.
 */
export function isOnItsWay({ record, policy }: Pick<Situation, 'record' | 'policy'>, id: TargetId): boolean {
  const known = record.targets[id];
  if (known?.intended === true) return true;
  // What is owed may have been lost: what was there before is no news to those who read it.
  const own = [known?.owed, known?.written].filter((one) => one !== undefined);
  if (own.some(({ fingerprint }) => fingerprint === record.live?.fingerprint)) return true;
  return known?.drifted !== undefined && policy.onDrift === 'deliver';
}

/** Whether this credential may be delivered: it came with our own mint's answer, or was proved. */
export function isDeliverable(live: KnownCredential): boolean {
  return live.ownMint || live.proved;
}

/**
 * The pre-image of a mint made now: what is seen to be live, else what the record knows to be. Of a pair, and of an account that was one of
 * a pair, what the account has that is minted for: a lost answer is recovered by it.
 */
export function preImageOf(situation: Situation): Fingerprint | undefined {
  if (situation.policy.strategy === 'pair') {
    const [account, standby] = [accountSeen(situation), standbyOf(situation)];
    if (account === undefined || standby === undefined) return undefined;
    return standbyCredential(situation, account, standby);
  }
  const { live } = situation.record;
  const [id] = situation.policy.accountIds;
  const account = accountSeen(situation);
  if (account?.live !== undefined || live?.accountId === undefined || live.accountId === id)
    return account?.live?.fingerprint ?? live?.fingerprint;
  return account && standbyCredential(situation, account, id);
}
