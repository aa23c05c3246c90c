import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOpenApi } from '../openapi.ts';
import { call, callAs } from './caller.ts';
import type { Answered } from './caller.ts';
import { emulate, idOf } from './emulate.ts';
import type { TestEmulator } from './emulate.ts';

/** Beside the checkout, where it is at all. */
const DOCUMENT = '../shared/facts/kronup-openapi.json';
const documentPath = join(import.meta.dirname, '../../..', DOCUMENT);

type Provoke = (emulator: TestEmulator) => Promise<Answered>;

const anonymous: Provoke = (emulator) => call(emulator, 'GET /account', { authorization: null });
const list = '/service-accounts';
const one = (emulator: TestEmulator) => `${list}/${idOf(emulator)}`;
const elsewhere = { headers: { 'x-org-id': 'other' } };
const created = { roleOrg: 'admin', userName: 'new-service' };

/** For every declared answer that can be provoked, how. */
const PROVOKED: Readonly<Record<string, Provoke>> = {
  'GET /account 200': (emulator) => call(emulator, 'GET /account'),
  'GET /account 401': anonymous,
  'POST /account 200': (emulator) => call(emulator, 'POST /account', { body: { userName: 'own-name' } }),
  'POST /account 400': (emulator) => call(emulator, 'POST /account', { body: { userName: 'x' } }),
  'POST /account 401': (emulator) => call(emulator, 'POST /account', { authorization: 'Bearer x' }),
  'DELETE /account 200': (emulator) => callAs(emulator, idOf(emulator), 'DELETE /account'),
  'DELETE /account 401': (emulator) => call(emulator, 'DELETE /account', { authorization: 'Basic x' }),
  [`GET ${list} 200`]: async (emulator) => {
    await call(emulator, `DELETE ${one(emulator)}`);
    return call(emulator, `GET ${list}`);
  },
  [`GET ${list} 400`]: (emulator) => call(emulator, `GET ${list}?pageSize=0`),
  [`GET ${list} 401`]: (emulator) => call(emulator, `GET ${list}`, { authorization: null }),
  [`GET ${list} 403`]: (emulator) => call(emulator, `GET ${list}`, elsewhere),
  [`POST ${list} 200`]: (emulator) => call(emulator, `POST ${list}`, { body: created }),
  [`POST ${list} 400`]: (emulator) => call(emulator, `POST ${list}`, { body: {} }),
  [`POST ${list} 401`]: (emulator) => call(emulator, `POST ${list}`, { authorization: null }),
  [`POST ${list} 403`]: (emulator) => callAs(emulator, idOf(emulator), `POST ${list}`, { body: created }),
  [`GET ${list}/{accountId} 200`]: (emulator) => call(emulator, `GET ${one(emulator)}`),
  [`GET ${list}/{accountId} 401`]: (emulator) =>
    call(emulator, `GET ${one(emulator)}`, { authorization: null }),
  [`GET ${list}/{accountId} 403`]: (emulator) => call(emulator, `GET ${one(emulator)}`, elsewhere),
  [`GET ${list}/{accountId} 404`]: (emulator) => call(emulator, `GET ${list}/fff`),
  [`POST ${list}/{accountId} 200`]: (emulator) => call(emulator, `POST ${one(emulator)}`, { body: created }),
  [`POST ${list}/{accountId} 400`]: (emulator) => call(emulator, `POST ${one(emulator)}`, { body: '{' }),
  [`POST ${list}/{accountId} 401`]: (emulator) =>
    call(emulator, `POST ${one(emulator)}`, { authorization: null }),
  [`POST ${list}/{accountId} 403`]: (emulator) => call(emulator, `POST ${one(emulator)}`, elsewhere),
  [`POST ${list}/{accountId} 404`]: (emulator) => call(emulator, `POST ${list}/fff`, { body: created }),
  [`PUT ${list}/{accountId} 200`]: (emulator) => call(emulator, `PUT ${one(emulator)}`),
  [`PUT ${list}/{accountId} 401`]: (emulator) =>
    call(emulator, `PUT ${one(emulator)}`, { authorization: null }),
  [`PUT ${list}/{accountId} 403`]: (emulator) => callAs(emulator, idOf(emulator, 1), `PUT ${one(emulator)}`),
  [`PUT ${list}/{accountId} 404`]: (emulator) => call(emulator, `PUT ${list}/fff`),
  [`DELETE ${list}/{accountId} 200`]: (emulator) => call(emulator, `DELETE ${one(emulator)}`),
  [`DELETE ${list}/{accountId} 401`]: (emulator) =>
    call(emulator, `DELETE ${one(emulator)}`, { authorization: null }),
  [`DELETE ${list}/{accountId} 403`]: (emulator) =>
    callAs(emulator, idOf(emulator, 1), `DELETE ${one(emulator)}`),
  [`DELETE ${list}/{accountId} 404`]: (emulator) => call(emulator, `DELETE ${list}/fff`),
};

/** Declared, but nothing is known that would provoke them. */
const UNPROVOKED = [
  'DELETE /account 400',
  'DELETE /account 403',
  `GET ${list}/{accountId} 400`,
  `PUT ${list}/{accountId} 400`,
  `DELETE ${list}/{accountId} 400`,
];

const isThere = existsSync(documentPath);
const suite = isThere ? describe : describe.skip;
const why = isThere ? '' : ` (skipped: ${DOCUMENT} is not there)`;

suite(`answers of the Kronup emulator, by its OpenAPI document${why}`, () => {
  for (const [wanted, provoke] of Object.entries(PROVOKED)) {
    it(`conform for ${wanted}`, async () => {
      await using emulator = await emulate();
      const answer = await provoke(emulator);
      expect(answer.status).toBe(Number(wanted.split(' ')[2]));
      const body: unknown = JSON.parse(answer.text);
      expect(readOpenApi(JSON.parse(readFileSync(documentPath, 'utf8'))).problems(wanted, body)).toEqual([]);
    });
  }

  it('are provoked for all that is declared, but for those known to be out of reach', () => {
    const { answers } = readOpenApi(JSON.parse(readFileSync(documentPath, 'utf8')));
    const wantAnswers = [...Object.keys(PROVOKED), ...UNPROVOKED];
    expect(answers.toSorted()).toEqual(wantAnswers.toSorted());
  });
});

describe('the check against an OpenAPI document', () => {
  const document = {
    paths: {
      '/a': { get: { responses: { 200: { content: { 'application/json': { schema: { $ref: '#/s' } } } } } } },
    },
    s: {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 3 },
        counts: { type: 'array', items: { type: 'integer' } },
      },
      required: ['name'],
    },
  };

  it('finds what does not fit, with its path', () => {
    const check = readOpenApi(document);
    expect(check.problems('GET /a 200', { name: 'abc', counts: [1] })).toEqual([]);
    expect(check.problems('GET /a 200', { name: 'ab', counts: [1, 1.5], more: 1 })).toEqual([
      'body.name is too short',
      'body.counts[1] is no integer',
      'body.more is not declared',
    ]);
    expect(check.problems('GET /a 200', {})).toEqual(['body.name is missing']);
    expect(check.problems('GET /a 204', {})).toEqual(['GET /a 204 is not declared']);
  });
});
