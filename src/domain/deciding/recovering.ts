/** A mint whose outcome is unknown: whether it happened is found out by looking, never by minting again. */
import type { Fingerprint } from '../credential.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { isReplaced } from '../live.ts';
import type { Intent } from '../record.ts';
import { memberOf, seenOf } from '../pair.ts';
import { accountSeen, settledAt, targetsUnseen } from '../situation.ts';
import type { AccountSeen, Situation } from '../situation.ts';
import { recoverLookAt } from '../wake.ts';
import { failure, isWaiting, lookFailure } from './failing.ts';
import { acceptedInTargets, lifetimeIn } from './finding-in-targets.ts';

export function resolveMint(situation: Situation): Decision | undefined {
  const intent = situation.record.rotation?.intent;
  if (intent === undefined) return undefined;
  if (!intent.unknown) return note(interrupted(situation));
  if (isWaiting(situation)) return undefined;
  const failing = lookFailure(situation);
  if (failing !== undefined) return note(failure(situation, failing));
  const account = accountSeen(situation);
  if (account === undefined || isCounted(intent, account, situation.now)) {
    const lookAt = intent.sightings === 0 ? 0 : (recoverLookAt(situation.record, situation.now) ?? 0);
    if (lookAt > situation.now) return undefined;
    return { do: 'observe', account: true, manager: false, targets: targetsUnseen(situation) };
  }
  if (intent.provedFirst === true) return besideLive(situation, intent, account);
  const seen = memberOf(account, intent.accountId) ?? account;
  if (isStillClosed(situation, seen.state)) return stillThere(situation, intent, account);
  if (seen.state !== 'open') return undefined;
  return seen.live === undefined
    ? fromTargets(situation, intent, account)
    : fromProvider(situation, intent, { account, live: seen.live });
}

/** The process ended between the intent and its outcome. The request may have been sent at any time until now. */
function interrupted({ now }: Situation) {
  const message = 'the process ended before the outcome of the mint was known';
  const fact = { kind: 'mint-unknown', failure: 'no-answer', message, sentAt: now, counts: false } as const;
  return { ...fact, interrupted: true } as const;
}

/** The provider shows what is live: another credential than before means that it minted. */
function fromProvider(
  situation: Situation,
  intent: Intent,
  { account, live }: { readonly account: AccountSeen; readonly live: NonNullable<AccountSeen['live']> },
): Decision {
  if (live.fingerprint === intent.preImage) return stillThere(situation, intent, account);
  return note({
    kind: 'credential-minted',
    fingerprint: live.fingerprint,
    sentAt: intent.at,
    recovered: true,
    targets: intent.targets,
    ...(intent.provedFirst === undefined ? {} : { provedFirst: true }),
    ...(intent.accountId === undefined || intent.provedFirst === undefined
      ? {}
      : { accountId: intent.accountId }),
    ...(intent.preImage === undefined ? {} : { preImage: intent.preImage }),
    ...(live.issuedAt === undefined ? {} : { issuedAt: live.issuedAt }),
    ...(live.expiresAt === undefined ? {} : { expiresAt: live.expiresAt }),
  });
}

/**
 * Minted beside the live credential, which goes on working. Of a pair, the standby shows what it has. Otherwise what was minted is
 * found by its mark; its value is lost then, and another one is minted.
 */
function besideLive(situation: Situation, intent: Intent, account: AccountSeen): Decision | undefined {
  if (intent.accountId !== undefined) return onStandby(situation, intent, account);
  if (account.state !== 'open') return undefined;
  const found = account.credentials?.find(({ name }) => name === intent.name);
  if (found === undefined) return stillThere(situation, intent, account);
  const { reference, clientId } = found;
  const client = clientId === undefined ? {} : { clientId };
  return note({ kind: 'credential-unusable', why: 'value-lost', reference, ...client, mintedAt: intent.at });
}

function onStandby(situation: Situation, intent: Intent, account: AccountSeen): Decision | undefined {
  const member = seenOf(situation, account, intent.accountId);
  if (member === undefined) return outOfPair(situation, intent, account);
  if (isStillClosed(situation, member.state)) return stillThere(situation, intent, account);
  if (member.state !== 'open') return undefined;
  if (member.live !== undefined) return fromProvider(situation, intent, { account, live: member.live });
  // It is hidden: whatever the standby has now, nobody has it. Another mint for it hurts nobody.
  return hasSettled(situation, intent, account.requestedAt)
    ? note({ kind: 'credential-unusable', why: 'value-lost', mintedAt: intent.at })
    : stillThere(situation, intent, account);
}

