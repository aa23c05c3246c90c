import { describe, expect, it } from 'vitest';
import { backOffMs, LIMITS } from '../../src/domain/limits.ts';

describe('the back-off', () => {
  it('lies between a half of the wait and the whole of it, by chance', () => {
    expect(backOffMs(1, 5_000, 300_000, 0)).toBe(2_500);
    expect(backOffMs(1, 5_000, 300_000, 0.5)).toBe(3_750);
    expect(backOffMs(1, 5_000, 300_000, 1)).toBe(5_000);
  });

  it('doubles with each try', () => {
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) => backOffMs(attempt, 5_000, 300_000, 1));
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000]);
  });

  it('stops growing at its bound, of which at least the half is waited', () => {
    expect(backOffMs(6, 5_000, 300_000, 1)).toBe(160_000);
    expect(backOffMs(7, 5_000, 300_000, 1)).toBe(300_000);
    expect(backOffMs(1_000_000, 5_000, 300_000, 1)).toBe(300_000);
    expect(backOffMs(1_000_000, 5_000, 300_000, 0)).toBe(150_000);
  });

  it('waits as for the first try where none was counted', () => {
    expect(backOffMs(0, 5_000, 300_000, 1)).toBe(5_000);
    expect(backOffMs(-3, 5_000, 300_000, 1)).toBe(5_000);
  });

  it('never waits longer than its bound, even where the first wait would', () => {
    expect(backOffMs(1, 60_000, 30_000, 1)).toBe(30_000);
  });

  it('is a whole number of ms', () => {
    expect(backOffMs(1, 5_000, 300_000, 1 / 3)).toBe(3_333);
  });
});

describe('the limits', () => {
  it('let a mint of unknown outcome be looked at several times before it has settled', () => {
    expect(LIMITS.recoverMaxMs * 2).toBeLessThanOrEqual(LIMITS.settleMs);
  });

  it('have every back-off begin below its bound', () => {
    expect(LIMITS.retryFirstMs).toBeLessThan(LIMITS.retryMaxMs);
    expect(LIMITS.recoverFirstMs).toBeLessThan(LIMITS.recoverMaxMs);
    expect(LIMITS.recheckMs).toBeLessThan(LIMITS.recheckMaxMs);
  });
});
