import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/domain/duration.ts';

describe('a duration in words', () => {
  it('is the sum of its parts', () => {
    expect(parseDuration('1d12h')).toBe(129_600_000);
    expect(parseDuration('90s')).toBe(90_000);
    expect(parseDuration('250ms')).toBe(250);
    expect(parseDuration('10m')).toBe(600_000);
    expect(parseDuration('1w')).toBe(604_800_000);
    expect(parseDuration('0s')).toBe(0);
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      '5',
      'm',
      '-5m',
      '1.5h',
      '5 m',
      '5M',
      '1h ',
      ' 1h',
      '1hm',
      '99999999999999999w',
    ]) {
      expect([text, parseDuration(text)]).toEqual([text, undefined]);
    }
  });

  it.each([
    [0, '0s'],
    [-5, '0s'],
    [0.4, '0s'],
    [0.5, '1ms'],
    [250, '250ms'],
    [1_500, '1s500ms'],
    [59_999, '59s999ms'],
    [60_000, '1m'],
    [60_499, '1m'],
    [60_500, '1m1s'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [129_600_000, '1d12h'],
    [694_861_000, '8d1h1m1s'],
  ])('of %d ms is written as %s', (ms, wantWords) => {
    expect(formatDuration(ms)).toBe(wantWords);
  });

  it('is read back as it was written, from whole seconds', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });
});
