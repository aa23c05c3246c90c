/** What is being done by a call, and whose it is: for the messages of its failures. */

/** Who made a call: it is theirs to be refused or limited. */
export type Caller = 'manager' | 'account';

export interface Doing {
  /** An infinitive, such as `mint for account 1a2b`. */
  readonly what: string;
  /** The provider's name and base URL, such as `kronup (https://api.kronup.com/v1)`. */
  readonly where: string;
  readonly caller: Caller;
  /** Where the manager credential comes from, such as `file /run/secrets/token`. */
  readonly source: string;
}
