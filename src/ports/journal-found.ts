/** Accounts that a provider's list showed, and that the configuration takes by their names (`accountsFrom`). */

export interface FoundAccount {
  /** At the provider. */
  readonly id: string;
  /** What it is called there. */
  readonly name: string;
}

/** By name of the provider, each in the order in which they were first seen. */
export type Found = ReadonlyMap<string, readonly FoundAccount[]>;
