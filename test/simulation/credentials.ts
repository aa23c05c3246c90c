/** The simulated service's tokens as credentials. */
import type { Credential } from '../../src/domain/credential.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Token } from './service.ts';

export function credentialOf(token: Token): Credential {
  const known = credentials.get(token);
  if (known !== undefined) return known;
  const { text, clientId } = token;
  const secret = new Secret(text);
  const made: Credential =
    clientId === undefined
      ? { kind: 'token', token: secret }
      : { kind: 'client', clientId, clientSecret: secret };
  credentials.set(token, made);
  return made;
}

/** Made once: who lives and holds a secret is kept account of. */
const credentials = new WeakMap<Token, Credential>();

export function textOf(credential: Credential): string {
  return (credential.kind === 'token' ? credential.token : credential.clientSecret).reveal();
}
