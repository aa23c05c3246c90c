/**
 * A configured connection to an API that mints. Every method returns expected failures and bounds its own time.
 * Only calls that are safe to repeat are repeated inside; `mint` and `retire` are sent once.
 */
import type { Account, Strategy } from '../domain/account.ts';
import type { CallsLeft } from '../domain/calls-left.ts';
import type { Credential, Fingerprint } from '../domain/credential.ts';
import type { Result } from '../domain/failure.ts';
import type { FreezeLimit } from '../domain/limits.ts';

/** Which account, as the provider needs to know it. */
export interface AccountRef {
  readonly organisation: string;
  readonly accountId: string;
}

/** One of the credentials that an account has, as its provider lists them: never with its value. */
export interface SeenCredential {
  /** What the provider knows it by: it is retired by this. */
  readonly reference: string;
  /** The mark that it was minted with, or whatever a person called it. Not unique. */
  readonly name: string;
  /** The part of its value that is no secret: by it a target's credential is told to be this one. */
  readonly clientId?: string;
  /** Ms since the epoch, by the service's clock. */
  readonly createdAt: number;
  /** When it was last used, in ms since the epoch; absent: never, as far as the provider knows. */
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
}

/** What was seen of one account. */
export interface SeenAccount {
  readonly state: 'open' | 'closed' | 'absent';
  /**
   * For `closed` and `absent`: whether a direct read and a second list agree, because pages are no snapshot.
   * Nothing is acted upon that is not certain.
   */
  readonly certain: boolean;
  /** The live credential, where the provider shows it. */
  readonly live?: Credential;
  /** All credentials of an open account, where it can have several at a time (strategy `overlap`); else absent. */
  readonly credentials?: readonly SeenCredential[];
  /** In the provider's words, such as `admin`: what its credentials may do; absent where it does not say. */
  readonly role?: string;
  /** When the request that showed it was sent, where that is later than the sighting's first; ms since the epoch. */
  readonly requestedAt?: number;
}

/** One of the accounts of a provider's list. */
export interface ListedAccount {
  readonly id: string;
  /** What people call it there: any text. */
  readonly name: string;
  readonly open: boolean;
}

/** What was seen of several accounts at one instant. */
export interface Sighting {
  /** When the (first) request was sent, in ms since the epoch. */
  readonly requestedAt: number;
  /** The service's own clock minus ours, in ms, where its answer carried a date. */
  readonly clockOffsetMs?: number;
  /** By account id; each account that was asked for is there. */
  readonly accounts: ReadonlyMap<string, SeenAccount>;
}

export interface Minted {
  readonly credential: Credential;
  /** What the provider knows the credential by; there where an account can have several at a time. */
  readonly reference?: string;
  /** The account and organisation that the answer names, to be compared with those asked for. */
  readonly accountId: string;
  readonly organisation?: string;
  /** When the request had been written, in ms since the epoch: from here the old credential may be dead. */
  readonly sentAt: number;
}

/** The credential was accepted: whose it is. */
export interface Proof {
  readonly accountId: string;
}

/** Who the daemon itself is at the provider. */
export interface Manager {
  /** The account that the manager credential belongs to; absent where the provider does not say: then `clientId` is there. */
  readonly accountId?: string;
  /** The account is the one among whose credentials this client id is. */
  readonly clientId?: string;
  /** Of the manager credential. */
  readonly fingerprint: Fingerprint;
  /** In the provider's words, such as `admin`; absent where it does not say. */
  readonly role?: string;
}

/** What a credential says of its own life, both in ms since the epoch. */
export interface Lifetime {
  readonly issuedAt?: number;
  readonly expiresAt?: number;
}

