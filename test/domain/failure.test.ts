import { describe, expect, it } from 'vitest';
import { failed, FAILURES, succeeded } from '../../src/domain/failure.ts';
import type { FailureKind } from '../../src/domain/failure.ts';

describe('what can go wrong outside', () => {
  it('is a value beside what succeeded', () => {
    expect(succeeded(42)).toEqual({ ok: true, value: 42 });
    expect(failed('rate-limited', 'too many calls', { status: 429, retryAfterMs: 1_000 })).toEqual({
      ok: false,
      failure: { kind: 'rate-limited', message: 'too many calls', status: 429, retryAfterMs: 1_000 },
    });
  });

  it('leaves it open whether the effect happened only where no answer said so', () => {
    const kinds = Object.keys(FAILURES) as FailureKind[];
    const wantUnknown = ['no-answer', 'answer-invalid', 'store-unavailable', 'consumer-unavailable'];
    expect(kinds.filter((kind) => FAILURES[kind].effect === 'unknown')).toEqual(wantUnknown);
  });

  it('is the own failure of an account only where the service spoke of that account', () => {
    const kinds = Object.keys(FAILURES) as FailureKind[];
    expect(kinds.filter((kind) => FAILURES[kind].whose === 'account')).toEqual(['not-allowed', 'not-found']);
  });
});
