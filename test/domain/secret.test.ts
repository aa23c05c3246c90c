import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { scrub, Secret, SecretBytes } from '../../src/domain/secret.ts';

const VALUE = 'a-credential-that-nobody-may-see';
const HIDDEN = '[secret]';

describe('a secret', () => {
  it.each([
    ['a value', new Secret(VALUE)],
    ['bytes', new SecretBytes(VALUE)],
  ])('of %s shows nothing of itself, however it is printed', (_, secret) => {
    const want = {
      string: HIDDEN,
      converted: HIDDEN,
      sum: HIDDEN,
      json: `{"secret":"${HIDDEN}"}`,
      inspected: HIDDEN,
    };
    expect({
      string: secret.toString(),
      converted: String(secret),
      sum: [secret].join(''),
      json: JSON.stringify({ secret }),
      inspected: inspect(secret),
    }).toEqual(want);
  });

  it('gives its value to who asks for it by name', () => {
    expect(new Secret(VALUE).reveal()).toBe(VALUE);
  });

  it('is taken out of every text while it lives', () => {
    const secret = new Secret('one-more-credential');
    expect(scrub('refused one-more-credential twice')).toBe(`refused ${HIDDEN} twice`);
    expect(secret.reveal()).toBe('one-more-credential');
  });

  it('may be too short to be looked for in texts', () => {
    expect(new Secret('token').reveal()).toBe('token');
    expect(scrub('the token was refused')).toBe('the token was refused');
  });
});

describe('secret bytes', () => {
  it('are those that they were made of', () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0x41);
    expect(new SecretBytes(bytes).reveal()).toEqual(bytes);
    expect(new SecretBytes(bytes).length).toBe(3);
  });

  it('are the UTF-8 of a text', () => {
    expect(new SecretBytes('é').reveal()).toEqual(Uint8Array.of(0xc3, 0xa9));
  });

  it('are read as text with all that is in it, also a mark of the byte order', () => {
    expect(new SecretBytes('\uFEFFé=1').revealText()).toBe('\uFEFFé=1');
  });

  it('are no text where they are not UTF-8', () => {
    expect(new SecretBytes(Uint8Array.of(0xff, 0xfe)).revealText()).toBeUndefined();
  });

  it('equal others with the same bytes alone', () => {
    const bytes = new SecretBytes('one');
    expect([bytes.equals(new SecretBytes('one')), bytes.equals(new SecretBytes('two'))]).toEqual([
      true,
      false,
    ]);
  });
});
