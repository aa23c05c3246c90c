/**
 * Every limit that decides about an account, with its name and unit, the back-off that grows between tries, and the count of
 * failed mints that freezes a provider.
 */
import type { Fact } from './fact.ts';
import type { Failure, FailureKind } from './failure.ts';
import type { AccountRecord } from './record.ts';

export const LIMITS = {
  /** A mint needs the account and its pre-image seen at most this long ago. */
  accountFreshMs: 10_000,
  /** A mint needs every target read, and writable, at most this long ago. */
  targetFreshMs: 60_000,
  /** After a mint of unknown outcome, this long until the pre-image counts as "not minted". */
  settleMs: 120_000,
  /** Slots that are later than this, from before the daemon ran, count as missed. */
  missedAfterMs: 60_000,
  /** Missed slots are spread over at most this long. */
  missedSpreadMs: 600_000,
  /** Holds that somebody else may have lifted are looked at again after this. */
  recheckMs: 600_000,
  /** The longest time between two such looks: they become rarer the longer the hold stands. */
  recheckMaxMs: 21_600_000,
  /** What was tried in vain without a time of its own for the next try is looked at again after this. */
  againMs: 60_000,
  /** A mint was sent and its outcome is unknown: looked at this soon, doubling. */
  recoverFirstMs: 1_000,
  recoverMaxMs: 30_000,
  /** A live credential counts as refused only when it was refused twice, this long apart. */
  refusedApartMs: 300_000,
  /** All that speaks for that was seen within this time of the last refusal; and so long a mint may rest on it. */
  refusedFreshMs: 60_000,
  /** A refused credential is tried again after this, doubling; at full multiples of it, so that one look serves all. */
  refusedTryMs: 300_000,
  refusedTryMaxMs: 21_600_000,
  /** One account is minted for because of a refused credential at most once in this time. */
  refusedMintEveryMs: 86_400_000,
  /** The time over which such mints of a provider are counted, and the share of its accounts that they may be. */
  refusedMintsPerMs: 3_600_000,
  refusedMintsShare: 0.01,
  /** The machine's clock and the services' may differ by this much. */
  clockSkewMs: 300_000,
  /** What a service said of the time tells for this long, as long as our clock is not set and does not stand still. */
  clockSeenMs: 86_400_000,
  /** A clock that moves by more than this at once was set, or the machine slept. */
  clockStepMs: 60_000,
  /** Slow, durable retries: the first after this, doubling. */
  retryFirstMs: 5_000,
  retryMaxMs: 300_000,
  /** A store or consumer that asks to be left alone is left for no longer: what was minted may be waiting for it. */
  askedWaitMaxMs: 300_000,
  /** So many overwritten deliveries of one target within this time: contested. */
  overwritesMax: 3,
  overwritesWithinMs: 86_400_000,
  /** Those that come closer together are one. */
  overwritesApartMs: 60_000,
  /** A contested target is left alone for this long after it was last written over, and after it was delivered to again. */
  contestedMs: 86_400_000,
  /** What was minted goes to a contested target as well; while it is written over at once, it is tried again this rarely. */
  contestedRetryMaxMs: 3_600_000,
  /** An old credential goes on working for this long once every target holds the new one: longer than tokens made with it live. */
  graceMs: 3_600_000,
  /** Though it is still used, it is retired this long after that. */
  retireHardLimitMs: 604_800_000,
  /** What waits for being retired is looked at again after this, doubling. */
  retireTryMs: 60_000,
  retireTryMaxMs: 3_600_000,
  /** What a mint brought that nobody knew of is retired when it is this old and was never used. */
  sweepAfterMs: 86_400_000,
  /** While so many old credentials of an account wait for being retired, none is minted for it unasked. */
  oldWaitingMax: 48,
  /** A refresh waits at most this long, from its own confirmation, for other accounts that need the same consumer. */
  togetherMs: 300_000,
  /** Those whose rotation begins within this time count among them. */
  togetherSoonMs: 60_000,
  /** A consumer that is asked is looked at after this, then after a quarter of the time it has taken so far. */
  refreshLookMs: 2_000,
  refreshLookMaxMs: 60_000,
  /** A look that only verifies failed: nobody is in a hurry, and a whole fleet may be waiting. */
  verifyRetryFirstMs: 60_000,
  verifyRetryMaxMs: 1_800_000,
} as const;

/**
 * How long to wait before try number `attempt` + 1, in ms: doubling from `firstMs` to at most `maxMs`, of which the
 * upper half is left to chance (`dice`, 0 to 1), so that accounts that failed together do not come back together.
 */
export function backOffMs(attempt: number, firstMs: number, maxMs: number, dice: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(attempt - 1, 0), 30));
  return Math.round(full / 2 + (full / 2) * dice);
}

