/**
 * The durable memory: policies, records, facts, requests and what is shared between accounts. One writer at a time
 * holds an account, by a claim with a fence; every commit carries that fence. Methods reject with `JournalError` when the journal
 * itself cannot be used, which ends the process: without a journal nothing may be minted.
 */
import type { Account, AccountKey } from '../domain/account.ts';
import type { Cause, Fact } from '../domain/fact.ts';
import type { Hold, HoldKind } from '../domain/hold.ts';
import type { FreezeLimit, MintEnd } from '../domain/limits.ts';
import type { AccountRecord } from '../domain/record.ts';
import type { Joining } from '../domain/refresh.ts';
import type { RequestDoes } from '../domain/request.ts';
import type { Grant } from '../domain/situation.ts';
import type { Applied, ApplyFile } from './journal-apply.ts';
import type { ConsumerJournal } from './journal-consumers.ts';
import type { Found, FoundAccount } from './journal-found.ts';
import type { RotationRow, StepRow } from './journal-history.ts';

export type { Applied, ApplyFile, ConfiguredAccount, ConfiguredBatch } from './journal-apply.ts';
export type { Found, FoundAccount } from './journal-found.ts';
export type { RotationRow, StepRow } from './journal-history.ts';
export type { RequestDoes } from '../domain/request.ts';
export { JournalError } from './journal-error.ts';

/** Identifies an account's row for good, whatever its name. */
export type AccountId = number;

export interface AccountRow {
  readonly id: AccountId;
  /** Number of facts folded into the record. */
  readonly version: number;
  readonly policy: Account;
  readonly record: AccountRecord;
  /** False once it has left the configuration. */
  readonly configured: boolean;
  readonly dueAt?: number;
  readonly dueWhy?: string;
  readonly holds: readonly Hold[];
  /** The policy was changed, and no commit has noted it since. */
  readonly policyChanged: boolean;
}

/** What somebody asked for, to be done by whoever holds the account. */
export interface Request {
  readonly id: string;
  readonly account: AccountId;
  readonly does: RequestDoes;
  /** Of `accept`: the target. */
  readonly target?: string;
  readonly cause: Cause;
  readonly at: number;
}

/** A request for one account. `id` is the caller's request id with the account, or a new one. */
export interface NewRequest {
  readonly id: string;
  readonly account: AccountId;
  readonly does: RequestDoes;
  readonly target?: string;
  readonly cause: Cause;
}

export interface RequestState extends Request {
  readonly state: 'waiting' | 'taken' | 'refused';
  /** The rotation that it became part of. */
  readonly rotation?: string;
  readonly why?: string;
}

/** Holds and budgets that are shared between accounts. */
export interface Shared {
  /** Those of scope store, provider, consumer and all. */
  readonly holds: readonly Hold[];
}

export interface Claim extends AccountRow {
  /** Grows with each claim of this account. */
  readonly fence: number;
  /** When the lease ends, ms since the epoch. */
  readonly leaseUntil: number;
  /** Waiting requests, oldest first. */
  readonly requests: readonly Request[];
  readonly shared: Shared;
}

export interface Commit {
  readonly account: AccountId;
  readonly fence: number;
  /** The version that the facts were decided upon. */
  readonly version: number;
  readonly facts: readonly Fact[];
  /** The record with the facts folded in; its version is `version + facts.length`. */
  readonly record: AccountRecord;
  /** All holds of scope account and target that are in force now. */
  readonly holds: readonly Hold[];
  readonly dueAt?: number;
  readonly dueWhy?: string;
  readonly rotation?: RotationRow;
  readonly steps?: readonly StepRow[];
  /** Requests that these facts answer. */
  readonly requests?: readonly {
    readonly id: string;
    readonly state: 'taken' | 'refused';
    readonly rotation?: string;
    readonly why?: string;
  }[];
  /**
   * How a mint ended that counts towards freezing its provider: kept once for each rotation and attempt, the last word wins.
   * Where it failed and the limit is reached with it, the hold `frozen` is set in the same batch, unless it is in force.
   */
  readonly mintEnd?: MintEnd & {
    readonly provider: string;
    /** The account's name, for people. */
    readonly account: string;
    readonly at: number;
    readonly limit: FreezeLimit;
  };
  /** What the account lets the others know that name the same consumers; of one that is not in it, what is known stays. */
  readonly joinings?: readonly Joining[];
  /** A consumer of this rotation was through after so long: the longest of them is kept. */
  readonly consumerLag?: { readonly rotation: string; readonly lagMs: number };
  /** From now on the policy that the claim came with is no changed one any more. */
  readonly policyNoted?: true;
  /** Gives the claim back in the same batch. */
  readonly release: boolean;
}

export type CommitOutcome =
  | {
      readonly outcome: 'committed';
      readonly shared: Shared;
      /** The hold that this commit set, because it reached the limit of failed mints. */
      readonly frozen?: Hold;
    }
  /** Another holder has the account, or its record moved on. Nothing was written. */
  | { readonly outcome: 'stale' };

/** One page of a list, ordered by name. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Give it as `after` for the next page; absent on the last. */
  readonly next?: string;
}

export interface AccountFilter {
  readonly after?: string;
  /** 1 to 1 000. */
  readonly limit: number;
  /** At most 1 000. */
  readonly names?: readonly string[];
  readonly provider?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hold?: HoldKind;
  /** Only those that are held, not converged, or due since before this instant (ms since the epoch). */
  readonly troubledSince?: number;
  /** True: also those that left the configuration. */
  readonly left?: boolean;
}

export interface Journal extends ConsumerJournal, AsyncDisposable {
  /** Whether the journal was made by this opening. */
  readonly created: boolean;

