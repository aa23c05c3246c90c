/** What the targets hold, where the provider does not show which credential is live. */
import type { Fingerprint } from '../credential.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { mostHeld } from '../live.ts';
import { accountSeen, targetSeen, targetsOf } from '../situation.ts';
import type { AccountSeen, CredentialSeen, Situation } from '../situation.ts';
import { failure, isWaiting } from './failing.ts';

/** The provider does not show what is live: it is what most targets hold, once that was proved. */
export function liveFromTargets(situation: Situation): Decision | undefined {
  if (isWaiting(situation)) return undefined;
  const fingerprint = mostHeld(situation) ?? heldThoughReplaced(situation);
  if (fingerprint === undefined) return missing(situation);
  const outcome = situation.seen.tried[fingerprint]?.outcome;
  if (outcome === undefined) return { do: 'try', fingerprint };
  if (outcome.kind === 'unknown') return note(failure(situation, outcome.failure));
  if (outcome.kind === 'refused' || !situation.policy.accountIds.includes(outcome.accountId))
    return undefined;
  const brought = broughtByLost(situation, { fingerprint, ...lifetimeIn(situation, fingerprint) });
  if (brought !== undefined) return brought;
  const { accountId } = outcome;
  const ofPair = situation.policy.strategy === 'pair' ? { accountId } : whichIn(situation, fingerprint);
  return note({ kind: 'live-found', fingerprint, ...lifetimeIn(situation, fingerprint), ...ofPair });
}

/**
 * In place, what an open rotation minted seemed lost, because a target could not be read or held something else. What is accepted now is
 * that, or newer than what that mint ended: another one is not needed. What was replaced is not: the mint that seemed to have ended it
 * was not made.
 */
export function broughtByLost(
  { policy, record, now }: Situation,
  found: NonNullable<AccountSeen['live']>,
): Decision | undefined {
  const { rotation, superseded } = record;
  if (policy.strategy !== 'in-place' || rotation?.lost !== true || rotation.minted !== undefined)
    return undefined;
  if (superseded.includes(found.fingerprint) && rotation.mintedLost !== found.fingerprint) return undefined;
  return note({
    kind: 'credential-minted',
    ...found,
    sentAt: record.mintedAt ?? now,
    recovered: true,
    targets: policy.targets,
  });
}

/**
 * With nothing live, a credential that a target holds and that seemed to have been ended by a mint with a lost answer, or whose value was
 * lost until somebody put it there again: should it be accepted, it is in use, and a mint would end it. What overlaps is told apart from
 * others, and is known as old.
 */
function heldThoughReplaced(situation: Situation): Fingerprint | undefined {
  const { policy, record, seen } = situation;
  if (policy.strategy === 'overlap') return undefined;
  return heldInHand(situation)
    .filter((fingerprint) => record.superseded.includes(fingerprint))
    .find((fingerprint) => seen.tried[fingerprint]?.outcome.kind !== 'refused');
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
export function heldInHand(situation: Situation): readonly Fingerprint[] {
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

export function listedAs(situation: Situation, clientId: string | undefined): CredentialSeen | undefined {
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
