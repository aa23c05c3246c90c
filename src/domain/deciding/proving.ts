/**
 * What was minted beside the live credential: it is proved, and only then is it live. Where it is of no use, another is minted; but
 * not while the provider refuses the live one as well.
 */
import type { Fingerprint } from '../credential.ts';
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { LIMITS } from '../limits.ts';
import { seenOf } from '../pair.ts';
import type { OpenRotation } from '../record.ts';
import { refusalOf } from '../refusal.ts';
import { accountSeen, hasExpired, targetsUnseen } from '../situation.ts';
import type { Situation } from '../situation.ts';
import { failure, isWaiting, lookFailure } from './failing.ts';
import { judgeTry } from './refusing.ts';
import { inconclusive, isGone } from './trying-live.ts';

type Minted = NonNullable<OpenRotation['minted']>;

export function proveMinted(situation: Situation): Decision | undefined {
  const { rotation, mismatched } = situation.record;
  const minted = rotation?.minted;
  if (minted?.unproved === undefined || rotation?.intent || mismatched || isWaiting(situation))
    return undefined;
  const { fingerprint } = minted;
  if (!situation.inHand.has(fingerprint)) return valueOf(situation, minted);
  const outcome = situation.seen.tried[fingerprint]?.outcome;
  switch (outcome?.kind) {
    case undefined:
      return { do: 'try', fingerprint };
    case 'unknown':
      return note(failure(situation, outcome.failure));
    case 'refused':
      return refused(situation, minted) ?? unusable(situation, minted, 'refused');
    case 'accepted':
      if (isOf(situation, minted, outcome.accountId)) return note({ kind: 'credential-proved', fingerprint });
      return note({
        kind: 'account-mismatched',
        why: `the credential ${fingerprint} that was minted belongs to the account ${outcome.accountId}`,
        mintedAt: minted.sentAt,
      });
  }
}

function isOf({ policy }: Situation, { accountId }: Minted, proved: string): boolean {
  return accountId === undefined ? policy.accountIds.includes(proved) : accountId === proved;
}

/** The process ended before the value was delivered to anybody: the provider shows it again, or nobody can have it any more. */
function valueOf(situation: Situation, minted: Minted): Decision | undefined {
  if (minted.accountId === undefined) return unusable(situation, minted, 'value-lost');
  const failing = lookFailure(situation);
  if (failing !== undefined) return note(failure(situation, failing));
  const account = accountSeen(situation);
  if (account === undefined) return { do: 'observe', account: true, manager: false, targets: [] };
  const member = seenOf(situation, account, minted.accountId);
  // A person closed it, and may open it again.
  if (member !== undefined && member.state !== 'open') return undefined;
  return unusable(situation, minted, 'value-lost');
}

/** Why it may be of use still: what was just minted may not be known everywhere at once, and the provider may refuse everything. */
function refused(situation: Situation, minted: Minted): Decision | undefined {
  const { fingerprint, sentAt, expiresAt } = minted;
  const { now, record } = situation;
  const { live, rotation } = record;
  if (hasExpired(situation, expiresAt)) return undefined;
  const age = now - sentAt;
  if (age >= 0 && age < LIMITS.settleMs) {
    const message = `the provider refuses the credential ${fingerprint} that it has just minted; it is tried again`;
    return note(failure(situation, { kind: 'credential-refused', message }));
  }
  // What has leaked was ended, or what is live is known to be refused, for which an account is minted for once in this time.
  const isEnded = rotation?.compromised === 'now' || refusalOf(record)?.countedAt !== undefined;
  if (isEnded || age < 0 || age >= LIMITS.refusedMintEveryMs) return undefined;
  if (live === undefined) return refusedAlone(situation, minted);
  const { at: triedAt = now, outcome } = situation.seen.tried[live.fingerprint] ?? {};
  switch (outcome?.kind) {
    case undefined:
      return tryBeside(situation, live.fingerprint);
    case 'unknown':
      return note(failure(situation, outcome.failure));
    case 'refused': {
      if (isEndedByOthers(situation, minted)) return undefined;
      const judged = outcome.revoked === true ? judgeBeside(situation, triedAt) : undefined;
      if (judged !== undefined) return judged;
      const message =
        `the provider refuses the credential ${fingerprint} that it minted, and the live one (${live.fingerprint}) as well: ` +
        'the provider may be at fault; both are tried again, and nothing is minted meanwhile';
      return note(failure(situation, { kind: 'credential-refused', message }));
    }
    case 'accepted':
      return undefined;
  }
}

