import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { call, callAs, outcomeOf } from './caller.ts';
import { emulate, idOf, START } from './emulate.ts';

const EXPIRED = { status: 401, id: 'auth-api-expired' };

describe('tokens of the Kronup emulator', () => {
  it('are signed JWTs that name the organisation, the account and the time of their making', async () => {
    await using emulator = await emulate();
    const answer = await call(emulator, `GET /service-accounts/${idOf(emulator)}`);
    const token = answer.body.serviceToken;
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT' });
    const { jti, ...claims } = decodeJwt(token);
    expect(jti).toMatch(/^[0-9a-f]{24}$/);
    expect(claims).toEqual({
      org_id: emulator.organisation,
      sub: idOf(emulator),
      iss: 'urn:rekeyd:kronup-emulator',
      iat: START / 1_000,
    });
  });

  it('stay the same until they are regenerated, in the list, in reads and in process', async () => {
    await using emulator = await emulate();
    const listed = await call(emulator, 'GET /service-accounts');
    const read = await call(emulator, `GET /service-accounts/${idOf(emulator)}`);
    const live = await emulator.liveToken(idOf(emulator));
    expect(read.body.serviceToken).toBe(live.reveal());
    expect(listed.body.serviceAccounts[1]?.serviceToken).toBe(live.reveal());
  });

  it('are the same to all who see one for the first time at once', async () => {
    await using emulator = await emulate();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call(emulator, `GET /service-accounts/${idOf(emulator)}`)),
    );
    expect(new Set(answers.map(({ body }) => body.serviceToken)).size).toBe(1);
  });

  it('differ when two are minted in the same second', async () => {
    await using emulator = await emulate();
    const first = await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    const second = await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    expect(decodeJwt(second.body.serviceToken).jti).not.toBe(decodeJwt(first.body.serviceToken).jti);
    expect(decodeJwt(second.body.serviceToken).iat).toBe(decodeJwt(first.body.serviceToken).iat);
  });

  it('die when a new one is minted', async () => {
    await using emulator = await emulate();
    const old = await emulator.liveToken(idOf(emulator));
    const minted = await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    const withOld = await call(emulator, 'GET /account', { authorization: `Bearer ${old.reveal()}` });
    const withNew = await callAs(emulator, idOf(emulator), 'GET /account');
    expect(outcomeOf(withOld)).toEqual(EXPIRED);
    expect(outcomeOf(withNew)).toEqual({ status: 200, id: idOf(emulator) });
    expect((await emulator.liveToken(idOf(emulator))).reveal()).toBe(minted.body.serviceToken);
  });

  it('answer each of several mints at once with one of its own, the last of which is live', async () => {
    await using emulator = await emulate();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call(emulator, `PUT /service-accounts/${idOf(emulator)}`)),
    );
    const minted = answers.map(({ body }) => body.serviceToken);
    expect(new Set(minted).size).toBe(5);
    expect(minted).toContain((await emulator.liveToken(idOf(emulator))).reveal());
    expect(emulator.mints(idOf(emulator))).toBe(5);
  });

  it('stay alive beside the new one where old tokens are kept', async () => {
    await using emulator = await emulate({ keepOldTokens: true });
    const old = await emulator.liveToken(idOf(emulator));
    await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    const withOld = await call(emulator, 'GET /account', { authorization: `Bearer ${old.reveal()}` });
    expect(outcomeOf(withOld)).toEqual({ status: 200, id: idOf(emulator) });
  });

  it('die with their account even where old tokens are kept', async () => {
    await using emulator = await emulate({ keepOldTokens: true });
    const old = await emulator.liveToken(idOf(emulator));
    await call(emulator, `DELETE /service-accounts/${idOf(emulator)}`);
    const withOld = await call(emulator, 'GET /account', { authorization: `Bearer ${old.reveal()}` });
    expect(outcomeOf(withOld)).toEqual(EXPIRED);
  });

  it('are refused after their expiry, where they have one', async () => {
    await using emulator = await emulate({ tokenLifetimeMs: 60_000 });
    const token = await emulator.liveToken(idOf(emulator));
    expect(decodeJwt(token.reveal()).exp).toBe((START + 60_000) / 1_000);
    emulator.clock.jump(60_000);
    expect(outcomeOf(await callAs(emulator, idOf(emulator), 'GET /account'))).toEqual(EXPIRED);
  });

  it('of the manager follow it when it is regenerated', async () => {
    await using emulator = await emulate();
    const old = emulator.manager.token.reveal();
    const answer = await call(emulator, `PUT /service-accounts/${emulator.manager.id}`);
    expect(emulator.manager.token.reveal()).toBe(answer.body.serviceToken);
    expect(outcomeOf(await call(emulator, 'GET /account', { authorization: `Bearer ${old}` }))).toEqual(
      EXPIRED,
    );
  });
});