/**
 * It has left the configuration, and what it has is no longer of interest. It may come back, and what it got after that would be ended by a
 * mint that has its effect late, so time has to pass all the same.
 */
function outOfPair(situation: Situation, intent: Intent, { requestedAt }: AccountSeen): Decision {
  if (hasSettled(situation, intent, requestedAt))
    return note({ kind: 'mint-settled', attempt: intent.attempt });
  const message = 'a mint may still be under way for the account that was taken out of the pair';
  const notBefore = settledAt(situation, intent.sentAt);
  return note(failure(situation, { kind: 'no-answer', message }, { notBefore }));
}

/**
 * The provider hides it: the old credential tells, by being refused, that a new one was minted. A target may have been given that before
 * the process ended; where none was, its value is lost.
 */
function fromTargets(situation: Situation, intent: Intent, account: AccountSeen): Decision | undefined {
  const { preImage } = intent;
  const isInHand = preImage !== undefined && situation.inHand.has(preImage);
  const outcome = isInHand ? situation.seen.tried[preImage]?.outcome : undefined;
  if (isInHand && outcome === undefined) return { do: 'try', fingerprint: preImage };
  if (outcome?.kind === 'accepted') return stillThere(situation, intent, account);
  if (outcome?.kind === 'unknown') return note(failure(situation, outcome.failure));
  const targets = targetsUnseen(situation);
  if (targets.length > 0) return { do: 'observe', account: false, manager: false, targets };
  const held = preImage === undefined ? undefined : mintedAndHeld(situation, intent, account);
  if (held !== undefined) return held;
  // Refused for another reason than being dead, it may work as soon as the service does: then time tells, as where nobody has it.
  const isKnown = outcome?.revoked === true || hasSettled(situation, intent, account.requestedAt);
  return isKnown ? lost(situation, preImage) : stillThere(situation, intent, account);
}

/** A target holds another one of the account, which is accepted. In place it has one at a time: this one was minted. */
function mintedAndHeld(situation: Situation, intent: Intent, account: AccountSeen): Decision | undefined {
  const accountIds = [intent.accountId ?? situation.policy.accountIds[0]];
  const isKnown = (one: Fingerprint) => one === intent.preImage || isReplaced(situation.record, one);
  const found = acceptedInTargets(situation, { accountIds, isKnown });
  if (typeof found !== 'string') return found;
  const live = { fingerprint: found, ...lifetimeIn(situation, found) };
  return fromProvider(situation, intent, { account, live });
}

/**
 * Minting opens a closed account, so one that is closed still shows that nothing was minted, as the old credential would. Where only a
 * person may open it, nothing is to be minted, and what became of it is found out after that.
 */
function isStillClosed({ policy }: Situation, state: AccountSeen['state']): boolean {
  return policy.reopenClosed && state === 'closed';
}

function stillThere(situation: Situation, intent: Intent, account: AccountSeen): Decision {
  const { now } = situation;
  if (intent.sightings >= 1 && hasSettled(situation, intent, account.requestedAt)) {
    return note({ kind: 'mint-settled', attempt: intent.attempt });
  }
  return note({ kind: 'pre-image-seen', requestedAt: Math.min(account.requestedAt, now) });
}

/** Whether this look was noted already; after the clock was put back, one that was noted says nothing. */
function isCounted({ sightedAt }: Intent, { requestedAt }: AccountSeen, now: number): boolean {
  return sightedAt !== undefined && sightedAt <= now && Math.min(requestedAt, now) <= sightedAt;
}

function hasSettled(situation: Situation, intent: Intent, requestedAt: number): boolean {
  return requestedAt >= settledAt(situation, intent.sentAt);
}

function lost({ now }: Situation, preImage: Fingerprint | undefined): Decision {
  return note({ kind: 'credential-lost', mintedAt: now, ...(preImage === undefined ? {} : { preImage }) });
}
