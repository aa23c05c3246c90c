import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/config/yaml.ts';
import type { Path } from '../../src/config/problem.ts';

function valueOf(source: string): unknown {
  const parse = parseYaml(source);
  if (!parse.ok) throw new Error(parse.problems.map(({ message }) => message).join('\n'));
  return parse.document.value;
}

function problemsOf(source: string): readonly string[] {
  const parse = parseYaml(source);
  return parse.ok ? [] : parse.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

function placeOf(source: string, path: Path, at: 'key' | 'value'): string {
  const parse = parseYaml(source);
  if (!parse.ok) throw new Error(parse.problems.map(({ message }) => message).join('\n'));
  const { line, column } = parse.document.positions().of(path, at);
  return `${line}:${column}`;
}

describe('parsing YAML', () => {
  it('takes what looks like a date or an old boolean for text', () => {
    expect(valueOf('a: 2027-01-01\nb: yes\nc: 0600\nd: 0o600\n')).toEqual({
      a: '2027-01-01',
      b: 'yes',
      c: 600,
      d: 0o600,
    });
  });

  it('merges mappings, and what is written out wins', () => {
    expect(valueOf('a: &a { x: 1, y: 2 }\nb: { <<: *a, y: 3 }\n')).toEqual({
      a: { x: 1, y: 2 },
      b: { x: 1, y: 3 },
    });
  });

  it('keeps a key that is called __proto__ as a key', () => {
    expect(Object.keys(valueOf('__proto__: 1\n') as object)).toEqual(['__proto__']);
  });

  it('reports every key that stands twice', () => {
    expect(problemsOf('a: 1\nb: { c: 1, "c": 2 }\na: 2\n')).toEqual([
      '2:12 the key "c" stands here a second time; first in line 2',
      '3:1 the key "a" stands here a second time; first in line 1',
    ]);
  });

  it('refuses more than one document', () => {
    expect(problemsOf('a: 1\n---\nb: 1\n')).toEqual([
      '1:1 there is more than one document in it (---); one file has one',
    ]);
  });

  it('says what most often is wrong where a line does not fit', () => {
    expect(problemsOf('a: b: c\n')).toEqual([
      '1:5 the line does not fit the ones above it: bad indentation, or a text with ": ", "@", "%" or "`" that ' +
        'needs quotes',
    ]);
  });

  it('refuses an alias of nothing', () => {
    expect(problemsOf('a: *b\n')).toEqual([
      '1:5 the alias (*name) stands for nothing: no anchor (&name) of that name comes before it',
    ]);
  });

  it('refuses an alias that is part of what it stands for', () => {
    expect(problemsOf('a: &a { b: *a }\n')).toEqual(['1:1 the alias *a is part of what it stands for']);
  });

  it('refuses a few lines of aliases that stand for millions of values', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++) {
      const aliases = Array.from({ length: 10 }, () => `*a${level - 1}`);
      lines.push(`a${level}: &a${level} [${aliases.join(', ')}]`);
    }
    expect(problemsOf(lines.join('\n'))).toEqual([
      expect.stringMatching(/^1:1 its aliases \(\*name\) stand for more than \d+ values, which is too many/),
    ]);
  });

  it('allows a mapping that a thousand others take in', () => {
    const lines = ['base: &base { a: 1, b: 2, c: 3, d: 4 }', 'list:'];
    for (let count = 0; count < 1_000; count++) lines.push(`  - { <<: *base, n: ${count} }`);
    const { list } = valueOf(lines.join('\n')) as { list: readonly unknown[] };
    expect(list.at(-1)).toEqual({ a: 1, b: 2, c: 3, d: 4, n: 999 });
  });
});

describe('the position of a value', () => {
  const source = [
    '# a comment',
    'base: &base',
    '  deep: [x, { y: "z" }]',
    'uses: *base',
    'takes: { <<: *base, own: 1 }',
    'empty:',
    "'quoted key': 'quoted'",
    '',
  ].join('\n');

  it.each<[string, Path, 'key' | 'value', string]>([
    ['is that of a key', ['base', 'deep'], 'key', '3:3'],
    ['is that of what the key holds', ['base', 'deep'], 'value', '3:9'],
    ['is found in lists', ['base', 'deep', 1, 'y'], 'value', '3:18'],
    ['is where an alias was written out', ['uses', 'deep', 0], 'value', '3:10'],
    ['is where a merged key was written out', ['takes', 'deep', 0], 'value', '3:10'],
    ['is that of a key in a mapping that merges another', ['takes', 'own'], 'key', '5:21'],
    ['is that of the key where its value is left empty', ['empty'], 'value', '6:1'],
    ['begins at the quote', ['quoted key'], 'value', '7:15'],
    ['is that of the mapping in which a key is missing', ['base', 'missing'], 'value', '3:3'],
    ['is the start for the whole document', [], 'value', '2:1'],
  ])('%s', (_what, path, at, want) => {
    expect(placeOf(source, path, at)).toBe(want);
  });

  it('counts every kind of line break', () => {
    expect(placeOf('a: 1\r\nb: 2\rc: 3\nd: 4', ['d'], 'value')).toBe('4:4');
  });
});
