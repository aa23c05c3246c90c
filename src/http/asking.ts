/** Under which id something is asked for, so that asking twice does nothing twice. */
import type { FastifyRequest } from 'fastify';
import { sanitiseText } from '../domain/credential-shapes.ts';
import { ApiError } from './api-error.ts';
import type { ApiServices } from './services.ts';

const KEY = /^[\w.:@/-]{1,128}$/;

/** The caller's `Idempotency-Key`, or a new one. */
export function idempotencyKey(
  { random, clock }: ApiServices,
  { headers }: Pick<FastifyRequest, 'headers'>,
): string {
  const key = headers['idempotency-key'];
  if (key === undefined) return random.id(clock.now());
  if (typeof key === 'string' && KEY.test(key)) {
    refuseCredential('request id', key);
    return key;
  }
  throw new ApiError(400, 'an Idempotency-Key has 1 to 128 letters, digits or any of . _ : @ / -');
}

/** What a request is known by, and what it is about, are kept as they are: that must not be what nobody may keep. */
export function refuseCredential(what: string, text: string): void {
  if (sanitiseText(text) === text) return;
  throw new ApiError(
    400,
    `that ${what} looks like a credential, and would be kept in the journal; give another one`,
  );
}
