/**
 * What follows when the live credential is refused: nothing on a first refusal, nor while anything else may be at fault; then the
 * account is parked or due, as its policy says.
 */
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { dueNow } from '../due.ts';
import { mintHold } from '../holds.ts';
import { LIMITS } from '../limits.ts';
import { isDeliverable } from '../live.ts';
import { isMintedForLately, isRefusalFresh, refusalOf, refusalText, refusedTryAt } from '../refusal.ts';
import { accountSeen } from '../situation.ts';
import type { AccountSeen, Situation, Tried } from '../situation.ts';
import { failure, lookFailure } from './failing.ts';
import { inconclusive, isDoubted, isListedIn, triedSince } from './trying-live.ts';

/** What a try of the live credential says, wherever it was made. */
export function judgeTry(situation: Situation): Decision | undefined {
  const { live, rotation, mismatched } = situation.record;
  if (live === undefined || rotation?.intent !== undefined || mismatched !== undefined) return undefined;
  const refusal = refusalOf(situation.record);
  const tried = triedSince(situation);
  if (tried === undefined) return undefined;
  const { outcome } = tried;
  if (outcome.kind === 'accepted') return accepted(situation, tried.at, outcome.accountId);
  if (outcome.kind === 'refused' && outcome.revoked) return refused(situation, tried, outcome.id);
  // Tried more often for other reasons, it says nothing more.
  if (refusal === undefined || (refusal.countedAt === undefined && refusal.tryAt > situation.now))
    return undefined;
  const why =
    outcome.kind === 'unknown'
      ? outcome.failure.message
      : `it was refused for another reason (${outcome.id ?? 'without a name'})`;
  return note(inconclusive(situation, refusal, tried.at, why));
}

function accepted(situation: Situation, triedAt: number, accountId: string): Decision | undefined {
  const { record, policy, now } = situation;
  const { live, rotation } = record;
  if (live === undefined) return undefined;
  // What was of a pair may be another account's until the one that stayed is open.
  if (!policy.accountIds.includes(accountId) && live.accountId !== accountId) {
    const why = `the credential ${live.fingerprint}, shown as live, belongs to the account ${accountId}`;
    return rotation === undefined ? note({ kind: 'account-mismatched', why, mintedAt: now }) : undefined;
  }
  const { fingerprint } = live;
  if (refusalOf(record) === undefined) {
    // What a rotation minted, it proves itself.
    if (live.doubted !== true && (isDeliverable(live) || rotation !== undefined)) return undefined;
    return note({ kind: 'credential-proved', fingerprint });
  }
  return note({
    kind: 'live-tried',
    fingerprint,
    outcome: 'accepted',
    triedAt,
    counts: false,
  });
}

/** One refusal is none: it counts when it is seen again later, and all else has been seen to be in order. */
function refused(situation: Situation, tried: Tried, id: string | undefined): Decision | undefined {
  const { record, seen } = situation;
  const account = accountSeen(situation);
  const lost = account && endedByMint(situation, account);
  if (lost !== undefined) return lost;
  const refusal = refusalOf(record);
  const soon = refusal === undefined || tried.at - refusal.since < LIMITS.refusedApartMs;
  // Tried more often for other reasons, it says nothing more.
  if (account === undefined || (soon && refusal !== undefined && refusal.tryAt > tried.at)) return undefined;
  const failing = lookFailure(situation) ?? seen.managerFailure?.failure;
  const isListed = isListedIn(situation, account);
  const isShown = isListed ?? account.live?.fingerprint === record.live?.fingerprint;
  // Somebody ended it: that it is gone from the list tells as much as that it is shown and refused.
  const isGone = isListed === false;
  const shown = account.state === 'open' && (isShown || isGone);
  if (failing !== undefined || !shown) {
    const why = failing?.message ?? 'the provider does not show it as live in an open account';
    return refusal && note(inconclusive(situation, refusal, tried.at, why));
  }
  const sighting = { refusedAs: id, triedAt: tried.at };
  if (soon) {
    return note(sighted(situation, { ...sighting, counts: false }));
  }
  const others = seen.others;
  if (!isGone) {
    if (others === undefined || others.at + LIMITS.refusedFreshMs <= tried.at) return { do: 'try-others' };
    const why = othersDoubt(others);
    const othersRefused = others.refused > 0;
    if (why !== undefined)
      return note(sighted(situation, { ...sighting, counts: false, why, othersRefused }));
  }
  const acceptedAt = seen.manager?.acceptedAt ?? 0;
  const again = account.requestedAt < tried.at;
  if (again || acceptedAt < tried.at) {
    return { do: 'observe', account: again, manager: true, again: true, targets: [] };
  }
  if (Math.max(account.requestedAt, acceptedAt) - tried.at > LIMITS.refusedFreshMs) {
    const slow = 'it took too long to see whether all else is in order';
    return note(inconclusive(situation, refusal, tried.at, slow));
  }
  return note(sighted(situation, { ...sighting, counts: true }));
}

