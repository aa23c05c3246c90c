import { describe, expect, it } from 'vitest';
import { call, callAs, outcomeOf } from './caller.ts';
import { emulate, idOf, START } from './emulate.ts';
import type { TestEmulator } from './emulate.ts';

const ISSUER = 'urn:rekeyd:kronup-emulator';

function partOf(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('the Kronup emulator refuses a caller', () => {
  const cases: Readonly<Record<string, (emulator: TestEmulator) => string | null | Promise<string>>> = {
    'auth-missing': () => null,
    'auth-invalid': () => 'Basic bWFuYWdlcjpzZWNyZXQ=',
    'jwt-missing': () => 'Bearer',
    'jwt-format': () => 'Bearer not-a-token',
    'jwt-format-header': () => `Bearer ${partOf('text')}.${partOf({})}.c2ln`,
    'jwt-format-body': () => `Bearer ${partOf({ alg: 'ES256' })}.%%%.c2ln`,
    'jwt-payload': () => `Bearer ${partOf({ alg: 'ES256' })}.${partOf({ iss: ISSUER })}.c2ln`,
    'jwt-issuer': async (emulator) => {
      const claims = { org_id: emulator.organisation, sub: idOf(emulator), iss: 'https://elsewhere.invalid' };
      return `Bearer ${(await emulator.forgeToken(claims)).reveal()}`;
    },
    'auth-api-invalid': async (emulator) => {
      const claims = { org_id: emulator.organisation, sub: 'nobody', iss: ISSUER };
      return `Bearer ${(await emulator.forgeToken(claims)).reveal()}`;
    },
    'auth-api-expired': async (emulator) => {
      const old = await emulator.liveToken(idOf(emulator));
      await emulator.person.regenerate(idOf(emulator));
      return `Bearer ${old.reveal()}`;
    },
  };
  for (const [id, authorizationOf] of Object.entries(cases)) {
    it(`with 401 ${id}`, async () => {
      await using emulator = await emulate();
      const authorization = await authorizationOf(emulator);
      const answer = await call(emulator, 'GET /account', { authorization });
      expect(outcomeOf(answer)).toEqual({ status: 401, id });
      expect(answer.body.message).toMatch(/^[A-Z]/);
    });
  }

  it('whose token names another organisation', async () => {
    await using emulator = await emulate();
    const token = await emulator.forgeToken({ org_id: 'other', sub: idOf(emulator), iss: ISSUER });
    const answer = await call(emulator, 'GET /account', { authorization: `Bearer ${token.reveal()}` });
    expect(outcomeOf(answer)).toEqual({ status: 401, id: 'jwt-payload' });
  });

  it('whose token was signed with another key', async () => {
    await using emulator = await emulate();
    await using other = await emulate();
    const token = await other.liveToken(idOf(other));
    const answer = await call(emulator, 'GET /account', { authorization: `Bearer ${token.reveal()}` });
    expect(outcomeOf(answer)).toEqual({ status: 401, id: 'jwt-format' });
  });

  it('that names another organisation in its header', async () => {
    await using emulator = await emulate();
    const answer = await call(emulator, 'GET /service-accounts', { headers: { 'x-org-id': 'other' } });
    expect(outcomeOf(answer)).toEqual({ status: 403, id: 'not-allowed' });
  });

  it('but not one that names the right organisation in its header, or none', async () => {
    await using emulator = await emulate();
    for (const header of [emulator.organisation, '']) {
      const answer = await call(emulator, 'GET /service-accounts', { headers: { 'x-org-id': header } });
      expect(answer.status).toBe(200);
    }
  });

  it('but never asks for the organisation when it is asked who is calling', async () => {
    await using emulator = await emulate();
    const answer = await call(emulator, 'GET /account', { headers: { 'x-org-id': 'other' } });
    expect(answer.status).toBe(200);
  });

  it('that has used up its calls of the day, until the next day begins in UTC', async () => {
    await using emulator = await emulate({ dailyLimit: 2 });
    await call(emulator, 'GET /account');
    await call(emulator, 'GET /service-accounts');
    const third = await call(emulator, 'GET /account');
    expect(outcomeOf(third)).toEqual({ status: 429, id: 'auth-api-limited' });
    emulator.clock.jump(24 * 60 * 60 * 1_000 - 1);
    expect((await call(emulator, 'GET /account')).status).toBe(429);
    emulator.clock.jump(1);
    expect((await call(emulator, 'GET /account')).status).toBe(200);
  });

  it('for its own calls only: every account has a quota of its own', async () => {
    await using emulator = await emulate({ dailyLimit: 1 });
    await call(emulator, 'GET /account');
    expect((await callAs(emulator, idOf(emulator), 'GET /account')).status).toBe(200);
  });
});

describe('a limit of requests', () => {
  it('holds for any second, wherever it begins, and says when to come back', async () => {
    await using emulator = await emulate({ rate: 2 });
    const statuses = async (count: number) => {
      const answers = [];
      for (let request = 0; request < count; request++) answers.push(await call(emulator, 'GET /account'));
      return answers.map(({ status }) => status);
    };
    expect(await statuses(1)).toEqual([200]);
    await emulator.clock.advance(600);
    expect(await statuses(2)).toEqual([200, 429]);
    await emulator.clock.advance(400);
    expect(await statuses(2)).toEqual([200, 429]);
    const refused = await call(emulator, 'GET /account');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(outcomeOf(refused)).toEqual({ status: 429, id: 'too-many-requests' });
  });
});

describe('the Kronup emulator', () => {
  it('shows how many calls an account has made on each day, refused ones aside', async () => {
    await using emulator = await emulate({ dailyLimit: 2 });
    await call(emulator, 'GET /account');
    emulator.clock.jump(24 * 60 * 60 * 1_000);
    await call(emulator, 'GET /account');
    const answer = await call(emulator, 'GET /account');
    await call(emulator, 'GET /account');
    expect(answer.body.apiCalls).toEqual({ '2026-01-05': 1, '2026-01-06': 2 });
  });

  it('answers an unknown path or method with 404 in JSON', async () => {
    await using emulator = await emulate();
    const unknown = ['GET /nothing', 'PATCH /account', 'DELETE /service-accounts', 'GET /account/%zz'];
    for (const request of [...unknown, `GET /service-accounts/${'f'.repeat(500)}`]) {
      expect(outcomeOf(await call(emulator, request))).toEqual({ status: 404, id: 'not-found' });
    }
  });

  it('answers a body that is too large with 400 in JSON', async () => {
    await using emulator = await emulate();
    const answer = await call(emulator, 'POST /service-accounts', {
      body: { userName: 'x'.repeat(100_000) },
    });
    expect(outcomeOf(answer)).toEqual({ status: 400, id: 'invalid-argument-body' });
  });

  it('dates its answers by its own clock', async () => {
    await using emulator = await emulate();
    const answer = await call(emulator, 'GET /account');
    expect(answer.headers.get('date')).toBe(new Date(START).toUTCString());
  });
});
