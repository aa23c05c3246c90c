/** One service account as configured: the policy that a journal row keeps for it. JSON, without any secret. */
import type { Target } from './target.ts';

/** How an account rotates. `in-place`: the old credential dies at the mint. */
export type Strategy = 'in-place' | 'overlap' | 'pair';

/** What identifies an account at its provider; any of these finds its record, whatever its name. */
export interface AccountKey {
  /** Scheme, host and port of the provider's base URL, such as `https://api.kronup.com`. */
  readonly origin: string;
  readonly organisation: string;
  readonly accountId: string;
}

/** When to rotate: a cron pattern (croner's dialect, five or six fields) in an IANA time zone. */
export interface Schedule {
  readonly pattern: string;
  readonly zone: string;
}

/** A recurring span of time: it opens at each slot of a schedule and stays open for a while. */
export interface Window {
  readonly opens: Schedule;
  readonly durationMs: number;
}

/** A duration in ms is a whole number, 0 or more. */
export interface Account {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Name of a configured provider. */
  readonly provider: string;
  readonly origin: string;
  readonly organisation: string;
  /** One id for `in-place` and `overlap`, two for `pair`. */
  readonly accountIds: readonly [string, ...string[]];
  readonly strategy: Strategy;
  /** Absent: rotated by age, expiry or hand only. */
  readonly schedule?: Schedule;
  /** Since when it is this schedule, ms since the epoch, as the journal dates it. Absent: for as long as the account is known. */
  readonly scheduledAt?: number;
  /** Upper bound of the random delay after a slot. */
  readonly jitterMs: number;
  /** What becomes of slots that passed while nobody could run them. */
  readonly missed: 'run' | 'skip';
  /** Unasked mints happen only inside one of these; none listed means always. */
  readonly allow: readonly Window[];
  /** No unasked mint happens inside any of these. */
  readonly deny: readonly Window[];
  readonly maxAgeMs?: number;
  readonly maxAgeOverridesDeny: boolean;
  readonly rotateBeforeExpiryMs?: number;
  readonly minIntervalMs: number;
  readonly rotateOnAdopt: boolean;
  readonly reopenClosed: boolean;
  /** Higher goes first among accounts that are due together. */
  readonly priority: number;
  readonly paused: boolean;
  readonly onDrift: 'deliver' | 'report';
  /** Live and targets are compared at the latest this long after the last look. Absent: only when there is another reason. */
  readonly verifyMs?: number;
  /** What follows when the provider refuses the live credential for certain. */
  readonly onRefused: 'park' | 'rotate';
  /** How long an old credential goes on working once every target holds the new one (strategy `overlap`). Absent: `LIMITS.graceMs`. */
  readonly graceMs?: number;
  /** It is retired this long after that, though it is still used. Absent: `LIMITS.retireHardLimitMs`. */
  readonly retireHardLimitMs?: number;
  readonly targets: readonly [Target, ...Target[]];
}

export function accountKeys(account: Account): AccountKey[] {
  const { origin, organisation } = account;
  return account.accountIds.map((accountId) => ({ origin, organisation, accountId }));
}
