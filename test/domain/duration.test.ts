import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/domain/duration.ts';

describe('a duration in words', () => {
  it('is the sum of its parts', () => {
    expect(parseDuration('1d12h')).toBe(129_600_000);
    expect(parseDuration('90s')).toBe(90_000);
    expect(parseDuration('250ms')).toBe(250);
    expect(parseDuration('1w')).toBe(604_800_000);
  });

  it('is nothing else', () => {
    for (const text of ['', '5', 'm', '-5m', '1.5h', '5 m', '5M', '1h ', '99999999999999999w']) {
      expect([text, parseDuration(text)]).toEqual([text, undefined]);
    }
  });

  it('is read back as it was written, from whole seconds', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });
});
