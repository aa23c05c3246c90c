/** How a credential is written as bytes. Pure, and apart from the stores: each format works in each store. */
import type { Credential } from '../domain/credential.ts';
import type { DetailName, Details } from '../domain/details.ts';
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
  /** The kinds of credential that it can hold, as it is configured; at least one. */
  readonly carries: readonly Credential['kind'][];
  /** The details that it writes beside the credential. */
  readonly details: readonly DetailName[];
  /** True where the new bytes keep part of the previous ones: then they are written by compare-and-set. */
  readonly keepsPrevious: boolean;
  /**
   * The bytes to write: all fields of the credential and the details that the format has places for, as one unit. `previous`
   * is what is there now, `undefined` where nothing is. A detail that is not known is written as an empty text. Fails with
   * `target-refused` where the previous bytes cannot be kept intact, or where the credential could not be read back.
   */
  encode(credential: Credential, previous: SecretBytes | undefined, details?: Details): Result<SecretBytes>;
  /** The credential in the bytes, whatever stands at the places of details. */
  decode(bytes: SecretBytes): Decoded;
}
