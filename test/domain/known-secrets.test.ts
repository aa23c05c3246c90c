import { assert, pre, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKnownSecrets } from '../../src/domain/known-secrets.ts';

const HIDDEN = '[hidden]';
const VALUE = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl-_x';

function knowing(...values: readonly string[]): (text: string) => string {
  const secrets = createKnownSecrets();
  for (const value of values) secrets.add(value);
  return (text) => secrets.scrub(text, HIDDEN);
}

describe('known secrets', () => {
  it('are taken out wherever they stand in a text', () => {
    assert(
      property(string(), string({ minLength: 8, unit: 'grapheme' }), string(), (before, value, after) => {
        pre(!`${before}${after}${HIDDEN}`.includes(value) && value.isWellFormed());
        expect(knowing(value)(`${before}${value}${after}`)).not.toContain(value);
      }),
    );
  });

  it.each([
    ['in JSON', (value: string) => JSON.stringify({ value })],
    ['in a URL', (value: string) => `?token=${encodeURIComponent(value)}&x=1`],
    ['in base64', (value: string) => Buffer.from(value).toString('base64')],
    ['in base64 after one byte', (value: string) => Buffer.from(`1${value}2`).toString('base64')],
    ['in base64 after two bytes', (value: string) => Buffer.from(`12${value}345`).toString('base64')],
    ['in base64url', (value: string) => Buffer.from(`user:${value}`).toString('base64url')],
  ])('are taken out %s', (_where, wrap) => {
    const value = 'pass"word/ÿÿÿ>>>???-end';
    const text = wrap(value);
    const clean = knowing(value)(text);
    expect(clean).toContain(HIDDEN);
    expect(clean.length).toBeLessThan(text.length);
  });

  it('are found among many that begin and end alike', () => {
    const others = Array.from({ length: 2_000 }, (_, index) => `${VALUE}${index}-the-same-end`);
    expect(knowing(...others)(`a ${others[1_234]} b`)).toBe(`a ${HIDDEN} b`);
  });

  it('are taken out whole where one contains another', () => {
    expect(knowing(VALUE, `${VALUE}.longer`)(`${VALUE}.longer ${VALUE}`)).toBe(`${HIDDEN} ${HIDDEN}`);
  });

  it('leave a text alone that has none of them', () => {
    const text = `an ordinary line that ends like one ${VALUE.slice(-8)}`;
    expect(knowing(VALUE)(text)).toBe(text);
  });

  it('are not looked for where they are too short to be told from words', () => {
    expect(knowing('target')('target written')).toBe('target written');
  });

  it('are looked for from eight characters on, also where they are the whole text', () => {
    expect(knowing('12345678')('12345678')).toBe(HIDDEN);
    expect(knowing('1234567')('1234567')).toBe('1234567');
  });

  it('are taken out of JSON in which they are only a part of a text', () => {
    const value = 'pass"word-with-quotes"';
    const text = JSON.stringify({ message: `before ${value} after` });
    expect(knowing(value)(text)).toBe(JSON.stringify({ message: `before ${HIDDEN} after` }));
  });

  it('stay known where another one that ends alike is forgotten', () => {
    const secrets = createKnownSecrets();
    const forget = secrets.add(`first-${VALUE}`);
    secrets.add(`second-${VALUE}`);
    expect(secrets.scrub(`first-${VALUE}`, HIDDEN)).toBe(HIDDEN);
    forget?.();
    expect(secrets.scrub(`first-${VALUE}, second-${VALUE}`, HIDDEN)).toBe(`first-${VALUE}, ${HIDDEN}`);
  });

  it('are known again where they come back', () => {
    const secrets = createKnownSecrets();
    secrets.add(VALUE)?.();
    secrets.add(VALUE);
    expect(secrets.scrub(VALUE, HIDDEN)).toBe(HIDDEN);
  });

  it('stay known until their last holder is gone', () => {
    const secrets = createKnownSecrets();
    const [first, second] = [secrets.add(VALUE), secrets.add(VALUE)];
    expect(secrets.scrub(VALUE, HIDDEN)).toBe(HIDDEN);
    first?.();
    expect(secrets.scrub(VALUE, HIDDEN)).toBe(HIDDEN);
    second?.();
    expect(secrets.scrub(VALUE, HIDDEN)).toBe(VALUE);
  });

  it('are taken out literally, whatever the placeholder looks like', () => {
    const secrets = createKnownSecrets();
    secrets.add(VALUE);
    expect(secrets.scrub(VALUE, '$&')).toBe('$&');
  });
});
