/** Tells whose token a request shows. It knows hashes only, and compares them all, in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { TOKEN_LENGTH_MAX, TOKEN_LENGTH_MIN } from '../ports/api-access.ts';
import type { Caller } from './caller.ts';

/** A token that is configured. */
export interface KnownToken extends Caller {
  /** The SHA-256 of its text; `undefined` while it cannot be read. */
  digest(): Promise<Uint8Array | undefined>;
}

export type Shown =
  | { readonly kind: 'known'; readonly caller: Caller }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' };

const BEARER = /^bearer +([\w.~+/=-]+)$/i;

/** What the header `Authorization` shows. All tokens are compared with, whichever fits: time tells nothing of them. */
export async function callerOf(header: string | undefined, tokens: readonly KnownToken[]): Promise<Shown> {
  if (header === undefined) return { kind: 'absent' };
  const text = BEARER.exec(header)?.[1] ?? '';
  const shown = createHash('sha256').update(text).digest();
  let caller: Caller | undefined;
  for (const each of tokens) {
    const known = await each.digest();
    if (known !== undefined && isSame(known, shown)) caller = { token: each.token, role: each.role };
  }
  const isLong = text.length >= TOKEN_LENGTH_MIN && text.length <= TOKEN_LENGTH_MAX;
  return caller === undefined || !isLong ? { kind: 'unknown' } : { kind: 'known', caller };
}

function isSame(known: Uint8Array, shown: Uint8Array): boolean {
  return known.length === shown.length && timingSafeEqual(known, shown);
}
