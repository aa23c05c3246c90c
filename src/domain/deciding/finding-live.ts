/** Which credential is live, where it is not what the record says: shown by the provider, or held by the targets. */
import type { Fingerprint } from '../credential.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { isReplaced } from '../live.ts';
import { standbyOf } from '../pair.ts';
import type { KnownCredential } from '../record.ts';
import { refusalOf } from '../refusal.ts';
import { accountSeen } from '../situation.ts';
import type { AccountSeen, MemberSeen, Situation } from '../situation.ts';
import { isWaiting } from './failing.ts';
import {
  acceptedInTargets,
  broughtByLost,
  heldInHand,
  lifetimeIn,
  listedAs,
  liveFromTargets,
} from './finding-in-targets.ts';

export function noteLive(situation: Situation): Decision | undefined {
  const { record } = situation;
  const account = accountSeen(situation);
  if (account === undefined || record.rotation?.intent !== undefined) return undefined;
  if (account.members !== undefined) return noteLiveOfPair(situation, account, account.members);
  if (account.state !== 'open') return undefined;
  const { live } = account;
  if (live === undefined) {
    if (record.live === undefined) return liveFromTargets(situation);
    return newerInTargets(situation, record.live) ?? locateInList(situation, record.live);
  }
  if (live.fingerprint === record.live?.fingerprint) return undefined;
  if (record.superseded.includes(live.fingerprint)) return liveAgain(situation, account, live);
  return note({
    kind: 'live-changed',
    ...live,
    ...(record.live === undefined ? {} : { was: record.live.fingerprint }),
    // It was one of a pair, and is none any more.
    ...(record.live?.accountId === undefined ? {} : { accountId: situation.policy.accountIds[0] }),
  });
}

/**
 * What seemed to be replaced or lost is shown. An account has one at a time: where this one is accepted, it is live, and what took its
 * place was shown by an answer that was behind. That is asked where nothing is live, or that one is refused.
 */
function liveAgain(
  situation: Situation,
  { requestedAt }: AccountSeen,
  shown: NonNullable<AccountSeen['live']>,
): Decision | undefined {
  const { live } = situation.record;
  const { fingerprint } = shown;
  if (live !== undefined && !wasRefusedBefore(situation, live, requestedAt)) return undefined;
  const outcome = situation.seen.tried[fingerprint]?.outcome;
  if (outcome === undefined) return { do: 'try', fingerprint };
  const ids = live?.accountId === undefined ? situation.policy.accountIds : [live.accountId];
  if (outcome.kind !== 'accepted' || !ids.includes(outcome.accountId)) return undefined;
  if (live === undefined) return broughtByLost(situation, shown) ?? note({ kind: 'live-found', ...shown });
  const whose = live.accountId === undefined ? {} : { accountId: live.accountId };
  return note({ kind: 'live-changed', ...shown, was: live.fingerprint, ...whose });
}

/** The answer to our own mint is never behind. A refusal from the future was dated by a clock that was put back since. */
function wasRefusedBefore({ record, now }: Situation, live: KnownCredential, requestedAt: number): boolean {
  const refusedAt = refusalOf(record)?.lastAt;
  if (live.ownMint || refusedAt === undefined) return false;
  return refusedAt <= requestedAt || refusedAt > now;
}

/** What the account shows that the live credential belongs to; that of the other one is nobody's business. */
function noteLiveOfPair(
  situation: Situation,
  account: AccountSeen,
  members: readonly MemberSeen[],
): Decision | undefined {
  const { live, superseded, adoptedAt, mintedAt } = situation.record;
  if (live === undefined) return account.state === 'open' ? liveFromTargets(situation) : undefined;
  const { fingerprint, accountId } = live;
  if (accountId === undefined) {
    const shown = members.find((member) => member.live?.fingerprint === fingerprint);
    if (shown !== undefined) {
      return note({ kind: 'live-located', fingerprint, accountId: shown.accountId });
    }
    if (members.some((member) => member.live === undefined)) return locateByUse(situation, fingerprint);
    // It was a single account's, and is not there any more. What the targets hold says what is live.
    if (account.state !== 'open') return undefined;
    const lost = { kind: 'credential-lost', preImage: fingerprint } as const;
    return note({ ...lost, mintedAt: mintedAt ?? adoptedAt ?? situation.now });
  }
  const other = newerOfItsOwn(situation, members, live) ?? otherInUse(situation, members, fingerprint);
  if (other !== undefined) return other;
  const [first] = members;
  const member = members.find((one) => one.accountId === accountId) ?? first;
  if (member?.live === undefined || member.state !== 'open') return undefined;
  if (member.live.fingerprint === fingerprint) return undefined;
  if (superseded.includes(member.live.fingerprint)) return liveAgain(situation, account, member.live);
  return note({ kind: 'live-changed', ...member.live, was: fingerprint, accountId: member.accountId });
}

/**
 * The live credential is refused for certain, and a target holds what the other account has: a mint for that one would end what
 * still works. Where it is accepted, it is what is live; what has leaked is that only until an open rotation has replaced it.
 */
