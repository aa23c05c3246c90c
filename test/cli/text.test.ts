import { describe, expect, it } from 'vitest';
import { columns, fields, moment, relative, rough, forTerminal } from '../../src/cli/text.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');

describe('columns', () => {
  it('aligns cells, shows an empty one as a dash and leaves no space at the end of a line', () => {
    expect(columns(['A', 'LONG', 'B'], [['aaaa', '', 'b']])).toBe('A     LONG  B\naaaa  -     b\n');
  });
});

describe('fields', () => {
  it('leaves out what is absent and indents the second line of a value', () => {
    const text = fields([
      ['one', 'first\nsecond'],
      ['absent', undefined],
    ]);
    expect(text).toBe('one  first\n     second\n');
  });
});

describe('relative', () => {
  it.each([
    [NOW, 'now'],
    [NOW + 4_000, 'in 4s'],
    [NOW - 183_000, '3m3s ago'],
    [NOW - 26 * 3_600_000, '1d2h ago'],
  ])('says of %d: %s', (at, want) => {
    expect(relative(at, NOW)).toBe(want);
  });
});

describe('moment', () => {
  it('gives the instant in UTC beside how long ago it was', () => {
    expect(moment(NOW - 60_000, NOW)).toBe('1m ago (2026-11-21 09:59:00Z)');
  });
});

describe('rough', () => {
  it.each([
    [12.4, '12ms'],
    [90_500, '1m30s'],
    [3_600_000 + 61_000, '1h1m'],
  ])('says %d ms as %s', (ms, want) => {
    expect(rough(ms)).toBe(want);
  });
});

describe('what goes to a terminal', () => {
  it.each([
    ['words', 'é ✓ ▸ — “so”\tand\r\nso\n', 'é ✓ ▸ — “so”\tand\r\nso\n'],
    ['a line that is written anew', '\r3 of 9 accounts\u001b[K', '\r3 of 9 accounts\u001b[K'],
    ['what writes to the clipboard', 'no\u001b]52;c;eA==\u0007', 'no\uFFFD]52;c;eA==\uFFFD'],
    ['colours', '\u001b[31mred\u009b0m', '\uFFFD[31mred\uFFFD0m'],
    ['what writes over the line before', 'held\rfree', 'held\uFFFDfree'],
    ['what turns the words round', 'a\u202Eb', 'a\uFFFDb'],
  ])('has %s as they are, or nothing that it would act upon', (_name, text, want) => {
    expect(forTerminal(text)).toBe(want);
  });
});