/**
 * Nothing is live that could tell whether the provider is at fault. Another mint may bring what works; where that is refused as well, and
 * its account has it still, a third would be for nothing.
 */
function refusedAlone(situation: Situation, minted: Minted): Decision | undefined {
  if ((situation.record.rotation?.attempts ?? 0) < 2) return undefined;
  const failing = lookFailure(situation);
  if (failing !== undefined) return note(failure(situation, failing));
  if (accountSeen(situation) === undefined)
    return { do: 'observe', account: true, manager: false, targets: [] };
  if (isEndedByOthers(situation, minted)) return undefined;
  const message =
    `the provider refuses the credential ${minted.fingerprint} that it minted, as it did one before: ` +
    'the provider may be at fault; it is tried again, and nothing is minted meanwhile';
  return note(failure(situation, { kind: 'credential-refused', message }));
}

/** Its account, looked at long enough after the mint, shows another one in its place, or lists it no more: somebody ended it. */
function isEndedByOthers(
  situation: Situation,
  { fingerprint, reference, accountId, sentAt }: Minted,
): boolean {
  const account = accountSeen(situation);
  if (account === undefined || account.requestedAt < sentAt + LIMITS.settleMs) return false;
  if (account.state !== 'open' || lookFailure(situation) !== undefined) return false;
  const { credentials } = account;
  if (credentials !== undefined)
    return reference !== undefined && !credentials.some((one) => one.reference === reference);
  const shown = accountId === undefined ? undefined : seenOf(situation, account, accountId)?.live;
  return shown !== undefined && shown.fingerprint !== fingerprint;
}

/** Tries what is live beside it. `undefined`: nobody shows its value. */
function tryBeside(situation: Situation, fingerprint: Fingerprint): Decision | undefined {
  if (situation.inHand.has(fingerprint)) return { do: 'try', fingerprint };
  const failing = lookFailure(situation);
  if (failing !== undefined) return note(failure(situation, failing));
  const account = accountSeen(situation) === undefined;
  const targets = targetsUnseen(situation);
  return account || targets.length > 0 ? { do: 'observe', account, manager: false, targets } : undefined;
}

/**
 * What this try says of the live credential counts as any other does, when it is time for one: nobody else gets to try it, for as long as
 * what was minted is tried again and again. But two that are refused speak against the provider: that it accepts the manager credential
 * alone does not tell otherwise.
 */
function judgeBeside(situation: Situation, triedAt: number): Decision | undefined {
  const refusal = refusalOf(situation.record);
  if (refusal !== undefined && refusal.tryAt > situation.now) return undefined;
  if (lookFailure(situation) !== undefined) return undefined;
  if (accountSeen(situation) === undefined) {
    return { do: 'observe', account: true, manager: false, targets: [] };
  }
  const judged = judgeTry(situation);
  const hasWitness = isGone(situation) || (situation.seen.others?.accepted ?? 0) > 0;
  if (refusal === undefined || hasWitness || !isCertain(judged)) return judged;
  const why =
    'what was just minted is refused as well, and there are no other accounts to tell that the provider is not at fault';
  return note(inconclusive(situation, refusal, triedAt, why));
}

function isCertain(judged: Decision | undefined): boolean {
  return judged?.do === 'note' && judged.facts.some((fact) => fact.kind === 'live-tried' && fact.counts);
}

function unusable(situation: Situation, minted: Minted, why: 'value-lost' | 'refused'): Decision {
  const { fingerprint, sentAt: mintedAt, reference, clientId } = minted;
  const fact = {
    kind: 'credential-unusable',
    why,
    fingerprint,
    mintedAt,
    ...(reference === undefined ? {} : { reference }),
    ...(clientId === undefined ? {} : { clientId }),
  } as const;
  if (why === 'value-lost') return note(fact);
  const message = `the provider refuses the credential ${fingerprint} that it minted; another one is minted`;
  const failed = failure(situation, { kind: 'not-allowed', message });
  return note(fact, failed.kind === 'rotation-failed' ? { ...failed, counts: true } : failed);
}
