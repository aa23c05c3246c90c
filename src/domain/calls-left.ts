/** What a provider still takes of a day's calls, and what is kept of them: for recovery first, then for rotations. */

/** The daily budget of a provider's manager credential. */
export interface CallsLeft {
  readonly left: number;
  /** In a whole day. */
  readonly limit: number;
  /** Kept for recovery: with no more than these left, nothing is minted. */
  readonly reserve: number;
  /** When they are counted anew, in ms since the epoch. */
  readonly renewedAt: number;
}

/** Whether no more are left than are kept for recovery: a mint whose answer is lost takes calls to recover. */
export function isReserveLow({ left, reserve }: CallsLeft): boolean {
  return left <= reserve;
}

/**
 * Whether they are short: as many again as the reserve are kept for rotations, and looks that nothing depends on wait for
 * the next day. Of what is not the reserve half may be used for such looks, however large the reserve is: where a day began with
 * short calls, nobody would ever find out that an account was opened again.
 */
export function isShort({ left, limit, reserve }: CallsLeft): boolean {
  return left <= reserve + Math.min(reserve, (limit - reserve) / 2);
}

/** The reason of the hold. */
export function reserveText({ left, limit, reserve, renewedAt }: CallsLeft): string {
  return (
    `${left} of the day's ${limit} calls are left, and ${reserve} are kept for recovery (reserve); nothing is minted ` +
    `until there are more, at ${new Date(renewedAt).toISOString()} or when the provider takes calls again`
  );
}
