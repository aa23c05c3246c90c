import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { failureIn, MANAGER_TOKEN, never, tokenWith, valueOf } from './kronup-world.ts';
import { json } from '../scripted-server.ts';
import { ACCOUNT, world } from './client-world.ts';

describe('the operations of the Kronup client', () => {
  it('read an account, with its id as one part of the path whatever is in it', async () => {
    const id = 'a/../b?c=d#e é';
    const { server, client } = await world((_, response) => json(response, { ...ACCOUNT, id }));
    const { value } = valueOf(await client.read(id, { signal: never }));
    expect(value).toMatchObject({
      id,
      userName: 'billing',
      roleOrg: 'member',
      apiCalls: { '2026-01-05': 12 },
    });
    expect(server.received[0]).toMatchObject({
      method: 'GET',
      path: '/v1/service-accounts/a%2F..%2Fb%3Fc%3Dd%23e%20%C3%A9',
      body: '',
    });
  });

  it('create an account by POST', async () => {
    const { server, client } = await world();
    valueOf(await client.create({ roleOrg: 'member', userName: 'billing' }, { signal: never }));
    expect(server.received[0]).toMatchObject({
      method: 'POST',
      path: '/v1/service-accounts',
      body: '{"roleOrg":"member","userName":"billing"}',
    });
    expect(server.received[0]?.headers['content-type']).toBe('application/json');
  });

  it('update an account by POST', async () => {
    const { server, client } = await world();
    valueOf(await client.update('a', { userName: 'payments' }, { signal: never }));
    const want = { method: 'POST', path: '/v1/service-accounts/a', body: '{"userName":"payments"}' };
    expect(server.received[0]).toMatchObject(want);
  });

  it('regenerate by a PUT without a body', async () => {
    const { server, client } = await world();
    const { value } = valueOf(await client.regenerate('a', { signal: never }));
    expect(value.serviceToken.reveal()).toBe('header.payload.signature');
    expect(server.received[0]).toMatchObject({ method: 'PUT', path: '/v1/service-accounts/a', body: '' });
    expect(server.received[0]?.headers).toMatchObject({ 'content-length': '0' });
    expect(server.received[0]?.headers).not.toHaveProperty('content-type');
  });

  it('close an account by DELETE', async () => {
    const { server, client } = await world((_, response) =>
      json(response, { ...ACCOUNT, closedTime: 1_767_571_200, serviceToken: '' }),
    );
    const { value } = valueOf(await client.close('a', { signal: never }));
    expect(value).toMatchObject({ closedTime: 1_767_571_200 });
    expect(value.serviceToken).toBeUndefined();
    expect(server.received[0]).toMatchObject({ method: 'DELETE', path: '/v1/service-accounts/a' });
  });

  it('say whose the credential is', async () => {
    const own = {
      id: 'm',
      roleOrg: [{ orgId: 'org-1', role: 'admin' }],
      orgs: [{ id: 'org-1', orgName: 'One' }],
    };
    const { server, client } = await world((_, response) => json(response, own));
    const { value } = valueOf(await client.account({ signal: never }));
    expect(value).toMatchObject({ ...own, closedTime: 0 });
    expect(server.received[0]).toMatchObject({ method: 'GET', path: '/v1/account' });
  });

  it("rename and close the manager's own account", async () => {
    const { server, client } = await world(({ method }, response) =>
      json(response, method === 'DELETE' ? true : ACCOUNT),
    );
    valueOf(await client.updateAccount({ userName: 'rekeyd' }, { signal: never }));
    expect(valueOf(await client.closeAccount({ signal: never })).value).toBe(true);
    expect(server.received).toMatchObject([
      { method: 'POST', path: '/v1/account', body: '{"userName":"rekeyd"}' },
      { method: 'DELETE', path: '/v1/account', body: '' },
    ]);
  });
});

describe('what every call says', () => {
  it('is who calls, what it takes, and which program it is', async () => {
    const { server, client } = await world();
    valueOf(await client.read('a', { signal: never }));
    expect(server.received[0]?.headers).toMatchObject({
      authorization: `Bearer ${MANAGER_TOKEN.reveal()}`,
      accept: 'application/json',
      'user-agent': 'rekeyd/1.2.3',
    });
  });

  it('is the organisation that its token names', async () => {
    const { server, client } = await world();
    valueOf(await client.read('a', { signal: never }));
    valueOf(await client.account({ as: tokenWith({ org_id: 'org-2' }), signal: never }));
    expect(server.received.map(({ headers }) => headers['x-org-id'])).toEqual(['org-1', 'org-2']);
  });

  it('is the configured organisation in place of that', async () => {
    const { server, client } = await world(undefined, { config: { organisation: 'org-9' } });
    valueOf(await client.read('a', { signal: never }));
    expect(server.received[0]?.headers['x-org-id']).toBe('org-9');
  });

  it('is no organisation where the token names none', async () => {
    const { server, client } = await world(undefined, { token: new Secret('opaque-key') });
    valueOf(await client.read('a', { signal: never }));
    expect(server.received[0]?.headers).not.toHaveProperty('x-org-id');
  });

  it('is the manager credential as it is now', async () => {
    let token = new Secret('first-key');
    const { server, client } = await world(undefined, { token: () => token });
    valueOf(await client.read('a', { signal: never }));
    token = new Secret('second-key');
    valueOf(await client.read('a', { signal: never }));
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first-key',
      'Bearer second-key',
    ]);
  });

  it('is nothing at all where the credential cannot be read', async () => {
    const { server, client } = await world(undefined, { token: () => undefined });
    expect(failureIn(await client.read('a', { signal: never })).kind).toBe('credential-refused');
    expect(server.received).toEqual([]);
  });

  it.each(['', 'two words', 'a\r\nx-evil: 1', 'schlüssel'])(
    'is nothing where the credential is no token: %j',
    async (text) => {
      const { server, client } = await world(undefined, { token: new Secret(text) });
      const failure = failureIn(await client.read('a', { signal: never }));
      expect(failure.kind).toBe('credential-refused');
      expect(failure.message).toContain('environment variable KRONUP_TOKEN');
      if (text !== '') expect(failure.message).not.toContain(text);
      expect(server.received).toEqual([]);
    },
  );
});
