/** The API on TCP as the rest of the program takes it, and what is wrong with what was said of it. */
import { isLoopback } from '../domain/loopback.ts';
import type { ApiRole } from '../ports/api-access.ts';
import type { SecretReference } from '../ports/settings.ts';
import { readAddress } from './address.ts';
import type { Address } from './address.ts';
import type { ApiWords } from './api-schema.ts';
import type { Flaw } from './problem.ts';

export interface ApiSettings {
  /** Port 0 is any free one. */
  readonly address: Address;
  /** One or more. */
  readonly tokens: readonly ApiToken[];
  /** Absent: plain http. Paths of PEM files. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export interface ApiToken {
  readonly name: string;
  readonly role: ApiRole;
  /** `sha256:` and hex, or where that text is found. */
  readonly hash: string | SecretReference;
}

/** `undefined` where nothing is to listen. */
export function apiSettingsOf(words: ApiWords | undefined, flaws: Flaw[]): ApiSettings | undefined {
  if (words === undefined) return undefined;
  const { tls } = words;
  const address = readAddress(words.address, ['api', 'address'], flaws);
  const tokens = Object.entries(words.tokens).map(([name, { role, hash }]) => ({ name, role, hash }));
  flaws.push(...sharedHashes(tokens));
  if (tokens.length === 0) return undefined;
  // An address that is none was told of already.
  if (tls === undefined && !words.insecure && address.host !== '' && !isLoopback(address.host)) {
    const message =
      'other machines would send their tokens in the clear; give tls, or an address of this machine alone ' +
      '(127.0.0.1), or insecure: true where the network is trusted';
    flaws.push({ path: ['api', 'address'], at: 'value', message });
  }
  return { address, tokens, ...(tls && { tls }) };
}

/** One token under two names would be whichever comes first. */
function sharedHashes(tokens: readonly ApiToken[]): Flaw[] {
  const owners = new Map<string, string>();
  return tokens.flatMap(({ name, hash }): Flaw[] => {
    if (typeof hash !== 'string') return [];
    const owner = owners.get(hash);
    if (owner === undefined) {
      owners.set(hash, name);
      return [];
    }
    const message = `this is the token of ${owner} as well; each name needs a token of its own`;
    return [{ path: ['api', 'tokens', name, 'hash'], at: 'value', message }];
  });
}
