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
  /** When the request that showed it was sent, where that is later than the sighting's first; ms since the epoch. */
  readonly requestedAt?: number;
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
  readonly accountId: string;
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
  /** The longest that one mint can take, in ms. */
  readonly mintTimeLimitMs: number;
  /** After how many failed mints it is frozen, as configured. */
  readonly freeze: FreezeLimit;
  /**
   * The account that the manager credential belongs to; asked once for each credential. With `again` it is asked even where it is
   * known: the answer tells whether the credential is accepted now.
   */
  manager(options: { readonly signal: AbortSignal; readonly again?: boolean }): Promise<Result<Manager>>;
  /** Looks at these accounts with as few calls as it can. */
  observe(
    accounts: readonly AccountRef[],
    options: { readonly signal: AbortSignal },
  ): Promise<Result<Sighting>>;
  /**
   * Mints a credential. `name` marks it where the provider can carry a mark. Failures whose effect is `none` mean
   * that nothing was minted; all others leave it open, and it must be recovered, never repeated.
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
   * service says for certain that it is no longer good.
   */
  prove(credential: Credential, options: { readonly signal: AbortSignal }): Promise<Result<Proof>>;
  /** Ends an old credential; absent for providers on which the mint itself ends it. */
  retire?(
    account: AccountRef,
    options: { readonly reference: string; readonly signal: AbortSignal },
  ): Promise<Result<void>>;
  /** What the credential says of its own life; nothing where it says nothing. */
  lifetimeOf(credential: Credential): Lifetime;
  /** What is left of a day's calls of the manager credential; absent where there is no such limit. */
  callsLeft(): CallsLeft | undefined;
  /** The account as the provider knows it, for `rekeyd check`. */
  refOf(account: Account): AccountRef;
}
