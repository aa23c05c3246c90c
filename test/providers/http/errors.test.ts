import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import type { Doing } from '../../../src/providers/http/doing.ts';
import { failureIn, type ErrorForm } from '../../../src/providers/http/errors.ts';
import { KEYCARD_ERRORS } from '../../../src/providers/keycard/errors.ts';
import { KRONUP_ERRORS } from '../../../src/providers/kronup/errors.ts';

const doing: Doing = {
  what: 'give an access token',
  where: 'acme (https://api.example.com)',
  caller: 'manager',
  source: 'file /run/secrets/acme',
};

/** As Keycard makes them: 64 letters and digits. */
const CLIENT_SECRET = 'Zk3v9QmT1xLw7BcR5nYd8HsG2fJp6KaE4uVt0NiXoCqSzMbWyDhUgFjPrAeIlO9k';

/** Each provider's way to name an error. */
const FORMS: readonly (readonly [string, ErrorForm, (name: string) => unknown])[] = [
  ['Keycard as OAuth says it', KEYCARD_ERRORS, (error) => ({ error })],
  ['Keycard as the API says it', KEYCARD_ERRORS, (code) => ({ message: 'No', code, status: 401 })],
  ['Kronup', KRONUP_ERRORS, (id) => ({ id, message: 'No' })],
];

function failure(form: ErrorForm, body: unknown, status = 401) {
  return failureIn(form, { status, body, retryAfter: undefined }, doing, 0);
}

describe.each(FORMS)('the name of an error, by %s', (_, form, bodyOf) => {
  it.each([
    ['whole', CLIENT_SECRET],
    ['by a half', CLIENT_SECRET.slice(32)],
    ['in letters alone', CLIENT_SECRET.replaceAll(/\d/g, 'x')],
    ['as the rest of a documented one', `invalid-argument-${CLIENT_SECRET.slice(17)}`],
    ['as the rest of another documented one', `payment-${CLIENT_SECRET.slice(40)}`],
    ['among hyphens', 'a8Zq-71bK-Qx3v-0LmW'],
    ['as a UUID', '0b9f6c52-5d1e-4c0e-9a3c-2f7f1f0d8e11'],
    ['with a digit among its letters', 'AKIAIOSFODNN7EXAMPLE'],
  ])('puts into no failure the client secret that a service gives back: %s', (_how, text) => {
    for (const status of [400, 401, 402, 403, 409, 500]) {
      const one = failure(form, bodyOf(text), status);
      expect(one).not.toHaveProperty('id');
      expect(JSON.stringify(one)).not.toContain(text.slice(-16));
    }
  });

  it('is no secret that is short and made of words, where it is a living one', () => {
    const secret = new Secret('correct-horse-battery');
    expect(failure(form, bodyOf(secret.reveal()))).not.toHaveProperty('id');
    expect(failure(form, bodyOf('correct-donkey-battery'))).toHaveProperty('id', 'correct-donkey-battery');
  });

  it.each([
    'cluster-not-configured',
    'invalid-argument-pageNumber',
    'payment-required',
    'invalid_client',
    'insufficient_user_authentication',
    'UNAUTHENTICATED',
    'ServiceAccountNotFound',
    'rate_limit_2',
    'E401001',
    '401',
  ])('is shown where it is one: %s', (name) => {
    const one = failure(form, bodyOf(name));
    expect(one.id).toBe(name);
    expect(one.message).toContain(`401 ${name},`);
  });
});

it('a long name is shown where a documented one begins so', () => {
  const name = 'invalid-argument-serviceAccountDescription';
  expect(failure(KRONUP_ERRORS, { id: name, message: 'No' }, 400).id).toBe(name);
});

it('a service that gives back the client secret as its error code puts it into no failure', () => {
  const inAnswers = FORMS.map(([, form, bodyOf]) => failure(form, bodyOf(CLIENT_SECRET)));
  expect(inAnswers.map(({ kind }) => kind)).toEqual(FORMS.map(() => 'credential-refused'));
  expect(JSON.stringify(inAnswers)).not.toContain(CLIENT_SECRET);
});
