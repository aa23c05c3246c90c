/**
 * Who is calling: the `Authorization` header checked as the API's documents describe, each way of being wrong with
 * its own 401 id.
 */
import type { Answer } from '../wire.ts';
import { answerError } from './answer.ts';
import type { ApiErrorId } from './answer.ts';
import type { Organisation } from './organisation.ts';
import type { ServiceAccount } from './service-account.ts';
import { ISSUER } from './tokens.ts';
import type { Tokens } from './tokens.ts';

export type Authenticated =
  | { readonly ok: true; readonly caller: ServiceAccount }
  | { readonly ok: false; readonly answer: Answer };

/** What came in the header: a token that can be parsed, nothing of it checked, or what is wrong with it. */
export type Bearer =
  | { readonly ok: true; readonly token: string; readonly claims: Claims }
  | { readonly ok: false; readonly id: ApiErrorId };

export interface Claims {
  readonly organisation: string;
  readonly accountId: string;
  readonly issuer: unknown;
  readonly tokenId: string | undefined;
  /** In seconds since the epoch. */
  readonly expiresAtSeconds: number | undefined;
}

/** The caller whose live token it is, or the 401. With `keepOldTokens` every token of an open account passes. */
export async function authenticate(
  bearer: Bearer,
  context: {
    readonly organisation: Organisation;
    readonly tokens: Tokens;
    readonly keepOldTokens: boolean;
    readonly now: number;
  },
): Promise<Authenticated> {
  if (!bearer.ok) return refused(bearer.id);
  const { token, claims } = bearer;
  if (claims.issuer !== ISSUER) return refused('jwt-issuer');
  const account = context.organisation.find(claims.accountId);
  const isLive = account !== undefined && account.token === token;
  // A live token was signed here, so only others cost a look at the signature.
  if (!isLive && !(await context.tokens.signed(token))) return refused('jwt-format');
  if (claims.organisation !== context.organisation.id) return refused('jwt-payload');
  if (account === undefined) return refused('auth-api-invalid');
  const { expiresAtSeconds } = claims;
  const isOver = expiresAtSeconds !== undefined && context.now >= expiresAtSeconds * 1_000;
  const isAccepted = account.closedAt === 0 && !isOver && (isLive || context.keepOldTokens);
  return isAccepted ? { ok: true, caller: account } : refused('auth-api-expired');
}

/** Source of the ids: the OpenAPI document's list of 401 errors; which case is which is read from their messages. */
export function readBearer(header: string | undefined): Bearer {
  if (header === undefined || header === '') return { ok: false, id: 'auth-missing' };
  const [scheme = '', ...rest] = header.split(' ');
  if (scheme.toLowerCase() !== 'bearer') return { ok: false, id: 'auth-invalid' };
  const token = rest.join(' ').trim();
  if (token === '') return { ok: false, id: 'jwt-missing' };
  const parts = token.split('.');
  const [head = '', body = ''] = parts;
  if (parts.length !== 3) return { ok: false, id: 'jwt-format' };
  if (typeof jsonObject(head)?.['alg'] !== 'string') return { ok: false, id: 'jwt-format-header' };
  const payload = jsonObject(body);
  if (payload === undefined) return { ok: false, id: 'jwt-format-body' };
  const { org_id: organisation, sub: accountId, iss: issuer, jti, exp } = payload;
  if (typeof organisation !== 'string' || typeof accountId !== 'string')
    return { ok: false, id: 'jwt-payload' };
  const expiresAtSeconds = typeof exp === 'number' ? exp : undefined;
  const tokenId = typeof jti === 'string' ? jti : undefined;
  return { ok: true, token, claims: { organisation, accountId, issuer, tokenId, expiresAtSeconds } };
}

function refused(id: ApiErrorId): Authenticated {
  return { ok: false, answer: answerError(id) };
}

function jsonObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
