import { describe, expect, it } from 'vitest';
import { isReserveLow, isShort, reserveText } from '../../src/domain/calls-left.ts';

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

  it('are never short at the beginning of a day, however large the reserve is', () => {
    const day = (left: number) => isShort({ left, limit: 1_000, reserve: 800, renewedAt: 0 });
    expect([day(1_000), day(901), day(900)]).toEqual([false, false, true]);
  });

  it('are told with the time at which there are more', () => {
    const renewedAt = Date.parse('2026-01-06T00:00:00Z');
    expect(reserveText({ left: 90, limit: 10_000, reserve: 100, renewedAt })).toBe(
      "90 of the day's 10000 calls are left, and 100 are kept for recovery (reserve); nothing is minted " +
        'until there are more, at 2026-01-06T00:00:00.000Z or when the provider takes calls again',
    );
  });

  it('are kept for recovery where no more than the reserve is left', () => {
    expect(of(100)).toEqual({ low: true, short: true });
    expect(of(0)).toEqual({ low: true, short: true });
  });
});
