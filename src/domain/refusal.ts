/** A live credential that its provider refuses: when that counts, when it is tried again, and how many mints may follow. */
import type { Account } from './account.ts';
import type { Hold } from './hold.ts';
import { LIMITS } from './limits.ts';
import type { AccountRecord, Refusal } from './record.ts';

/** What is known of the live credential being refused; `undefined` where it is not, or is another one by now. */
export function refusalOf({ refused, live }: AccountRecord): Refusal | undefined {
  return refused !== undefined && refused.fingerprint === live?.fingerprint ? refused : undefined;
}

/** Since when a refusal is a reason to rotate; `undefined` where it is none. */
export function refusedDueAt({ onRefused }: Account, record: AccountRecord): number | undefined {
  return onRefused === 'rotate' ? refusalOf(record)?.countedAt : undefined;
}

/** Whether a mint may rest on what was seen: the last try counts, and is no older than a minute. */
export function isRefusalFresh({ countedAt, triedAt }: Refusal, now: number): boolean {
  return countedAt !== undefined && triedAt <= now && triedAt + LIMITS.refusedFreshMs > now;
}

/** Whether so recent a mint for the same reason shows that another one would not help. */
export function isMintedForLately({ refusedMintAt }: AccountRecord, now: number): boolean {
  return refusedMintAt !== undefined && refusedMintAt + LIMITS.refusedMintEveryMs > now;
}

/** Mints of one provider that may follow from refused credentials within `LIMITS.refusedMintsPerMs`. */
export function refusedMintsAtMost(accounts: number): number {
  return Math.max(1, Math.floor(accounts * LIMITS.refusedMintsShare));
}

/**
 * When to try again after `times` refusals: ever later, and at a full multiple of the first wait, so that accounts that are refused
 * together are looked at together.
 */
export function refusedTryAt(now: number, times: number): number {
  const { refusedTryMs, refusedTryMaxMs } = LIMITS;
  const wait = Math.min(refusedTryMs * 2 ** Math.min(Math.max(times - 1, 0), 30), refusedTryMaxMs);
  return Math.ceil((now + wait) / refusedTryMs) * refusedTryMs;
}

/**
 * From when on a credential is worth a try that was refused together with those of other accounts: while nothing says any more that the
 * provider refuses them all. `undefined`: its own time is waited for.
 */
export function othersAcceptedTryAt(
  refusal: Refusal,
  provider: string,
  holds: readonly Hold[],
): number | undefined {
  if (refusal.othersRefused !== true) return undefined;
  const isHeld = holds.some(({ kind, subject }) => kind === 'many-refused' && subject === provider);
  return isHeld ? undefined : refusal.triedAt + LIMITS.refusedTryMs;
}

/** What was seen, in words. */
export function refusalText(provider: string, { fingerprint, id, since, lastAt, times }: Refusal): string {
  const name = id === undefined ? '' : ` (${id})`;
  const [first, last] = [since, lastAt].map((at) => new Date(at).toISOString());
  return `${provider} refuses the live credential ${fingerprint}${name}, seen ${times} times from ${first} to ${last}`;
}
