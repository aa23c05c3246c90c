import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { call, callAs } from './caller.ts';
import { emulate } from './emulate.ts';

describe('Tokens of the Kronup emulator', () => {
  it('are signed JWTs that name the organisation, the account and the time of their making', async () => {
    await using emulator = await emulate();
    const [account] = emulator.accounts;
    const answer = await call(emulator, `GET /service-accounts/${account?.id}`);
    const token = answer.body.serviceToken;
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT' });
    expect(decodeJwt(token)).toMatchObject({
      org_id: emulator.organisation,
      sub: account?.id,
      iss: 'urn:rekeyd:kronup-emulator',
      iat: Date.parse('2026-01-05T00:00:00Z') / 1_000,
      jti: expect.any(String),
    });
  });

  it('stay the same until they are regenerated, in the list, in reads and in process', async () => {
    await using emulator = await emulate();
    const [account] = emulator.accounts;
    const listed = await call(emulator, 'GET /service-accounts');
    const read = await call(emulator, `GET /service-accounts/${account?.id}`);
    const live = await emulator.liveToken(account?.id ?? '');
    expect(read.body.serviceToken).toBe(live.reveal());
    expect(listed.body.serviceAccounts[1].serviceToken).toBe(live.reveal());
  });

  it('differ when two are minted in the same second', async () => {
    await using emulator = await emulate();
    const request = `PUT /service-accounts/${emulator.accounts[0]?.id}`;
    const first = await call(emulator, request);
    const second = await call(emulator, request);
    expect(second.body.serviceToken).not.toBe(first.body.serviceToken);
    expect(decodeJwt(second.body.serviceToken).jti).not.toBe(decodeJwt(first.body.serviceToken).jti);
  });

  it('die when a new one is minted', async () => {
    await using emulator = await emulate();
    const id = emulator.accounts[0]?.id ?? '';
    const old = (await emulator.liveToken(id)).reveal();
    const minted = await call(emulator, `PUT /service-accounts/${id}`);
    const withOld = await call(emulator, 'GET /account', { authorization: `Bearer ${old}` });
    expect(withOld).toMatchObject({ status: 401, body: { id: 'auth-api-expired' } });
    const withNew = await callAs(emulator, id, 'GET /account');
    expect(withNew).toMatchObject({ status: 200, body: { id } });
    expect((await emulator.liveToken(id)).reveal()).toBe(minted.body.serviceToken);
  });

  it('answer each of several mints at once with a token of its own, the last of which is live', async () => {
    await using emulator = await emulate();
    const id = emulator.accounts[0]?.id ?? '';
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call(emulator, `PUT /service-accounts/${id}`)),
    );
    const minted = answers.map((answer) => answer.body.serviceToken);
    expect(new Set(minted).size).toBe(5);
    expect(minted).toContain((await emulator.liveToken(id)).reveal());
    expect(emulator.mints(id)).toBe(5);
  });

  it('stay alive beside the new one where old tokens are kept', async () => {
    await using emulator = await emulate({ keepOldTokens: true });
    const id = emulator.accounts[0]?.id ?? '';
    const old = (await emulator.liveToken(id)).reveal();
    await call(emulator, `PUT /service-accounts/${id}`);
    const withOld = await call(emulator, 'GET /account', { authorization: `Bearer ${old}` });
    expect(withOld).toMatchObject({ status: 200, body: { id } });
  });

  it('are refused after their expiry, where they have one', async () => {
    await using emulator = await emulate({ tokenLifetimeMs: 60_000 });
    const id = emulator.accounts[0]?.id ?? '';
    const token = (await emulator.liveToken(id)).reveal();
    expect(decodeJwt(token).exp).toBe(Date.parse('2026-01-05T00:01:00Z') / 1_000);
    emulator.clock.jump(60_000);
    const answer = await call(emulator, 'GET /account', { authorization: `Bearer ${token}` });
    expect(answer).toMatchObject({ status: 401, body: { id: 'auth-api-expired' } });
  });

  it('of the manager follow it when it is regenerated', async () => {
    await using emulator = await emulate();
    const old = emulator.manager.token.reveal();
    const answer = await call(emulator, `PUT /service-accounts/${emulator.manager.id}`);
    expect(emulator.manager.token.reveal()).toBe(answer.body.serviceToken);
    const withOld = await call(emulator, 'GET /account', { authorization: `Bearer ${old}` });
    expect(withOld.status).toBe(401);
  });
});
