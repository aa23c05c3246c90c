/** Answers to mints by which the provider brings nothing: that it declines, for what the account has, or nothing that can be read. */
import { failed } from '../../src/domain/failure.ts';
import type { Result } from '../../src/domain/failure.ts';
import type { Token } from './service.ts';

export function declined(): Result<never> {
  return failed('answer-invalid', 'what the account has does not allow it', { status: 409, declined: true });
}

/** It was made all the same. */
export function madeAllTheSame({ number }: Token): Result<never> {
  return number % 2 === 0 ? failed('answer-invalid', 'the answer cannot be read') : declined();
}
