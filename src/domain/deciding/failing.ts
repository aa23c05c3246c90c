/** Failures seen while looking and trying, written down with the time of the next try. */
import type { NewFact } from '../decision.ts';
import type { Failure } from '../failure.ts';
import { askedWaitMs, backOffMs, LIMITS } from '../limits.ts';
import { accountSeen } from '../situation.ts';
import type { Situation } from '../situation.ts';

/** What stands against the last look at the account: it failed, is out of date, or is not certain. */
export function lookFailure(situation: Situation): Failure | undefined {
  const { seen, record } = situation;
  const { accountFailure } = seen;
  if (accountFailure !== undefined) return accountFailure.failure;
  const account = accountSeen(situation);
  if (account === undefined) return undefined;
  if (account.live !== undefined && record.superseded.includes(account.live.fingerprint)) {
    const message = 'the provider shows a credential that was replaced already; looking again';
    return { kind: 'answer-invalid', message };
  }
  if (account.state !== 'open' && !account.certain) {
    const message = `the provider's answers do not agree whether the account is ${account.state}; looking again`;
    return { kind: 'answer-invalid', message };
  }
  return undefined;
}

/** Whether a retry is planned that has not come yet. */
export function isWaiting({ record, now }: Situation): boolean {
  return record.retryAt !== undefined && record.retryAt > now;
}

/** When to try again, in ms since the epoch. */
export function retryAt(situation: Situation, failure: Failure, attempt: number, calm = false): number {
  const { now, dice } = situation;
  const [firstMs, maxMs] = retryLimits(situation, calm);
  const waitMs = backOffMs(attempt, firstMs, maxMs, dice);
  const { kind, retryAfterMs = 0 } = failure;
  // A provider's limit is waited for, such as that of a day. What is said with another failure may be a proxy's word.
  return now + Math.max(kind === 'rate-limited' ? retryAfterMs : Math.min(retryAfterMs, maxMs), waitMs);
}

/** How soon a first retry comes, and how late the later ones do. */
function retryLimits({ record }: Situation, calm: boolean): readonly [firstMs: number, maxMs: number] {
  if (calm) return [LIMITS.verifyRetryFirstMs, LIMITS.verifyRetryMaxMs];
  // While a mint's outcome is unknown, or what it made is not delivered, every second counts.
  const urgent = record.rotation?.intent !== undefined || record.rotation?.minted !== undefined;
  return urgent ? [LIMITS.recoverFirstMs, LIMITS.recoverMaxMs] : [LIMITS.retryFirstMs, LIMITS.retryMaxMs];
}

/**
 * A failed look or try, as the open rotation's where there is one; none of these counts towards parking. `calm`: nothing but
 * verifying waits for it. `notBefore`: the earliest time for the next try.
 */
export function failure(
  situation: Situation,
  what: Failure,
  { calm = false, notBefore = 0 }: { readonly calm?: boolean; readonly notBefore?: number } = {},
): NewFact {
  const attempt = situation.record.retries + 1;
  const body = {
    failure: what.kind,
    message: what.message,
    attempt,
    retryAt: Math.max(notBefore, retryAt(situation, what, attempt, calm)),
  };
  return situation.record.rotation === undefined
    ? { kind: 'observe-failed', ...body }
    : { kind: 'rotation-failed', ...body, counts: false };
}

/** A target that could not be read, written or confirmed. */
export function targetFailure(
  situation: Situation,
  target: string,
  what: Failure,
): Extract<NewFact, { readonly kind: 'target-failed' }> {
  const known = situation.record.targets[target];
  const attempt = (known?.failures ?? 0) + 1;
  const { now, dice } = situation;
  const maxMs = known?.contested === undefined ? LIMITS.retryMaxMs : LIMITS.contestedRetryMaxMs;
  const wait = backOffMs(attempt, LIMITS.recoverFirstMs, maxMs, dice);
  return {
    kind: 'target-failed',
    target,
    failure: what.kind,
    message: what.message,
    attempt,
    retryAt: now + Math.max(askedWaitMs(what), wait),
  };
}
