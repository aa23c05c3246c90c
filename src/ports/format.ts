/** How a credential is written as bytes. Pure, and apart from the stores: each format works in each store. */
import type { Credential } from '../domain/credential.ts';
import type { Result } from '../domain/failure.ts';
import type { SecretBytes } from '../domain/secret.ts';

export type Decoded =
  | { readonly state: 'credential'; readonly credential: Credential }
  /** The bytes are well-formed, and the place for the credential in them is missing or empty. */
  | { readonly state: 'absent' }
  /** The bytes are not of this format. */
  | { readonly state: 'other' };

export interface Format {
  readonly kind: string;
  /** True where the new bytes keep part of the previous ones: then they are written by compare-and-set. */
  readonly keepsPrevious: boolean;
  /**
   * The bytes to write. `previous` is what is there now, `undefined` where nothing is. Fails with `target-refused`
   * where the previous bytes cannot be kept intact.
   */
  encode(credential: Credential, previous: SecretBytes | undefined): Result<SecretBytes>;
  decode(bytes: SecretBytes): Decoded;
}
