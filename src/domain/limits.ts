/** Every limit that decides about an account, with its name and unit, and the back-off that grows between tries. */

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
  /** Slow, durable retries: the first after this, doubling. */
  retryFirstMs: 5_000,
  retryMaxMs: 300_000,
  /** So many overwritten deliveries of one target within this time: contested. */
  overwritesMax: 3,
  overwritesWithinMs: 86_400_000,
  /** Those that come closer together are one. */
  overwritesApartMs: 60_000,
  /** A contested target is left alone for this long after it was last written over, and after it was delivered to again. */
  contestedMs: 86_400_000,
  /** What was minted goes to a contested target as well; while it is written over at once, it is tried again this rarely. */
  contestedRetryMaxMs: 3_600_000,
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
