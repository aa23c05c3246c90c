/** What a Kronup API key, a JWT, says of itself. Nothing is verified here: only the service can do that. */
import { decodeJwt } from 'jose';
import type { Secret } from '../../domain/secret.ts';
import type { Lifetime } from '../../ports/provider.ts';
import { HEADER_TEXT } from '../http/header-text.ts';

const MS_PER_S = 1_000;

/** The organisation that the token belongs to (claim `org_id`); absent where it is no JWT or has no such claim. */
export function organisationOf(token: Secret): string | undefined {
  const claim = claimsOf(token)?.['org_id'];
  return typeof claim === 'string' && HEADER_TEXT.test(claim) ? claim : undefined;
}

/** Claims `iat` and `exp`, both optional: Kronup documents neither. */
export function lifetimeOf(token: Secret): Lifetime {
  const claims = claimsOf(token);
  const issuedAt = instantOf(claims?.['iat']);
  const expiresAt = instantOf(claims?.['exp']);
  return {
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** Whether it has the form of a Kronup key: a JWT whose claims can be read. */
export function isToken(token: Secret): boolean {
  return claimsOf(token) !== undefined;
}

type Claims = Readonly<Record<string, unknown>>;

/** Each call asks for the claims of the credential that makes it, more than once. They are forgotten with it. */
const known = new WeakMap<Secret, { readonly claims: Claims | undefined }>();

function claimsOf(token: Secret): Claims | undefined {
  let entry = known.get(token);
  if (entry === undefined) {
    entry = { claims: decoded(token) };
    known.set(token, entry);
  }
  return entry.claims;
}

function decoded(token: Secret): Claims | undefined {
  try {
    return decodeJwt(token.reveal());
  } catch {
    // Not a JWT. Kronup is the judge of what a key looks like.
    return undefined;
  }
}

/** What lies beyond all dates could not be written down, and stands for no instant: some say "never" so. */
function instantOf(seconds: unknown): number | undefined {
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined;
  const ms = new Date(Math.round(seconds * MS_PER_S)).getTime();
  return Number.isNaN(ms) ? undefined : ms;
}
