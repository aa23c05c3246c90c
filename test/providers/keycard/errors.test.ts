import { describe, expect, it } from 'vitest';
import { FAILURES, type FailureKind } from '../../../src/domain/failure.ts';
import type { Doing } from '../../../src/providers/http/doing.ts';
import { failureIn, nothingDone } from '../../../src/providers/http/errors.ts';
import { ERRORS, KEYCARD_ERRORS } from '../../../src/providers/keycard/errors.ts';

const doing: Doing = {
  what: 'mint for account 1a2b',
  where: 'keycard (https://api.keycard.ai)',
  caller: 'manager',
  source: 'file /run/secrets/keycard',
};

function failure(status: number, body: unknown) {
  return failureIn(KEYCARD_ERRORS, { status, body, retryAfter: undefined }, doing, 0);
}

const said = (status: number, code: string) => ({ message: 'in its own words', code, status });

describe('what an answer of Keycard means', () => {
  it.each<[number, FailureKind]>([
    [400, 'not-allowed'],
    [401, 'credential-refused'],
    [402, 'answer-invalid'],
    [403, 'not-allowed'],
    [404, 'not-found'],
    [409, 'answer-invalid'],
    [415, 'answer-invalid'],
    [422, 'answer-invalid'],
    [429, 'rate-limited'],
  ])('%i is %s', (status, want) => {
    const one = failure(status, said(status, 'some_code'));
    expect(one).toMatchObject({ kind: want, status, id: 'some_code' });
    expect(one.message).toContain(`${status} some_code`);
    expect(one.message).toContain('it says "in its own words"');
  });

  it.each([400, 402, 403, 404, 409, 415, 422, 429, 503])(
    '%i declines for the account only as 409 and 422 do',
    (status) => {
      const one = failure(status, said(status, 'some_code'));
      expect(one.declined).toBe(status === 409 || status === 422 ? true : undefined);
    },
  );

  it.each([409, 422])('%i that something else may have answered declines nothing', (status) => {
    for (const body of [undefined, 'no', {}, { message: 'Conflict' }])
      expect(failure(status, body)).not.toHaveProperty('declined');
  });

  it('has a row for each of these statuses and no other', () => {
    const statuses = new Set(ERRORS.map(({ status }) => status));
    expect([...statuses]).toEqual([400, 401, 402, 403, 404, 409, 415, 422, 429]);
  });

  it.each([400, 401, 403, 404, 429])('%i means that nothing was done, whatever the body is', (status) => {
    for (const body of [
      undefined,
      {},
      'no',
      { message: 'm' },
      { error: 'invalid_grant' },
      said(status, 'x'),
    ]) {
      expect(FAILURES[failure(status, body).kind].effect).toBe('none');
    }
  });

  it.each([201, 204, 301, 302, 307, 402, 405, 408, 409, 410, 415, 422, 500, 502, 503, 504])(
    '%i leaves open whether something was done, whatever the body is',
    (status) => {
      for (const body of [
        undefined,
        { message: 'm' },
        { error: 'invalid_client' },
        said(status, 'forbidden'),
      ]) {
        expect(FAILURES[failure(status, body).kind].effect).toBe('unknown');
      }
    },
  );

  it.each([400, 401])('%i invalid_client says that the credential itself is no good', (status) => {
    const want = { kind: 'credential-refused', revoked: true };
    expect(failure(status, { error: 'invalid_client' })).toMatchObject(want);
    expect(failure(status, said(status, 'invalid_client'))).toMatchObject(want);
    expect(failure(status, said(status, 'expired_token'))).not.toHaveProperty('revoked');
  });

  it.each([403, 404])('%i as any gateway says it is no judgement on an account', (status) => {
    const one = failure(status, { message: 'Forbidden' });
    expect(FAILURES[one.kind]).toMatchObject({ whose: 'service', effect: 'none' });
    expect(one.message).toContain('something else has answered');
  });

  it('takes a message alone as an error for 400 only, where the API is known to say no more', () => {
    const one = failure(400, { message: 'name is required' });
    expect(one.kind).toBe('not-allowed');
    expect(one.message).toContain('it says "name is required"');
  });

  it('repeats nothing that could be a credential', () => {
    const secret = 'abcdefghijklmnopqrstuvwxyz0123456789';
    const one = failure(422, { message: `not ${secret}`, code: `${secret} or not`, status: 422 });
    expect(JSON.stringify(one)).not.toContain(secret);
  });

  it('says what, where, why and what to do next', () => {
    expect(failure(403, said(403, 'forbidden')).message).toBe(
      'keycard (https://api.keycard.ai) did not mint for account 1a2b: 403 forbidden, the caller does not have the permission; ' +
        'it says "in its own words". Let the service account whose credential is in file /run/secrets/keycard manage service ' +
        'accounts.',
    );
  });
});

describe('a failure before the call that matters', () => {
  it('has left that one undone, and is no failure of an account', () => {
    const lost = failure(503, undefined);
    expect(nothingDone(lost).failure).toEqual({ ...lost, kind: 'not-connected' });
    const missing = failure(404, said(404, 'x'));
    expect(nothingDone(missing).failure).toEqual({ ...missing, kind: 'not-connected' });
    const refused = failure(401, said(401, 'x'));
    expect(nothingDone(refused).failure).toEqual(refused);
  });
});
