/**
 * Who is calling: the `Authorization` header checked as the API's documents describe, each way of being wrong with
 * its own 401 id.
 */
import { answerError } from './answer.ts';
import type { Answer, ApiErrorId } from './answer.ts';
import type { Organisation } from './organisation.ts';
import type { ServiceAccount } from './service-account.ts';
import { ISSUER } from './tokens.ts';
import type { Tokens } from './tokens.ts';

export type Authenticated =
  | { readonly ok: true; readonly caller: ServiceAccount }
  | { readonly ok: false; readonly answer: Answer };

interface Claims {
  readonly organisation: string;
  readonly accountId: string;
  readonly issuer: unknown;
  /** In seconds since the epoch. */
  readonly expiresAtSeconds: number | undefined;
}

/** The caller whose live token it is, or the 401. With `keepOldTokens` every token of an open account passes. */
export async function authenticate(
  header: string | undefined,
  context: {
    readonly organisation: Organisation;
    readonly tokens: Tokens;
    readonly keepOldTokens: boolean;
    readonly now: number;
  },
): Promise<Authenticated> {
  const bearer = bearerOf(header);
  if (!bearer.ok) return refused(bearer.id);
  const parsed = parseToken(bearer.token);
  if (!parsed.ok) return refused(parsed.id);
  const { claims } = parsed;
  if (claims.issuer !== ISSUER) return refused('jwt-issuer');
  const account = context.organisation.find(claims.accountId);
  const isLive = account !== undefined && account.token === bearer.token;
  // A live token was signed here, so only others cost a look at the signature.
  if (!isLive && !(await context.tokens.signed(bearer.token))) return refused('jwt-format');
  if (claims.organisation !== context.organisation.id) return refused('jwt-payload');
  if (account === undefined) return refused('auth-api-invalid');
  const { expiresAtSeconds } = claims;
  const isOver = expiresAtSeconds !== undefined && context.now >= expiresAtSeconds * 1_000;
  const isAccepted = account.closedAt === 0 && !isOver && (isLive || context.keepOldTokens);
  return isAccepted ? { ok: true, caller: account } : refused('auth-api-expired');
}

/** Whose token the header seems to carry, unchecked: only for counting and for matching faults. */
export function claimedCaller(header: string | undefined): string | undefined {
  const bearer = bearerOf(header);
  if (!bearer.ok) return undefined;
  const parsed = parseToken(bearer.token);
  return parsed.ok ? parsed.claims.accountId : undefined;
}

function refused(id: ApiErrorId): Authenticated {
  return { ok: false, answer: answerError(id) };
}

function bearerOf(
  header: string | undefined,
): { readonly ok: true; readonly token: string } | { readonly ok: false; readonly id: ApiErrorId } {
  if (header === undefined || header === '') return { ok: false, id: 'auth-missing' };
  const [scheme = '', ...rest] = header.split(' ');
  if (scheme.toLowerCase() !== 'bearer') return { ok: false, id: 'auth-invalid' };
  const token = rest.join(' ').trim();
  return token === '' ? { ok: false, id: 'jwt-missing' } : { ok: true, token };
}

function parseToken(
  token: string,
): { readonly ok: true; readonly claims: Claims } | { readonly ok: false; readonly id: ApiErrorId } {
  const parts = token.split('.');
  const [header, body] = parts;
  if (parts.length !== 3 || header === undefined || body === undefined)
    return { ok: false, id: 'jwt-format' };
  if (typeof jsonObject(header)?.['alg'] !== 'string') return { ok: false, id: 'jwt-format-header' };
  const payload = jsonObject(body);
  if (payload === undefined) return { ok: false, id: 'jwt-format-body' };
  const { org_id: organisation, sub: accountId, iss: issuer, exp } = payload;
  if (typeof organisation !== 'string' || typeof accountId !== 'string')
    return { ok: false, id: 'jwt-payload' };
  const expiresAtSeconds = typeof exp === 'number' ? exp : undefined;
  return { ok: true, claims: { organisation, accountId, issuer, expiresAtSeconds } };
}

function jsonObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
