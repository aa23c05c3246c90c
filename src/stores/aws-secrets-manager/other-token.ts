/** A second name for a write whose own one is taken by another value. It shows nothing of the value, whoever sees it. */
import { createHmac } from 'node:crypto';
import type { SecretBytes } from '../../domain/secret.ts';
import type { Random } from '../../ports/random.ts';

/** A UUID for this write of these bytes; asked again, the same. */
export type OtherToken = (token: string, bytes: SecretBytes) => string;

const KEY_BYTES = 32;

/**
 * Made with a key that nobody learns and that ends with the process: versions are written down and shown, and by a plain hash of a
 * document its short values could be guessed.
 */
export function otherTokens(random: Random): OtherToken {
  const key = random.bytes(KEY_BYTES);
  return (token, bytes) => {
    const digest = createHmac('sha256', key).update(`${token}\0`).update(bytes.reveal()).digest('hex');
    return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  };
}
