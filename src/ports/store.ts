/**
 * A configured connection to a system that keeps secrets. Bytes in, bytes out: what they mean is a format's
 * business, and whether they are foreign is concluded in the domain. Every method returns expected failures
 * (kinds `target-refused`, `store-unavailable`, `rate-limited`, `credential-refused`, `not-connected`), bounds
 * its own time, and is safe to repeat.
 */
import type { Fingerprint } from '../domain/credential.ts';
import type { Result } from '../domain/failure.ts';
import type { SecretBytes } from '../domain/secret.ts';
import type { JsonObject, LastWrite } from '../domain/target.ts';

/** A place in the store: its address, and what the target's configuration says about it. */
export interface Place {
  readonly address: string;
  readonly options: JsonObject;
}

export type Stored =
  /** Nothing is there: no such file or secret, or a secret without a current value. */
  | { readonly state: 'absent' }
  | {
      readonly state: 'present';
      readonly bytes: SecretBytes;
      /** Names this very value, for `ifVersion`; changes whenever the value is written. */
      readonly version: string;
      /** When this daemon wrote it, in ms since the epoch, where the store can show that. */
      readonly writtenByUsAt?: number;
      /** When it was written, and by whom, as far as the store shows that without another call. Whoever that was. */
      readonly lastWrite?: LastWrite;
    };

export type Written =
  | { readonly outcome: 'written'; readonly version: string }
  /** With `ifVersion`: somebody wrote in between. Nothing was changed; read again. */
  | { readonly outcome: 'conflict' };

export interface Ready {
  /** Who writes and under which key, as one comparable text: a real write counts for this identity only. */
  readonly identity: string;
  /** True where this preflight itself made a real write by this identity and key. */
  readonly wrote: boolean;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /**
   * The write token that this daemon would have used to write `bytes` over `previousVersion` (`undefined`: over
   * nothing). A store that names versions by their token finds out from it whether the value is ours.
   */
  readonly tokenOf?: (bytes: SecretBytes, previousVersion: string | undefined) => string | undefined;
  /**
   * What a write of rekeyd's left beside the value may be taken away, where this look shows it and that write is over. Never the value, nor
   * anything of others. Without it nothing is changed.
   */
  readonly tidy?: boolean;
}

export interface PreflightOptions {
  readonly signal: AbortSignal;
  /** About how many bytes will be written. */
  readonly size: number;
  /** A value of the kind that will be written, made of a sample credential. Never to be kept where consumers could read it. */
  readonly like?: SecretBytes;
  /** A real write is asked for, not only a look at permissions. */
  readonly realWrite: boolean;
}

/** What a write is for: stores that can mark a value say so there. Never the credential itself. */
export interface WriteMark {
  /** The account's name. */
  readonly account: string;
  readonly fingerprint: Fingerprint;
  /** The slot of the rotation that minted the credential, in ms since the epoch, where there was one. */
  readonly slot?: number;
}

export interface WriteOptions {
  readonly signal: AbortSignal;
  /** Write only if the current version is this one; `absent`: only if nothing is there. */
  readonly ifVersion?: string;
  /** Names this write (a UUID). The same token with the same bytes may be sent again without a second effect. */
  readonly writeToken: string;
  readonly mark?: WriteMark;
}

export interface StoreAbilities {
  /** `ifVersion` holds against every other writer, not only against this process. */
  readonly compareAndSet: boolean;
  /** `read` can say when this daemon wrote the value. */
  readonly datesWrites: boolean;
  /** How long a real write proves that another will succeed, in ms. */
  readonly proofMaxAgeMs: number;
  /** The longest that one call can take, in ms. */
  readonly timeLimitMs: number;
}

export interface Store extends AsyncDisposable {
  readonly name: string;
  readonly kind: string;
  readonly abilities: StoreAbilities;
  /** What is there now. */
  read(place: Place, options: ReadOptions): Promise<Result<Stored>>;
  /** Whether a write of this size would succeed now. Never touches the value that consumers read. */
  preflight(place: Place, options: PreflightOptions): Promise<Result<Ready>>;
  /** Makes the place hold these bytes, whole or not at all. */
  write(place: Place, bytes: SecretBytes, options: WriteOptions): Promise<Result<Written>>;
  /** Who the store takes us for, in words for a person, for `rekeyd check`. With `again` it is asked even where it is known. */
  whoAmI(options: { readonly signal: AbortSignal; readonly again?: boolean }): Promise<Result<string>>;
}
