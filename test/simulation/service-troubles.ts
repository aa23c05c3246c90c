/** What is wrong with the simulated service itself, as opposed to the way to it. */

export interface ServiceTroubles {
  /** Every token is refused: the manager's too where it says so. */
  readonly refusesAll?: 'accounts' | 'everything';
  /** Answers show the state of up to this long ago, in ms. */
  readonly staleMs?: number;
  /** How likely an account is missing on a page, or shown as closed, though it is open. */
  readonly moving?: number;
  /** How likely the answer to a mint names another account, or brings the old token. */
  readonly wrong?: number;
  /** How likely the provider does not allow a mint for an account, or does not find the account. */
  readonly forbids?: number;
  readonly forgets?: number;
  /** How likely a mint is answered with something that says nothing of its effect. */
  readonly invalid?: number;
  /** How likely the account's own quota is used up when its token is tried. */
  readonly ownLimited?: number;
}
