import { describe, expect, it } from 'vitest';
import { namePattern } from '../../src/domain/name-pattern.ts';

describe('a pattern of names', () => {
  it.each([
    ['ci-*', 'ci-', true],
    ['ci-*', 'ci-billing', true],
    ['ci-*', 'my-ci-billing', false],
    ['*-ci', 'billing-ci', true],
    ['*-ci', 'billing-ci-2', false],
    ['*b*c', 'abbc', true],
    ['*b*c', 'acb', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a.c', 'abc', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['CI', 'ci', false],
    ['?', '🔑', true],
  ])('%s says of %s: %s', (pattern, name, want) => {
    expect(namePattern([pattern])(name)).toBe(want);
  });

  it('takes any of several', () => {
    const isNamed = namePattern(['a*', 'b*']);
    expect(['apple', 'berry', 'cherry'].map(isNamed)).toEqual([true, true, false]);
  });

  it('is quick where much has to be tried', () => {
    expect(namePattern(['*a*a*a*a*a*a*a*a*b'])('a'.repeat(2_000))).toBe(false);
  });
});
