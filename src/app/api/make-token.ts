/** Makes tokens for the API. What is made is known to whoever it is given to, and to nobody else. */
import { createHash } from 'node:crypto';
import { Secret } from '../../domain/secret.ts';
import type { Random } from '../../ports/random.ts';

/** By which people, and programs that look for leaked secrets, know one. */
const PREFIX = 'rekeyd_token_';
const TOKEN_BYTES = 32;

export interface MadeToken {
  readonly token: Secret;
  /** For the configuration: `sha256:` and hex. */
  readonly hash: string;
}

export function makeToken(random: Pick<Random, 'bytes'>): MadeToken {
  const text = `${PREFIX}${Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')}`;
  return { token: new Secret(text), hash: `sha256:${createHash('sha256').update(text).digest('hex')}` };
}
