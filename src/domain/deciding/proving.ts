/** What was minted beside the live credential: it is proved, and only then is it live. Where it is of no use, another is minted. */
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { LIMITS } from '../limits.ts';
import { seenOf } from '../pair.ts';
import type { OpenRotation } from '../record.ts';
import { accountSeen } from '../situation.ts';
import type { Situation } from '../situation.ts';
import { failure, isWaiting, lookFailure } from './failing.ts';

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
      return refused(situation, minted);
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

/** What was just minted may not be known everywhere at once. */
function refused(situation: Situation, minted: Minted): Decision {
  const { now } = situation;
  const { fingerprint, sentAt } = minted;
  if (sentAt <= now && now - sentAt < LIMITS.settleMs) {
    const message = `the provider refuses the credential ${fingerprint} that it has just minted; it is tried again`;
    return note(failure(situation, { kind: 'credential-refused', message }));
  }
  return unusable(situation, minted, 'refused');
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