/**
 * The provider hides what is live, and a mint whose answer did not fit has ended what was: as where its answer is lost, the service's word
 * that this is no longer good tells that it happened. Nobody has what it brought.
 */
function endedByMint(situation: Situation, account: AccountSeen): Decision | undefined {
  const { live, mintedAt = situation.now } = situation.record;
  const isHidden = account.state === 'open' && account.live === undefined;
  if (live === undefined || !isDoubted(situation) || !isHidden) return undefined;
  if (lookFailure(situation) !== undefined) return undefined;
  return note({ kind: 'credential-lost', preImage: live.fingerprint, mintedAt });
}

/** Where other accounts are refused as well, the provider is at fault: nothing follows for any of them. */
function othersDoubt(others: NonNullable<Situation['seen']['others']>): string | undefined {
  const asked = others.accepted + others.refused + others.unknown;
  if (others.refused > 0) {
    return `${others.refused} of ${asked} other live credentials that were tried are refused as well: the provider is at fault`;
  }
  if (asked > 0 && others.accepted === 0) {
    return `none of ${asked} other live credentials could be tried, so the provider may be at fault`;
  }
  return undefined;
}

function sighted(
  situation: Situation,
  {
    refusedAs,
    othersRefused = false,
    ...sighting
  }: {
    readonly refusedAs: string | undefined;
    readonly triedAt: number;
    readonly counts: boolean;
    readonly why?: string;
    readonly othersRefused?: boolean;
  },
): NewFact {
  const times = (refusalOf(situation.record)?.times ?? 0) + 1;
  return {
    kind: 'live-tried',
    fingerprint: situation.record.live?.fingerprint ?? '',
    outcome: 'refused',
    tryAt: refusedTryAt(situation.now, times),
    ...sighting,
    ...(othersRefused ? { othersRefused } : {}),
    ...(refusedAs === undefined ? {} : { refusedAs }),
  };
}

/** A person is called, unless another reason rotates the account anyway. */
export function parkRefused(situation: Situation): Decision | undefined {
  const { record, policy, now, configured } = situation;
  const refusal = refusalOf(record);
  if (refusal === undefined || !isRefusalFresh(refusal, now) || !configured) return undefined;
  if (record.parked !== undefined) return undefined;
  if (record.rotation !== undefined && record.rotation.minted === undefined) return undefined;
  const seen = refusalText(policy.provider, refusal);
  const rotate = `rekeyd rotate ${policy.name} --reason …`;
  if (policy.onRefused === 'rotate') {
    if (!isMintedForLately(record, now)) return undefined;
    const last = new Date(record.refusedMintAt ?? 0).toISOString();
    const why =
      `${seen}, although it was minted at ${last} because the one before had been refused. One such mint a day is made: ` +
      `find out who or what revokes it, then ${rotate}`;
    return note({ kind: 'account-parked', why });
  }
  const due = dueNow(situation);
  if (due !== undefined && mintHold(situation, due) === undefined) return undefined;
  const account = accountSeen(situation);
  const isGone = account !== undefined && isListedIn(situation, account) === false;
  const besides = isGone
    ? 'and lists it no more in an open account, while it accepts the manager credential: somebody ended it there'
    : 'while it shows it as live in an open account and accepts the manager credential';
  const why =
    `${seen}, ${besides}. ` +
    `Its consumers are refused too: ${rotate} (onRefused: rotate does that by itself)`;
  return note({ kind: 'account-parked', why });
}

/** Tries of what is refused and should be delivered, or was just delivered, that follow soon on each other. */
const SOON_TRIES_MAX = 8;

/**
 * What is refused and should be delivered, or was just delivered, is tried again soon while it may not be known everywhere yet;
 * later on with the other tries, or calmly where it is not even certain what the refusal says.
 */
export function refusedFailure(situation: Situation, message: string): NewFact {
  const { record, now } = situation;
  const what = { kind: 'credential-refused', message } as const;
  const refusal = refusalOf(record);
  if (refusal === undefined) return failure(situation, what, { calm: record.retries >= SOON_TRIES_MAX });
  const isEarly = now - refusal.since < LIMITS.refusedApartMs;
  return failure(situation, what, isEarly ? {} : { notBefore: refusal.tryAt });
}

/** What a rotation because of a refusal needs before it is opened; `undefined`: nothing more. */
export function missingForRefused(situation: Situation): Decision | 'wait' | undefined {
  const refusal = refusalOf(situation.record);
  if (refusal === undefined || !isRefusalFresh(refusal, situation.now)) return 'wait';
  const { grant } = situation.seen;
  if (grant?.granted === true) return undefined;
  // Until when it was not granted may be over by now, where the process stood still since: then nothing would hold it, nor open it.
  if (grant === undefined || grant.until <= situation.now) return { do: 'grant' };
  const why =
    `${refusalText(situation.policy.provider, refusal)}. It is not rotated yet: ${grant.lastHour} rotations because of refused ` +
    `credentials were begun in the last hour, of at most ${grant.atMost} at this provider`;
  return note({ kind: 'mint-limited', why, until: grant.until });
}
