/** A configuration as the journal takes it: accounts in files, each file known by its hash. */
import type { Account } from '../domain/account.ts';

/** One account as the configuration has it, for `apply`. */
export interface ConfiguredAccount {
  /**
   * In the row of an account that is known already it has its `scheduledAt` as well: the instant of the `apply` that gave it another
   * schedule, or took it back after it had left.
   */
  readonly policy: Account;
  /** Hash of the policy: an unchanged one is not written. */
  readonly hash: string;
}

/**
 * Some accounts of a file: as they are, or as the JSON text of the same array, which spares a copy between threads. Text is
 * written in one piece, during which commits wait: 100 to 200 accounts are a good size. Arrays are cut into such pieces.
 */
export type ConfiguredBatch = readonly ConfiguredAccount[] | string;

export interface ApplyFile {
  readonly path: string;
  readonly hash: string;
  /** Absent: the file is unchanged since it was applied with this hash, and its accounts stay as they are. */
  readonly accounts?: AsyncIterable<ConfiguredBatch> | Iterable<ConfiguredBatch>;
}

export interface Applied {
  readonly accounts: number;
  readonly changed: number;
  readonly left: number;
}