/**
 * How long a store or a consumer asked to be left alone, in ms; 0 where it did not. With any other failure than its limit of calls, that
 * is what a proxy or a server in trouble says, and no reason to wait longer than otherwise.
 */
export function askedWaitMs({ kind, retryAfterMs = 0 }: Failure): number {
  return kind === 'rate-limited' ? Math.min(retryAfterMs, LIMITS.askedWaitMaxMs) : 0;
}

/** A provider is frozen when `failures` of the last `of` mints there failed. */
export interface FreezeLimit {
  readonly failures: number;
  readonly of: number;
}

/**
 * Half of the last mints: a service that fails one mint in ten or loses one answer in twenty never comes near it, however
 * large the fleet, and one that is out is noticed after ten. More than `parkAfter`, so that an account which fails for
 * reasons of its own is parked before it could freeze all others.
 */
export const FREEZE_LIMIT: FreezeLimit = { failures: 10, of: 20 };

/** Which failures of a mint count towards freezing its provider: those after which it was asked, and did not do it well. */
const MINT_FAILS: Readonly<Record<FailureKind, boolean>> = {
  // Nobody knows what was done: in place the old credential may be dead.
  'no-answer': true,
  'answer-invalid': true,
  // Asked and refused. Of one account it says little; of half of the mints it says that no other should be tried.
  'not-allowed': true,
  'not-found': true,
  // Never made: nothing is known of how mints end, and nobody is hurt. It is tried again by itself.
  'not-connected': false,
  // The provider asks for time and says for how long; that is waited for.
  'rate-limited': false,
  // The manager credential's: it holds the provider already, until it is accepted.
  'credential-refused': false,
  // Of targets, stores and consumers: the mint was good.
  'target-refused': false,
  'store-unavailable': false,
  'consumer-refused': false,
  'consumer-unavailable': false,
};

/** How a mint ended. Rotation and attempt name it: it is counted once, and counted anew when more becomes known. */
export interface MintEnd {
  readonly rotation: string;
  readonly attempt: number;
  /** Absent: it brought a credential. */
  readonly failure?: FailureKind;
  readonly message?: string;
}

/**
 * How the mint ended that this fact is about, as far as it counts towards freezing the provider; `undefined` where it does not.
 * `before` is the record as it was before the fact.
 *
 * - A mint that a person asked for does not count: it passes the hold, and must not set it.
 * - One that was cut off by the end of this process does not count: that says nothing about the provider.
 * - One whose answer was lost counts as failed until it is found to have happened. Then it counts as good, because what it
 *   brought is delivered; one that is found not to have happened, or whose value is lost, stays failed.
 * - An answer that names another account counts as failed: nobody knows what was minted.
 */
export function mintEndOf({ rotation }: AccountRecord, fact: Fact): MintEnd | undefined {
  if (rotation === undefined || rotation.trigger === 'manual') return undefined;
  const mint = { rotation: rotation.id, attempt: rotation.intent?.attempt ?? rotation.attempts };
  if (fact.kind === 'credential-minted') return mint;
  if (fact.kind === 'mint-refused' || fact.kind === 'mint-unknown') {
    const { failure, message } = fact;
    const interrupted = fact.kind === 'mint-unknown' && fact.interrupted === true;
    return MINT_FAILS[failure] && !interrupted ? { ...mint, failure, message } : undefined;
  }
  if (fact.kind === 'account-mismatched' && rotation.intent !== undefined) {
    return { ...mint, failure: 'answer-invalid', message: fact.why };
  }
  return undefined;
}

/** Accounts that a reason names. */
const NAMED_MAX = 5;

/**
 * Why a provider is frozen, in words, given how its last mints ended and what the newest failure said; `undefined` where too few
 * of them failed.
 */
export function freezeReason(
  ends: readonly { readonly account: string; readonly failure?: string | null }[],
  limit: FreezeLimit,
  message: string,
): string | undefined {
  const last = ends.slice(0, limit.of);
  const failed = last.filter(({ failure }) => failure !== undefined && failure !== null);
  if (failed.length < limit.failures) return undefined;
  const kinds = [...Map.groupBy(failed, ({ failure }) => failure)].map(
    ([kind, { length }]) => `${length} × ${kind}`,
  );
  const accounts = [...new Set(failed.map(({ account }) => account))];
  const more = accounts.length > NAMED_MAX ? ` and ${accounts.length - NAMED_MAX} more` : '';
  return (
    `${failed.length} of the last ${last.length} mints that nobody asked for ended refused or unknown ` +
    `(${kinds.join(', ')}; ${accounts.slice(0, NAMED_MAX).join(', ')}${more}). The last one: ${message}`
  );
}