function otherInUse(
  situation: Situation,
  members: readonly MemberSeen[],
  live: Fingerprint,
): Decision | undefined {
  const { record, seen, inHand } = situation;
  if (record.rotation?.minted !== undefined || !isRefused(situation, members, live)) return undefined;
  const standby = standbyOf(situation);
  const shown = members.find(({ accountId }) => accountId === standby)?.live;
  for (const fingerprint of heldInHand(situation)) {
    const old = record.old?.find((one) => one.fingerprint === fingerprint);
    const mayBe = shown === undefined || shown.fingerprint === fingerprint;
    if (fingerprint === live || (old?.compromised === true && record.rotation === undefined)) continue;
    // What it had before is dead, and hinders the next mint until that was seen.
    if (!mayBe && old === undefined) continue;
    const outcome = seen.tried[fingerprint]?.outcome;
    if (outcome === undefined) return { do: 'try', fingerprint };
    if (outcome.kind !== 'accepted' || outcome.accountId !== standby || !mayBe) continue;
    // What was refused for certain may be accepted again, and is live then, as what others put in is not.
    const again = seen.tried[live]?.outcome;
    if (again === undefined && inHand.has(live)) return { do: 'try', fingerprint: live };
    if (again !== undefined && again.kind !== 'refused') return undefined;
    const its = shown ?? { fingerprint, ...lifetimeIn(situation, fingerprint) };
    return note({ kind: 'live-changed', ...its, was: live, accountId: standby });
  }
  return undefined;
}

/**
 * Its account hides what it has, and a target holds another credential of that very account. It has one at a time: where this one is
 * accepted, somebody regenerated it, and what was live is dead.
 */
function newerOfItsOwn(
  situation: Situation,
  members: readonly MemberSeen[],
  { fingerprint: was, accountId }: KnownCredential,
): Decision | undefined {
  const { record, seen } = situation;
  const its = members.find((member) => member.accountId === accountId);
  if (its?.state !== 'open' || its.live !== undefined || isWaiting(situation)) return undefined;
  for (const fingerprint of heldInHand(situation)) {
    if (fingerprint === was || isReplaced(record, fingerprint)) continue;
    const outcome = seen.tried[fingerprint]?.outcome;
    if (outcome === undefined) return { do: 'try', fingerprint };
    if (outcome.kind !== 'accepted' || outcome.accountId !== accountId) continue;
    return note({ kind: 'live-changed', fingerprint, was, accountId, ...lifetimeIn(situation, fingerprint) });
  }
  return undefined;
}

/**
 * Refused for certain; or just now, where no refusal can be certain: the provider hides what is live, or refuses what others have as
 * well. One that it accepts at the same time shows that it does not refuse everything.
 */
function isRefused({ record, seen }: Situation, members: readonly MemberSeen[], live: Fingerprint): boolean {
  const refusal = refusalOf(record);
  if (refusal?.countedAt !== undefined) return true;
  const its = members.find(({ accountId }) => accountId === record.live?.accountId);
  const isHidden = its !== undefined && its.live === undefined;
  const isDoubted = refusal?.othersRefused === true && its?.live?.fingerprint === live;
  const outcome = seen.tried[live]?.outcome;
  return (isHidden || isDoubted) && outcome?.kind === 'refused' && outcome.revoked === true;
}

/** The provider hides what the accounts have: whose the live credential is, its use tells. */
function locateByUse({ inHand, seen, policy }: Situation, fingerprint: string): Decision | undefined {
  const outcome = seen.tried[fingerprint]?.outcome;
  if (outcome === undefined) return inHand.has(fingerprint) ? { do: 'try', fingerprint } : undefined;
  if (outcome.kind !== 'accepted' || !policy.accountIds.includes(outcome.accountId)) return undefined;
  return note({ kind: 'live-located', fingerprint, accountId: outcome.accountId });
}

/**
 * The provider does not show what is live, and a target holds a credential that nobody knows. In place only one is accepted: where
 * it is this one, somebody minted it, and it is what is live.
 */
function newerInTargets(situation: Situation, live: KnownCredential): Decision | undefined {
  const { record, policy } = situation;
  if (policy.strategy !== 'in-place' || isWaiting(situation)) return undefined;
  const { accountIds } = policy;
  const isKnown = (one: Fingerprint) => one === live.fingerprint || record.superseded.includes(one);
  const found = acceptedInTargets(situation, { accountIds, isKnown });
  if (typeof found !== 'string') return found;
  const newer = { fingerprint: found, ...lifetimeIn(situation, found) };
  // What was live before a mint that seemed lost may have been found again before that mint had its effect.
  const brought = broughtByLost(situation, newer);
  return brought ?? note({ kind: 'live-changed', ...newer, was: live.fingerprint });
}

/** The list was behind when the live credential was found, and shows it now: what is not told apart in it is never retired. */
function locateInList(
  situation: Situation,
  { fingerprint, reference, clientId }: KnownCredential,
): Decision | undefined {
  if (reference !== undefined) return undefined;
  const seen = listedAs(situation, clientId);
  return seen && note({ kind: 'live-located', fingerprint, reference: seen.reference });
}
