import { describe, expect, it } from 'vitest';
import { call, outcomeOf } from './caller.ts';
import { emulate, idOf } from './emulate.ts';

describe('the list of the Kronup emulator', () => {
  it('has pages of 500 by default, and says how many accounts there are', async () => {
    await using emulator = await emulate({ accounts: 600 });
    const { body } = await call(emulator, 'GET /service-accounts');
    expect(body).toMatchObject({ pageNumber: 1, pageSize: 500, total: 601 });
    expect(body.serviceAccounts).toHaveLength(500);
  });

  it('is in the same order on all pages, so that they add up to all accounts', async () => {
    await using emulator = await emulate({ accounts: 7 });
    const seen: string[] = [];
    for (const pageNumber of [1, 2, 3]) {
      const { body } = await call(emulator, `GET /service-accounts?pageNumber=${pageNumber}&pageSize=3`);
      seen.push(...body.serviceAccounts.map(({ id }) => id));
    }
    expect(seen).toEqual([emulator.manager.id, ...emulator.accounts.map(({ id }) => id)]);
  });

  it('is empty beyond its end', async () => {
    await using emulator = await emulate();
    const answer = await call(emulator, 'GET /service-accounts?pageNumber=9');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ pageNumber: 9, total: 4, serviceAccounts: [] });
  });

  it('changes its order between pages where pages move, so that accounts are missed or seen twice', async () => {
    await using emulator = await emulate({ accounts: 9, movePages: true });
    const seen: string[] = [];
    for (const pageNumber of [1, 2, 3, 4, 5]) {
      const { body } = await call(emulator, `GET /service-accounts?pageNumber=${pageNumber}&pageSize=2`);
      seen.push(...body.serviceAccounts.map(({ id }) => id));
    }
    expect(seen).toHaveLength(10);
    expect(new Set(seen).size).toBeLessThan(10);
  });

  for (const query of [
    'pageSize=0',
    'pageSize=1501',
    'pageSize=ten',
    'pageSize=1.5',
    'pageSize=1&pageSize=2',
  ]) {
    it(`refuses ${query}`, async () => {
      await using emulator = await emulate();
      const answer = await call(emulator, `GET /service-accounts?${query}`);
      expect(outcomeOf(answer)).toEqual({ status: 400, id: 'invalid-argument-pageSize' });
    });
  }

  for (const query of ['pageNumber=0', 'pageNumber=-1', 'pageNumber=', 'pageNumber=99999999999999999999']) {
    it(`refuses ${query}`, async () => {
      await using emulator = await emulate();
      const answer = await call(emulator, `GET /service-accounts?${query}`);
      expect(outcomeOf(answer)).toEqual({ status: 400, id: 'invalid-argument-pageNumber' });
    });
  }
});

describe('payloads at the Kronup emulator', () => {
  const role = { roleOrg: 'member' };
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['without a body', undefined, 'roleOrg'],
    ['without a role', { userName: 'new-service' }, 'roleOrg'],
    ['with the role of an owner', { roleOrg: 'owner', userName: 'new-service' }, 'roleOrg'],
    ['without a name', role, 'userName'],
    ['with a name of two characters', { ...role, userName: 'ab' }, 'userName'],
    ['with a name of 65 characters', { ...role, userName: 'x'.repeat(65) }, 'userName'],
    ['with a name that is no text', { ...role, userName: 12_345 }, 'userName'],
    ['that is not JSON', '{"roleOrg":', 'body'],
    ['that is a list', [], 'body'],
  ];
  for (const [how, body, field] of refused) {
    it(`are refused at create ${how}`, async () => {
      await using emulator = await emulate();
      const answer = await call(emulator, 'POST /service-accounts', { body });
      expect(outcomeOf(answer)).toEqual({ status: 400, id: `invalid-argument-${field}` });
      expect(emulator.accounts).toHaveLength(3);
    });
  }

  for (const userName of ['abc', 'x'.repeat(64)]) {
    it(`are accepted at create with a name of ${userName.length} characters`, async () => {
      await using emulator = await emulate();
      const answer = await call(emulator, 'POST /service-accounts', { body: { ...role, userName } });
      expect(answer.body.userName).toBe(userName);
    });
  }

  it('are refused at update with a field that is wrong', async () => {
    await using emulator = await emulate();
    const request = `POST /service-accounts/${idOf(emulator)}`;
    const named = await call(emulator, request, { body: { userName: 'ab' } });
    expect(outcomeOf(named)).toEqual({ status: 400, id: 'invalid-argument-userName' });
    const promoted = await call(emulator, request, { body: { roleOrg: 'owner' } });
    expect(outcomeOf(promoted)).toEqual({ status: 400, id: 'invalid-argument-roleOrg' });
  });

  it('are refused at an account’s own update with a field that is wrong', async () => {
    await using emulator = await emulate();
    const answer = await call(emulator, 'POST /account', { body: { userName: '' } });
    expect(outcomeOf(answer)).toEqual({ status: 400, id: 'invalid-argument-userName' });
  });
});
