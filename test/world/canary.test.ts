import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formsOf, leaks } from './canary.ts';

function bytes(outputLength: number, seed: string): Buffer {
  return createHash('shake256', { outputLength }).update(seed).digest();
}

const OPAQUE = bytes(24, 'opaque').toString('base64url');
const JWT = ['eyJhbGciOiJFUzI1NiJ9', `eyJ${bytes(60, 'jwt').toString('base64url')}`, OPAQUE].join('.');
const MANY = Array.from({ length: 50 }, (_, index) => bytes(40, `${index}`).toString('hex'));
const NOISE = bytes(5_000, 'noise').toString('latin1');

describe('the search for credentials', () => {
  it.each([...formsOf(OPAQUE), ...formsOf(JWT)].map((form) => [form]))('finds %s among much else', (form) => {
    const places = [
      { name: 'first', content: form + NOISE },
      { name: 'none', content: NOISE },
      { name: 'in the middle', content: `${NOISE}…${form}${NOISE}` },
      { name: 'last', content: NOISE + form },
    ];
    expect(leaks(places, [...MANY, OPAQUE, JWT])).toEqual(['first', 'in the middle', 'last']);
  });

  it('finds nothing where all but one character is there', () => {
    const content = [OPAQUE.slice(1), OPAQUE.slice(0, -1), '', 'abc'].join('\n');
    const halves = formsOf(OPAQUE).filter((form) => form !== OPAQUE && content.includes(form));
    expect(halves).toEqual([]);
    expect(leaks([{ name: 'parts', content }], [OPAQUE])).toEqual([]);
  });
});
