/** The emulator's tokens: real JWTs, signed with a key of its own (ES256), so that clients can decode them. */
import { compactVerify, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { hexId } from './service-account.ts';
import type { ServiceAccount } from './service-account.ts';

/** Says that a token was made here, and for no real service. */
export const ISSUER = 'urn:rekeyd:kronup-emulator';

const ALGORITHM = 'ES256';

export interface Tokens {
  /** The live token of an account. Signed when first asked for, the same text from then on. */
  of(account: ServiceAccount): Promise<string>;
  /** Whether this key signed it, whatever it says. */
  signed(token: string): Promise<boolean>;
  /** Signs any claims, to rehearse refusals. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** The private key, to be kept with the state. */
  readonly key: JWK;
}

export async function createTokens(options: {
  readonly organisation: string;
  readonly lifetimeMs: number | undefined;
  /** From an earlier run; a new one is made where it is absent. */
  readonly key: JWK | undefined;
  /** Called when an account was given the text of its token. */
  readonly onSigned: () => void;
}): Promise<Tokens> {
  const key = options.key ?? (await newKey());
  const { d: _private, ...publicKey } = key;
  const signer = await importKey(key);
  const verifier = await importKey(publicKey);
  const signing = new Map<string, Promise<string>>();

  function sign(claims: Readonly<Record<string, unknown>>): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' }).sign(signer);
  }

  async function signFor(account: ServiceAccount, name: string): Promise<string> {
    const { generation } = account;
    try {
      const token = await sign(claimsOf(account, options));
      if (account.generation === generation) {
        account.token = token;
        options.onSigned();
      }
      return token;
    } finally {
      signing.delete(name);
    }
  }

  return {
    of(account) {
      if (account.token !== undefined) return Promise.resolve(account.token);
      const name = `${account.id}/${account.generation}`;
      const underWay = signing.get(name);
      if (underWay !== undefined) return underWay;
      const started = signFor(account, name);
      signing.set(name, started);
      return started;
    },
    async signed(token) {
      try {
        await compactVerify(token, verifier, { algorithms: [ALGORITHM] });
        return true;
      } catch {
        return false;
      }
    },
    sign,
    key,
  };
}

/** The `jti` of an account's live token. */
export function tokenIdOf(account: ServiceAccount): string {
  return hexId('token', account.id, account.generation);
}

function claimsOf(
  account: ServiceAccount,
  options: { readonly organisation: string; readonly lifetimeMs: number | undefined },
): Record<string, unknown> {
  return {
    org_id: options.organisation,
    iss: ISSUER,
    sub: account.id,
    iat: Math.floor(account.issuedAt / 1_000),
    jti: tokenIdOf(account),
    ...(options.lifetimeMs === undefined ? {} : { exp: expiryOf(account, options.lifetimeMs) }),
  };
}

/** In whole seconds since the epoch, as JWTs have it. */
function expiryOf(account: ServiceAccount, lifetimeMs: number): number {
  return Math.floor((account.issuedAt + lifetimeMs) / 1_000);
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return exportJWK(privateKey);
}

async function importKey(key: JWK): Promise<CryptoKey> {
  const imported = await importJWK(key, ALGORITHM);
  if (imported instanceof Uint8Array) throw new Error('the key of the emulator is not an ES256 key');
  return imported;
}
