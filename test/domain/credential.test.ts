import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/credential.ts';
import type { Credential } from '../../src/domain/credential.ts';
import { Secret } from '../../src/domain/secret.ts';

function token(text: string): Credential {
  return { kind: 'token', token: new Secret(text) };
}

function client(clientId: string, clientSecret: string): Credential {
  return { kind: 'client', clientId, clientSecret: new Secret(clientSecret) };
}

describe('the fingerprint of a token', () => {
  it('is the first 16 hex digits of the SHA-256 of its text', () => {
    expect(fingerprintOf(token('abc'))).toBe('ba7816bf8f01cfea');
  });

  it('is that of a JWT’s text as it is, not of what is encoded in it', () => {
    expect(fingerprintOf(token('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhMSJ9.c2ln'))).toBe('6c7e93e3531c0d97');
  });

  it('is taken from the text as UTF-8', () => {
    const wantOfUtf8 = '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c'.slice(0, 16);
    expect(fingerprintOf(token('é'))).toBe(wantOfUtf8);
  });

  it('differs where one character differs, a blank at the end included', () => {
    const prints = ['abc', 'abd', 'abc ', 'abc\n'].map((text) => fingerprintOf(token(text)));
    expect(new Set(prints).size).toBe(4);
  });
});

describe('the fingerprint of a client id and secret', () => {
  it('is that of the id, a NUL, and the secret', () => {
    expect(fingerprintOf(client('client', 'secret'))).toBe('60d3fae4bcd884e5');
  });

  it('tells apart what only the NUL tells apart', () => {
    expect(fingerprintOf(client('a', 'bc'))).toBe('40bb547d936bbd31');
    expect(fingerprintOf(client('ab', 'c'))).toBe('6c032e631d39a14d');
  });

  it('is that of the secret as well as of the id', () => {
    expect(fingerprintOf(client('client', 'secret'))).not.toBe(fingerprintOf(client('client', 'another')));
  });
});