export interface Provider extends AsyncDisposable {
  readonly name: string;
  readonly kind: string;
  /** Scheme, host and port: part of every account's identity. */
  readonly origin: string;
  readonly strategies: readonly Strategy[];
  /** Where a client id and secret are exchanged for a token, as a URL; absent where the credential is used as it is. */
  readonly tokenEndpoint?: string;
  /** The longest that one mint can take, in ms. */
  readonly mintTimeLimitMs: number;
  /** After how many failed mints it is frozen, as configured. */
  readonly freeze: FreezeLimit;
  /**
   * Whether one look shows many accounts with fewer calls than there are accounts, as a list of accounts with all that is seen of each
   * does. Where not, each account takes a call of its own at least: looking at several together saves nothing, and what is seen first
   * is as old as all the others take.
   */
  readonly looksAtMany: boolean;
  /**
   * The account that the manager credential belongs to; asked once for each credential. With `again` it is asked even where it is
   * known: the answer tells whether the credential is accepted now.
   */
  manager(options: { readonly signal: AbortSignal; readonly again?: boolean }): Promise<Result<Manager>>;
  /**
   * Looks at these accounts with as few calls as it can. Where it does not look at many with few calls, one that cannot be looked at
   * fails the look at all that are asked for together.
   */
  observe(
    accounts: readonly AccountRef[],
    options: { readonly signal: AbortSignal },
  ): Promise<Result<Sighting>>;
  /**
   * Mints a credential. `name` marks it where the provider can carry a mark: `SeenCredential.name` has it then. Failures whose effect
   * is `none` mean that nothing was minted; all others leave it open, and it must be recovered, never repeated.
   * `maySend` is asked once, after all waiting (for a turn, a credential, a connection), in the turn in which the request is
   * written: where it answers why not, nothing is sent, and the failure is `not-connected` with that in its message.
   * `onSent` is told, in the same turn, when the request is written, in ms since the epoch.
   */
  mint(
    account: AccountRef,
    options: {
      readonly name: string;
      readonly signal: AbortSignal;
      readonly maySend?: () => string | undefined;
      readonly onSent?: (sentAt: number) => void;
    },
  ): Promise<Result<Minted>>;
  /**
   * Uses the credential and says whose it is. `credential-refused` means that this credential is refused; with `revoked`, that the
   * service says for certain that it is no longer good. `account` is whose it is thought to be: where the service does not say whose
   * a credential is, it is looked for among those of that account, and one that is not there is refused without being used. With
   * `reference`, by which it was known there, that is `revoked` once a direct read shows it no more either.
   */
  prove(
    credential: Credential,
    options: {
      readonly account?: AccountRef;
      readonly reference?: string;
      readonly signal: AbortSignal;
    },
  ): Promise<Result<Proof>>;
  /**
   * Ends the credential with this reference; there only where an account can have several at a time (strategy `overlap`). One
   * that is not there is `not-found`. Never the manager credential itself: `not-allowed`, and nothing is sent. `maySend` is as for
   * `mint`. Sent once; after a lost answer, and where it was not found, a later look at the account tells.
   */
  retire?(
    account: AccountRef,
    options: {
      readonly reference: string;
      readonly signal: AbortSignal;
      readonly maySend?: () => string | undefined;
    },
  ): Promise<Result<void>>;
  /**
   * Writes a line about the last rotation where people look at the account in the provider's console, keeping what they wrote
   * there themselves. Absent where the provider has no place for it, or is not to.
   */
  annotate?(
    account: AccountRef,
    options: { readonly line: string; readonly signal: AbortSignal },
  ): Promise<Result<void>>;
  /**
   * All accounts that the manager credential sees, page after page; ends after the first failure. Pages are no snapshot: an account
   * may come twice or not at all. Absent where there is no list.
   */
  accounts?(options: {
    readonly signal: AbortSignal;
  }): AsyncGenerator<Result<readonly ListedAccount[]>, void>;
  /** What the credential says of its own life; nothing where it says nothing. */
  lifetimeOf(credential: Credential): Lifetime;
  /** What is left of a day's calls of the manager credential; absent where there is no such limit. */
  callsLeft(): CallsLeft | undefined;
  /** The account as the provider knows it, for `rekeyd check`. */
  refOf(account: Account): AccountRef;
}
