/** Signs calls as Standard Webhooks says (standardwebhooks.com): whoever has the same key knows who called, when, and what was said. */
import { createHmac } from 'node:crypto';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { Secret } from '../../domain/secret.ts';

export interface Signed {
  /** Names the event: the same for the same event, so that it can be told from another. */
  readonly id: string;
  /** When the call is sent, in ms since the epoch. */
  readonly at: number;
  readonly body: string;
}

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;
const SECOND_MS = 1_000;

/** The headers of a call. Fails with `credential-refused` where the key is none; `source` says where it is. */
export function signatureHeaders(
  key: Secret,
  { id, at, body }: Signed,
  source: string,
): Result<Readonly<Record<string, string>>> {
  const bytes = keyBytes(key);
  if (bytes === undefined) return noKey(source);
  const timestamp = String(Math.floor(at / SECOND_MS));
  const signature = createHmac('sha256', bytes).update(`${id}.${timestamp}.${body}`).digest('base64');
  return succeeded({
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  });
}

/** Whoever checks signatures knows the key without its prefix, and may say it so: it is as secret for as long as the key is known. */
const withoutPrefix = new WeakMap<Secret, Secret>();

function keyBytes(key: Secret): Buffer | undefined {
  const text = key.reveal();
  const encoded = text.slice(PREFIX.length);
  withoutPrefix.set(key, new Secret(encoded));
  if (!text.startsWith(PREFIX) || !BASE64.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length >= KEY_BYTES_MIN && bytes.length <= KEY_BYTES_MAX ? bytes : undefined;
}

function noKey(source: string): Result<never> {
  return failed(
    'credential-refused',
    `the signing key in ${source} is none of Standard Webhooks: ${PREFIX} and ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} bytes in base64 are ` +
      `needed; make one with: echo "${PREFIX}$(openssl rand -base64 32)"`,
  );
}
