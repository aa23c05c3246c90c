/** What is minted, as named fields, and the only thing that may be written down of it: its fingerprint. */
import { hash } from 'node:crypto';
import type { Secret } from './secret.ts';

/** One token that is the credential by itself, such as Kronup's JWT. */
export interface TokenCredential {
  readonly kind: 'token';
  readonly token: Secret;
}

/** A client id and its secret, exchanged for short-lived tokens, such as Keycard's. */
export interface ClientCredential {
  readonly kind: 'client';
  readonly clientId: string;
  readonly clientSecret: Secret;
}

export type Credential = TokenCredential | ClientCredential;

/** First 16 hex digits of the SHA-256 of a credential's canonical form. */
export type Fingerprint = string;

const FINGERPRINT_LENGTH = 16;

/** The fingerprint of a credential: of the token's text, or of client id NUL client secret. */
export function fingerprintOf(credential: Credential): Fingerprint {
  return hash('sha256', canonical(credential), 'hex').slice(0, FINGERPRINT_LENGTH);
}

function canonical(credential: Credential): string {
  switch (credential.kind) {
    case 'token':
      return credential.token.reveal();
    case 'client':
      return `${credential.clientId}\0${credential.clientSecret.reveal()}`;
  }
}
