import { describe, expect, it } from 'vitest';
import { FAILURES, type FailureKind } from '../../../src/domain/failure.ts';
import type { Doing } from '../../../src/providers/http/doing.ts';
import { harmless } from '../../../src/providers/http/errors.ts';
import { ERRORS, failureOf } from '../../../src/providers/kronup/errors.ts';

const NOW = Date.parse('2026-01-05T00:00:00Z');

const asManager: Doing = {
  what: 'mint for account 1a2b',
  where: 'kronup (https://api.kronup.com/v1)',
  caller: 'manager',
  source: 'file /run/secrets/kronup',
};

const asAccount: Doing = { ...asManager, what: 'say whose the credential is', caller: 'account' };

function failure(status: number, id: string | undefined, more: { retryAfter?: string; doing?: Doing } = {}) {
  const body = id === undefined ? undefined : { id, message: 'in its own words' };
  return failureOf({ status, body, retryAfter: more.retryAfter }, more.doing ?? asManager, NOW);
}

/** Every id that Kronup's OpenAPI document and its vendor's own tests name. */
const DOCUMENTED: readonly (readonly [number, string, FailureKind])[] = [
  [400, 'invalid-argument-pageSize', 'not-allowed'],
  [400, 'invalid-argument-userName', 'not-allowed'],
  [401, 'jwt-missing', 'credential-refused'],
  [401, 'jwt-format', 'credential-refused'],
  [401, 'jwt-format-header', 'credential-refused'],
  [401, 'jwt-format-body', 'credential-refused'],
  [401, 'jwt-payload', 'credential-refused'],
  [401, 'jwt-issuer', 'credential-refused'],
  [401, 'jwt-public-key', 'not-connected'],
  [401, 'auth-missing', 'credential-refused'],
  [401, 'auth-invalid', 'credential-refused'],
  [401, 'auth-api-invalid', 'credential-refused'],
  [401, 'auth-api-expired', 'credential-refused'],
  [402, 'payment-required', 'answer-invalid'],
  [403, 'not-allowed', 'not-allowed'],
  [403, 'limit-reached', 'not-allowed'],
  [404, 'not-found', 'not-found'],
  [409, 'cluster-not-configured', 'answer-invalid'],
  [429, 'auth-api-limited', 'rate-limited'],
];

describe('what an answer of Kronup means', () => {
  it.each(DOCUMENTED)('%i %s is %s', (status, id, want) => {
    const one = failure(status, id);
    expect(one).toMatchObject({ kind: want, status, id });
    expect(one.message).toContain(`${status} ${id}`);
  });

  it('has a row for every documented id, and none that is never reached', () => {
    const reached = new Set(DOCUMENTED.map(([status, id]) => rowFor(status, id)));
    for (const status of new Set(ERRORS.map((row) => row.status)))
      reached.add(rowFor(status, 'something-new'));
    expect(ERRORS.filter((row) => !reached.has(row))).toEqual([]);
  });

  it.each([400, 401, 403, 404, 429])('%i means that nothing was done, whatever the body is', (status) => {
    for (const id of [undefined, 'something-new', 'not-allowed', 'auth-api-expired']) {
      expect(FAILURES[failure(status, id).kind].effect).toBe('none');
    }
  });

  it.each([
    201, 202, 204, 301, 302, 307, 402, 405, 408, 409, 410, 415, 422, 425, 451, 500, 502, 503, 504, 520,
  ])('%i leaves open whether something was done, whatever the body is', (status) => {
    for (const id of [undefined, 'something-new', 'not-allowed', 'limit-reached']) {
      expect(FAILURES[failure(status, id).kind].effect).toBe('unknown');
    }
  });

  it('declines for the account with 422 in its own words, and with nothing that is the whole organisation’s', () => {
    expect(failure(422, 'something-new').declined).toBe(true);
    const others = [
      failure(422, undefined),
      failure(402, 'payment-due'),
      failure(409, 'cluster-not-configured'),
    ];
    for (const one of others) expect(one).not.toHaveProperty('declined');
  });

  it.each([500, 502, 503, 504])('%i is an answer that was lost, also when its body is not JSON', (status) => {
    expect(failure(status, undefined)).toMatchObject({ kind: 'no-answer', status });
  });

  it.each([400, 403, 404])('%i without an error body of Kronup is no judgement on any account', (status) => {
    const one = failure(status, undefined);
    expect(FAILURES[one.kind]).toMatchObject({ whose: 'service', effect: 'none' });
    expect(one.message).toContain('something else has answered');
  });

  it('says what, where, why and what to do next', () => {
    expect(failure(403, 'not-allowed').message).toBe(
      'kronup (https://api.kronup.com/v1) did not mint for account 1a2b: 403 not-allowed, the role of the caller does not ' +
        'allow it. Give the account whose key is in file /run/secrets/kronup the role admin.',
    );
  });

  it('blames the credential that made the call, and only that', () => {
    expect(failure(401, 'auth-api-expired').message).toContain('into file /run/secrets/kronup.');
    expect(failure(401, 'auth-api-expired', { doing: asAccount }).message).not.toContain('/run/secrets');
    expect(failure(429, 'auth-api-limited', { doing: asAccount }).message).toContain(
      'not of the manager credential',
    );
  });

  it('repeats what the service says only where the id is not documented', () => {
    expect(failure(403, 'not-allowed').message).not.toContain('in its own words');
    expect(failure(403, 'seat-frozen').message).toContain('403 seat-frozen');
    expect(failure(403, 'seat-frozen').message).toContain('it says "in its own words"');
  });

  it('repeats no id that is not one', () => {
    const one = failure(401, 'Bearer abc.def.ghi');
    expect(one.id).toBeUndefined();
    expect(one.message).not.toContain('abc.def');
  });
});

describe('how long a service asks to be left alone', () => {
  it.each([
    ['7', 7_000],
    ['0', 0],
    ['Mon, 05 Jan 2026 00:02:00 GMT', 120_000],
    ['Sun, 04 Jan 2026 00:00:00 GMT', 0],
    ['31536000', 86_400_000],
  ])('Retry-After: %s is %i ms', (retryAfter, want) => {
    expect(failure(429, 'auth-api-limited', { retryAfter }).retryAfterMs).toBe(want);
    expect(failure(503, undefined, { retryAfter }).retryAfterMs).toBe(want);
  });

  it.each(['soon', '', '-5x', '-5', '7.5'])('takes no notice of Retry-After: %s', (retryAfter) => {
    expect(failure(429, 'auth-api-limited', { retryAfter })).not.toHaveProperty('retryAfterMs');
  });
});

describe('the words of a service', () => {
  it('lose everything that could be a credential, and their line breaks', () => {
    const said = harmless(`first\nsecond eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln third ${'x'.repeat(500)}`);
    expect(said).toBe('first second … third …');
  });

  it('are cut at a length', () => {
    expect(harmless('word '.repeat(100)).length).toBe(160);
  });
});

function rowFor(status: number, id: string) {
  return ERRORS.find(
    (row) =>
      row.status === status && (row.id.endsWith('*') ? id.startsWith(row.id.slice(0, -1)) : row.id === id),
  );
}
