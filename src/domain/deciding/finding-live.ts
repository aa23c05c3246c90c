/** Which credential is live, where it is not what the record says: shown by the provider, or held by the targets. */
import type { Fingerprint } from '../credential.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { isReplaced, mostHeld } from '../live.ts';
import { standbyOf } from '../pair.ts';
import type { KnownCredential } from '../record.ts';
import { refusalOf } from '../refusal.ts';
import { accountSeen, targetSeen, targetsOf } from '../situation.ts';
import type { AccountSeen, CredentialSeen, MemberSeen, Situation } from '../situation.ts';
import { failure, isWaiting } from './failing.ts';

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
  if (live.fingerprint === record.live?.fingerprint || record.superseded.includes(live.fingerprint))
    return undefined;
  return note({
    kind: 'live-changed',
    ...live,
    ...(record.live === undefined ? {} : { was: record.live.fingerprint }),
    // It was one of a pair, and is none any more.
    ...(record.live?.accountId === undefined ? {} : { accountId: situation.policy.accountIds[0] }),
  });
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
  if (member.live.fingerprint === fingerprint || superseded.includes(member.live.fingerprint))
    return undefined;
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

/** The provider does not show what is live: it is what most targets hold, once that was proved. */
function liveFromTargets(situation: Situation): Decision | undefined {
  if (isWaiting(situation)) return undefined;
  const fingerprint = mostHeld(situation) ?? heldThoughReplaced(situation);
  if (fingerprint === undefined) return missing(situation);
  const outcome = situation.seen.tried[fingerprint]?.outcome;
  if (outcome === undefined) return { do: 'try', fingerprint };
  if (outcome.kind === 'unknown') return note(failure(situation, outcome.failure));
  if (outcome.kind === 'refused' || !situation.policy.accountIds.includes(outcome.accountId))
    return undefined;
  const brought = broughtByLost(situation, fingerprint);
  if (brought !== undefined) return brought;
  const { accountId } = outcome;
  const ofPair = situation.policy.strategy === 'pair' ? { accountId } : whichIn(situation, fingerprint);
  return note({ kind: 'live-found', fingerprint, ...lifetimeIn(situation, fingerprint), ...ofPair });
}

/**
 * In place, what an open rotation minted seemed lost, because a target could not be read or held something else. What is accepted now is
 * newer than what that mint ended: another one is not needed.
 */
function broughtByLost(situation: Situation, fingerprint: Fingerprint): Decision | undefined {
  const { policy, record, now } = situation;
  if (policy.strategy !== 'in-place' || record.rotation?.lost !== true) return undefined;
  return note({
    kind: 'credential-minted',
    fingerprint,
    sentAt: record.mintedAt ?? now,
    recovered: true,
    targets: policy.targets,
    ...lifetimeIn(situation, fingerprint),
  });
}

/**
 * Of a pair with nothing live, a credential that a target holds and that a mint with a lost answer seemed to have ended: should it be
 * accepted all the same, it is in use, and a mint would end it.
 */
function heldThoughReplaced(situation: Situation): Fingerprint | undefined {
  const { policy, record, seen } = situation;
  if (policy.strategy !== 'pair') return undefined;
  return heldInHand(situation)
    .filter((fingerprint) => record.superseded.includes(fingerprint))
    .find((fingerprint) => seen.tried[fingerprint]?.outcome.kind !== 'refused');
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
  const lifetime = lifetimeIn(situation, found);
  return note({ kind: 'live-changed', fingerprint: found, was: live.fingerprint, ...lifetime });
}

/**
 * The first credential that a target holds and one of these accounts accepts, but for those that are known already; or what is to be done
 * so that this is known.
 */
export function acceptedInTargets(
  situation: Situation,
  {
    accountIds,
    isKnown,
  }: { readonly accountIds: readonly string[]; readonly isKnown: (one: Fingerprint) => boolean },
): Fingerprint | Decision | undefined {
  for (const fingerprint of heldInHand(situation)) {
    if (isKnown(fingerprint)) continue;
    const outcome = situation.seen.tried[fingerprint]?.outcome;
    if (outcome === undefined) return { do: 'try', fingerprint };
    if (outcome.kind === 'unknown') return note(failure(situation, outcome.failure));
    if (outcome.kind === 'accepted' && accountIds.includes(outcome.accountId)) return fingerprint;
  }
  return undefined;
}

/** The credentials that the targets hold and whose values can be tried, in the order of the targets. */
function heldInHand(situation: Situation): readonly Fingerprint[] {
  return targetsOf(situation).flatMap(({ id }) => {
    const holds = targetSeen(situation, id)?.holds;
    return holds?.kind === 'credential' && situation.inHand.has(holds.fingerprint) ? [holds.fingerprint] : [];
  });
}

/** Only where every target was read, and holds nothing but what was replaced or refused: nothing shows what is live. */
function missing(situation: Situation): Decision | undefined {
  if (situation.record.liveMissingSince !== undefined) return undefined;
  const kinds = targetsOf(situation).map(({ id }) => targetSeen(situation, id)?.holds.kind ?? 'unreadable');
  return kinds.includes('unreadable') ? undefined : note({ kind: 'live-missing' });
}

/** What a credential that a target holds says of its own life. */
export function lifetimeIn(
  { seen }: Situation,
  fingerprint: string,
): { issuedAt?: number; expiresAt?: number } {
  for (const { holds } of Object.values(seen.targets)) {
    if (holds.kind !== 'credential' || holds.fingerprint !== fingerprint) continue;
    const { issuedAt, expiresAt } = holds;
    return { ...(issuedAt !== undefined && { issuedAt }), ...(expiresAt !== undefined && { expiresAt }) };
  }
  return {};
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

function listedAs(situation: Situation, clientId: string | undefined): CredentialSeen | undefined {
  if (clientId === undefined) return undefined;
  return accountSeen(situation)?.credentials?.find((one) => one.clientId === clientId);
}

/**
 * Which of the account's credentials it is that a target holds, and since when the account has it. A list that is behind may not show it:
 * if it was live before, what it is called is known.
 */
function whichIn(
  situation: Situation,
  fingerprint: string,
): { reference?: string; clientId?: string; issuedAt?: number; expiresAt?: number } {
  const held = Object.values(situation.seen.targets).find(
    ({ holds }) => holds.kind === 'credential' && holds.fingerprint === fingerprint,
  )?.holds;
  const clientId = held?.kind === 'credential' ? held.clientId : undefined;
  const client = clientId === undefined ? {} : { clientId };
  const seen = listedAs(situation, clientId);
  if (seen === undefined) {
    const was = situation.record.old?.find((one) => one.fingerprint === fingerprint)?.reference;
    return was === undefined ? client : { ...client, reference: was };
  }
  const { reference, createdAt: issuedAt, expiresAt } = seen;
  return { ...client, reference, issuedAt, ...(expiresAt === undefined ? {} : { expiresAt }) };
}
