import { describe, expect, it } from 'vitest';
import { isReserveLow, isShort } from '../../src/domain/calls-left.ts';

describe('the calls that are left of a day', () => {
  function of(left: number) {
    const calls = { left, limit: 10_000, reserve: 100, renewedAt: 0 };
    return { low: isReserveLow(calls), short: isShort(calls) };
  }

  it('are enough while more than twice the reserve is left', () => {
    expect(of(201)).toEqual({ low: false, short: false });
  });

  it('are short where no more than twice the reserve is left', () => {
    expect(of(200)).toEqual({ low: false, short: true });
    expect(of(101)).toEqual({ low: false, short: true });
  });

  it('are kept for recovery where no more than the reserve is left', () => {
    expect(of(100)).toEqual({ low: true, short: true });
    expect(of(0)).toEqual({ low: true, short: true });
  });
});
