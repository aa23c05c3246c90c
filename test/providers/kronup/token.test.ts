import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { lifetimeOf, organisationOf } from '../../../src/providers/kronup/token.ts';
import { tokenWith } from './kronup-world.ts';

describe('what a token says of itself', () => {
  it('names its organisation in the claim org_id', () => {
    expect(organisationOf(tokenWith({ org_id: '5f2c' }))).toBe('5f2c');
  });

  it('is read as base64url, which has other characters than base64', () => {
    const token = tokenWith({ org_id: 'org-1', name: '???>>>ÿÿ' });
    expect(token.reveal()).toMatch(/[-_]/);
    expect(organisationOf(token)).toBe('org-1');
  });

  it.each([[{}], [{ org_id: 5 }], [{ org_id: '' }], [{ org_id: 'a\r\nb: c' }]])(
    'names none with the claims %j',
    (claims) => {
      expect(organisationOf(tokenWith(claims))).toBeUndefined();
    },
  );

  it.each(['', 'no-jwt', 'a.b', 'a.b.c', '..', 'a.e30.c.d'])('names none where it is no JWT: %s', (text) => {
    expect(organisationOf(new Secret(text))).toBeUndefined();
    expect(lifetimeOf(new Secret(text))).toEqual({});
  });

  it('tells its life in the claims iat and exp, both in seconds', () => {
    const wantIssuedAt = Date.parse('2026-01-05T00:00:00Z');
    const token = tokenWith({ iat: wantIssuedAt / 1_000, exp: wantIssuedAt / 1_000 + 3_600 });
    expect(lifetimeOf(token)).toEqual({ issuedAt: wantIssuedAt, expiresAt: wantIssuedAt + 3_600_000 });
  });

  /** "Never", as some say it: a safe whole number of ms, and beyond all dates. */
  const never = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);

  it.each([
    [{ iat: 'soon' }],
    [{ iat: -1, exp: 0 }],
    [{ exp: Number.MAX_VALUE }],
    [{ iat: never, exp: never }],
  ])('tells nothing with the claims %j', (claims) => {
    expect(lifetimeOf(tokenWith(claims))).toEqual({});
  });
});