  /**
   * Claims up to `limit` accounts that are due at `now` and held by nobody: those that may be dark, then highest priority, then
   * longest due. Those with waiting requests are due. A lease that has run out may be taken over; the fence grows.
   */
  claim(options: {
    readonly holder: string;
    readonly now: number;
    readonly leaseMs: number;
    readonly limit: number;
    /** Providers that have no room for more work now. */
    readonly exceptProviders?: readonly string[];
  }): Promise<readonly Claim[]>;
  /** Lengthens the leases of these claims. Answers those that are still held. */
  renew(options: {
    readonly claims: readonly { readonly account: AccountId; readonly fence: number }[];
    readonly leaseUntil: number;
  }): Promise<readonly AccountId[]>;
  /** Gives a claim back after work on it was broken off; the record stays as last committed. A stale fence changes nothing. */
  release(options: {
    readonly account: AccountId;
    readonly fence: number;
    readonly dueAt: number;
    readonly dueWhy: string;
  }): Promise<void>;
  /** When the next unclaimed account is due, or the next lease ends; absent where there is none. */
  nextDueAt(options?: { readonly exceptProviders?: readonly string[] }): Promise<number | undefined>;
  /** Accounts of a provider that are due at `now` and claimed by nobody: those to be claimed next come first. */
  dueAccounts(options: {
    readonly provider: string;
    readonly now: number;
    readonly limit: number;
  }): Promise<readonly AccountKey[]>;
  /** One conditional batch. Commits that arrive together share one fsync. Resolves when it is durable. */
  commit(commit: Commit): Promise<CommitOutcome>;

  /** Sets or replaces a hold of scope store, provider, consumer or all. */
  hold(hold: Hold): Promise<void>;
  /**
   * Lifts it and makes the accounts it stopped due at `now`: those of the provider, with a target in the store, or that name the
   * consumer. The first few hundred at once, the others soon, even after a crash. With `frozen` the provider's mints are counted
   * anew. Answers the hold that was lifted.
   */
  lift(kind: HoldKind, subject: string, now: number): Promise<Hold | undefined>;
  shared(): Promise<Shared>;
  /** Makes all accounts due at `now`: the first few hundred at once, the others soon, even after a crash. */
  wakeAll(now: number): Promise<void>;
  /** When the newest fact was noted, in ms since the epoch; absent where there is none. */
  newestAt(): Promise<number | undefined>;

  /** Adds calls made with a credential on a day (`YYYY-MM-DD`, UTC); answers the day's sum. */
  addCalls(options: {
    readonly provider: string;
    readonly caller: string;
    readonly day: string;
    readonly calls: number;
  }): Promise<number>;

  /**
   * Asks for one mint because of a refused credential. It is counted if it is granted, in the same step: however many ask at once,
   * no more are granted than the provider's limit allows (`refusedMintsAtMost` of its configured accounts). One that was granted by a
   * clock that was put back since counts from now.
   */
  grantRefused(options: {
    readonly provider: string;
    readonly account: AccountId;
    readonly now: number;
  }): Promise<Grant>;

  /**
   * Adds requests and makes their accounts due, those that are claimed as soon as their claim is given back. A request whose
   * id is known already is not added again. Answers the state of each. Where one is known to ask for something else, none is
   * added, and the states of those that are known are answered.
   */
  request(requests: readonly NewRequest[], now: number): Promise<readonly RequestState[]>;
  requestState(id: string): Promise<RequestState | undefined>;

  /** What each provider's list showed when it was kept last: the accounts that the configuration takes by their names. */
  found(): Promise<Found>;
  keepFound(options: {
    readonly provider: string;
    readonly accounts: readonly FoundAccount[];
    readonly at: number;
  }): Promise<void>;

  /** The hashes under which files were applied last. */
  appliedFiles(): Promise<ReadonlyMap<string, string>>;
  /**
   * Makes the rows those of this configuration: new and changed accounts are written and due at `now`; accounts of files that
   * are not listed, or that a listed file no longer has, are marked as left and due; one that moved to another file has not
   * left. A row is one account's: where several of a batch have ids of it, it goes to the one that its live credential belongs
   * to, else to the first, and the others are new. Commits go in between, and a file counts as applied when all of it is: after
   * a crash in the middle, applying again finishes it. A second call waits for the first, also one of another process: between two
   * that are done at a time, one could find its file applied while the other has marked its accounts as left.
   */
  apply(files: readonly ApplyFile[], now: number): Promise<Applied>;

  account(name: string): Promise<AccountRow | undefined>;
  accounts(filter: AccountFilter): Promise<Page<AccountRow>>;
  /** Counts over configured accounts. Overdue: due at `now` and claimed by nobody, or the lease has run out. */
  summary(now: number): Promise<{
    readonly accounts: number;
    readonly overdue: number;
    readonly held: Readonly<Record<string, number>>;
    readonly notConverged: number;
    /** Some consumer has not taken up what its target holds. */
    readonly consumersBehind: number;
  }>;
  /** Newest first. */
  rotations(filter: {
    readonly account?: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<Page<RotationRow>>;
  rotation(
    id: string,
  ): Promise<
    | { readonly rotation: RotationRow; readonly steps: readonly StepRow[]; readonly facts: readonly Fact[] }
    | undefined
  >;
  /** Of one account, newest first. */
  facts(filter: {
    readonly account: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<Page<Fact>>;

  /**
   * Removes what is older: facts (as one range from the oldest on, with those in it that a clock dated after `now`), closed rotations,
   * answered requests, and the calls of the days (`YYYY-MM-DD`, UTC) before `callsBefore`.
   */
  prune(options: {
    readonly now: number;
    readonly before: number;
    readonly requestsBefore: number;
    readonly callsBefore: string;
  }): Promise<{ readonly facts: number; readonly rotations: number }>;
}
