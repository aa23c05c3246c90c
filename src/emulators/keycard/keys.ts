/**
 * The emulator's secrets and access tokens: made from one key of its own, so that neither has to be kept. Access tokens are JWTs
 * (HS256) that say whose they are; they open nothing but this emulator.
 */
import { createHmac, createSecretKey, generateKeySync, timingSafeEqual } from 'node:crypto';

/** Says that a token was made here, and for no real service. */
const ISSUER = 'urn:rekeyd:keycard-emulator';

const SECRET_LENGTH = 64;
const KEY_BITS = 256;

/** What an access token says. */
export interface Claims {
  readonly organisation: string;
  readonly accountId: string;
  readonly credentialId: string;
  /** Counts the tokens of this emulator. */
  readonly tokenId: string;
  /** In seconds since the epoch. */
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
}

export interface Keys {
  /** The client secret of a credential: 64 letters and digits. */
  secretOf(credentialId: string): string;
  isSecretOf(credentialId: string, text: string): boolean;
  accessToken(claims: Claims): string;
  /** What a token says that was signed here; `undefined` for any other text. */
  read(token: string): Claims | undefined;
  /** The key, to be kept with the state: hex. */
  readonly key: string;
}

/** `from`: the key of an earlier run; a new one is made where it is absent. */
export function createKeys(from: string | undefined): Keys {
  const key =
    from === undefined
      ? generateKeySync('hmac', { length: KEY_BITS })
      : createSecretKey(Buffer.from(from, 'hex'));
  const mac = (text: string) => createHmac('sha256', key).update(text);
  const secretOf = (credentialId: string) =>
    mac(`secret/${credentialId}`).digest('hex').slice(0, SECRET_LENGTH);
  const sign = (text: string) => mac(`token/${text}`).digest('base64url');
  return {
    secretOf,
    isSecretOf: (credentialId, text) => isSame(secretOf(credentialId), text),
    accessToken(claims) {
      const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(wireOf(claims))}`;
      return `${text}.${sign(text)}`;
    },
    read(token) {
      const [head = '', body = '', signature = ''] = token.split('.');
      return isSame(sign(`${head}.${body}`), signature) ? claimsIn(body) : undefined;
    },
    key: key.export().toString('hex'),
  };
}

function wireOf(claims: Claims): object {
  return {
    iss: ISSUER,
    sub: claims.accountId,
    org_id: claims.organisation,
    cid: claims.credentialId,
    jti: claims.tokenId,
    iat: claims.issuedAtSeconds,
    exp: claims.expiresAtSeconds,
  };
}

/** Only of what was signed here, so that every claim is there. */
function claimsIn(body: string): Claims {
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, never>;
  return {
    organisation: claims['org_id'] ?? '',
    accountId: claims['sub'] ?? '',
    credentialId: claims['cid'] ?? '',
    tokenId: claims['jti'] ?? '',
    issuedAtSeconds: claims['iat'] ?? 0,
    expiresAtSeconds: claims['exp'] ?? 0,
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
