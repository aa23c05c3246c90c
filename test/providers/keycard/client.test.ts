import { afterEach, describe, expect, it } from 'vitest';
import { failureIn, never, valueOf } from '../http-world.ts';
import { json, type Script } from '../scripted-server.ts';
import { openClient, type Settings } from './keycard-world.ts';
import { scriptedKeycard } from './scripted-keycard.ts';

const CREATED_AT = '2019-12-27T18:11:19.117Z';
const ACCOUNT = {
  id: 'acc',
  name: 'billing',
  description: 'of billing',
  created_at: CREATED_AT,
  updated_at: CREATED_AT,
};
const CREDENTIAL = { id: 'cre', name: 'first', client_id: 'A1b2C3', created_at: CREATED_AT };
const LAST_PAGE = { has_next_page: false, has_prev_page: false };

const org = { organisation: 'org' };
const account = { ...org, accountId: 'acc' };
const credential = { ...account, credentialId: 'cre' };
const ACCOUNTS = '/organizations/org/service-accounts';
const CREDENTIALS = `${ACCOUNTS}/acc/credentials`;

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

async function world(script: Script, settings: Partial<Settings> = {}) {
  const server = await scriptedKeycard(script);
  const opened = openClient({ url: server.origin, ...settings });
  cleanups.push(server, opened.client);
  return { server, ...opened };
}

const answering = (body: unknown, status = 200) => world((_, response) => json(response, body, status));

describe('the operations on service accounts', () => {
  it('create one by POST', async () => {
    const { server, client } = await answering(ACCOUNT, 201);
    const { value } = valueOf(await client.accounts.create(org, { name: 'billing' }, { signal: never }));
    expect(value).toEqual({
      id: 'acc',
      name: 'billing',
      description: 'of billing',
      createdAt: CREATED_AT,
      updatedAt: CREATED_AT,
    });
    expect(server.asked).toMatchObject([{ method: 'POST', path: ACCOUNTS, body: '{"name":"billing"}' }]);
    expect(server.asked[0]?.headers['content-type']).toBe('application/json');
  });

  it('retrieve one, with permissions where they are asked for', async () => {
    const permissions = { service_accounts: { update: true } };
    const { server, client } = await answering({ ...ACCOUNT, permissions });
    const options = { signal: never, expand: ['permissions'] } as const;
    expect(valueOf(await client.accounts.retrieve(account, options)).value.permissions).toEqual(permissions);
    valueOf(await client.accounts.retrieve(account, { signal: never }));
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET ${ACCOUNTS}/acc?expand%5B%5D=permissions`,
      `GET ${ACCOUNTS}/acc`,
    ]);
  });

  it('update one by PATCH, only what is given', async () => {
    const { server, client } = await answering(ACCOUNT);
    valueOf(await client.accounts.update(account, { description: 'new' }, { signal: never }));
    valueOf(await client.accounts.update(account, {}, { signal: never }));
    expect(server.asked).toMatchObject([
      { method: 'PATCH', path: `${ACCOUNTS}/acc`, body: '{"description":"new"}' },
      { method: 'PATCH', path: `${ACCOUNTS}/acc`, body: '{}' },
    ]);
  });

  it('delete one, which answers nothing', async () => {
    const { server, client } = await world((_, response) => response.writeHead(204).end());
    expect(valueOf(await client.accounts.delete(account, { signal: never })).value).toBeUndefined();
    expect(server.asked).toMatchObject([{ method: 'DELETE', path: `${ACCOUNTS}/acc`, body: '' }]);
  });

  it('list a page of them from a cursor', async () => {
    const page_info = { has_next_page: true, has_prev_page: true, end_cursor: 'e', start_cursor: 's' };
    const { server, client } = await answering({ items: [ACCOUNT], page_info });
    const { value } = valueOf(await client.accounts.page(org, { after: 'a b', limit: 5, signal: never }));
    expect(value).toMatchObject({ hasNext: true, hasPrevious: true, endCursor: 'e', startCursor: 's' });
    expect(value.items[0]?.name).toBe('billing');
    expect(server.asked[0]?.path).toBe(`${ACCOUNTS}?after=a+b&limit=5`);
  });
});

describe('the operations on credentials', () => {
  it('create one by POST, and only that shows the secret', async () => {
    const { server, client } = await answering({ ...CREDENTIAL, client_secret: 'hush-hush' }, 201);
    const { value } = valueOf(await client.credentials.create(account, { name: 'first' }, { signal: never }));
    expect(value).toMatchObject({ id: 'cre', clientId: 'A1b2C3', createdAt: CREATED_AT });
    expect(value.clientSecret.reveal()).toBe('hush-hush');
    expect(server.asked).toMatchObject([{ method: 'POST', path: CREDENTIALS, body: '{"name":"first"}' }]);
  });

  it('retrieve one, with when it was last used where it was', async () => {
    const { server, client } = await answering({ ...CREDENTIAL, last_used_at: CREATED_AT });
    const { value } = valueOf(await client.credentials.retrieve(credential, { signal: never }));
    expect(value.lastUsedAt).toBe(CREATED_AT);
    expect(server.asked).toMatchObject([{ method: 'GET', path: `${CREDENTIALS}/cre` }]);
  });

  it('update one by PATCH', async () => {
    const { server, client } = await answering({ ...CREDENTIAL, last_used_at: null });
    const { value } = valueOf(await client.credentials.update(credential, { name: 'b' }, { signal: never }));
    expect(value.lastUsedAt).toBeUndefined();
    expect(server.asked).toMatchObject([
      { method: 'PATCH', path: `${CREDENTIALS}/cre`, body: '{"name":"b"}' },
    ]);
  });

  it('delete one', async () => {
    const { server, client } = await world((_, response) => response.writeHead(204).end());
    valueOf(await client.credentials.delete(credential, { signal: never }));
    expect(server.asked).toMatchObject([{ method: 'DELETE', path: `${CREDENTIALS}/cre` }]);
  });

  it('list them page after page', async () => {
    const { server, client } = await world(({ path }, response) => {
      const isLast = path.includes('after=');
      const page_info = isLast ? LAST_PAGE : { ...LAST_PAGE, has_next_page: true, end_cursor: 'x' };
      json(response, { items: [{ ...CREDENTIAL, id: isLast ? 'two' : 'one' }], page_info });
    });
    const ids: string[] = [];
    for await (const page of client.credentials.pages(account, { signal: never })) {
      ids.push(...valueOf(page).value.items.map(({ id }) => id));
    }
    expect(ids).toEqual(['one', 'two']);
    expect(server.asked.map(({ path }) => path)).toEqual([
      `${CREDENTIALS}?limit=100`,
      `${CREDENTIALS}?after=x&limit=100`,
    ]);
  });
});

describe('a list that does not end well', () => {
  it.each([
    ['without a cursor', { has_next_page: true, has_prev_page: false }],
    ['with one that came before', { has_next_page: true, has_prev_page: false, end_cursor: 'again' }],
  ])('is an answer that does not fit: %s', async (_, page_info) => {
    const { client } = await answering({ items: [ACCOUNT], page_info });
    const results = await Array.fromAsync(client.accounts.pages(org, { signal: never }));
    const last = results.at(-1);
    if (last === undefined) throw new Error('there is no page');
    expect(failureIn(last)).toMatchObject({ kind: 'answer-invalid' });
    expect(results.length).toBeLessThan(4);
  });

  it('ends at the first failure', async () => {
    const { client } = await answering({ message: 'No', code: 'forbidden', status: 403 }, 403);
    const results = await Array.fromAsync(client.accounts.pages(org, { signal: never }));
    expect(results.map((one) => failureIn(one).kind)).toEqual(['not-allowed']);
  });
});

describe('the organisations', () => {
  it('are listed for the manager, and for whoever has an access token', async () => {
    const body = { items: [{ id: 'o', name: 'One', label: 'one' }], page_info: LAST_PAGE };
    const { server, client } = await answering(body);
    const { value } = valueOf(await client.organisations.page({ signal: never }));
    expect(value.items[0]).toMatchObject({ id: 'o', name: 'One', label: 'one' });
    const { accessToken } = valueOf(await client.token({ signal: never })).value;
    valueOf(await client.organisations.page({ as: { accessToken, fingerprint: 'f00' }, signal: never }));
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer access-1',
      'Bearer access-2',
    ]);
  });
});

describe('what every call says', () => {
  it('is who calls, which program it is, and an id of its own', async () => {
    const { server, client } = await answering(ACCOUNT);
    const { requestId } = valueOf(await client.accounts.retrieve(account, { signal: never }));
    valueOf(await client.accounts.retrieve(account, { signal: never }));
    expect(server.asked[0]?.headers).toMatchObject({
      authorization: 'Bearer access-1',
      accept: 'application/json',
      'user-agent': 'rekeyd/1.2.3',
      'x-client-request-id': requestId,
    });
    const ids = server.received.map(({ headers }) => headers['x-client-request-id']);
    expect(ids.every((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(id)))).toBe(true);
    expect(new Set(ids).size).toBe(3);
  });

  it('can be found again by that id where it failed', async () => {
    const { server, client } = await answering({ message: 'No', code: 'x', status: 422 }, 422);
    const failure = failureIn(await client.accounts.create(org, { name: 'a' }, { signal: never }));
    expect(failure).toMatchObject({ kind: 'answer-invalid', id: 'x', status: 422, declined: true });
    expect(failure.requestId).toBe(server.asked[0]?.headers['x-client-request-id']);
  });

  it('has each id as one part of the path, whatever is in it', async () => {
    const { server, client } = await answering({ ...ACCOUNT, id: 'a/../b?c#d é' });
    valueOf(
      await client.accounts.retrieve({ organisation: 'o/p', accountId: 'a/../b?c#d é' }, { signal: never }),
    );
    expect(server.asked[0]?.path).toBe('/organizations/o%2Fp/service-accounts/a%2F..%2Fb%3Fc%23d%20%C3%A9');
  });

  it.each(['', '.', '..', 'x'.repeat(256)])(
    'is nothing where an id would lead elsewhere: %s',
    async (accountId) => {
      const { server, client } = await answering(ACCOUNT);
      const failure = failureIn(await client.accounts.delete({ ...org, accountId }, { signal: never }));
      expect(failure.kind).toBe('not-allowed');
      expect(server.received).toEqual([]);
    },
  );
});

describe('what is sent once', () => {
  const lost: Script = (_, response) => void response.socket?.destroy();

  it('is a create, an update and a deletion, though no answer comes', async () => {
    const { server, client } = await world(lost);
    const signal = never;
    const results = [
      await client.accounts.create(org, { name: 'a' }, { signal }),
      await client.accounts.update(account, { name: 'a' }, { signal }),
      await client.accounts.delete(account, { signal }),
      await client.credentials.create(account, { name: 'a' }, { signal }),
      await client.credentials.update(credential, { name: 'a' }, { signal }),
      await client.credentials.delete(credential, { signal }),
    ];
    expect(results.map((one) => failureIn(one).kind)).toEqual(Array.from(results, () => 'no-answer'));
    expect(server.asked.length).toBe(results.length);
  });

  it('is not what only reads', async () => {
    const { server, client } = await world(lost);
    expect(failureIn(await client.accounts.retrieve(account, { signal: never })).kind).toBe('no-answer');
    expect(server.asked.length).toBe(3);
  });

  it('is held back where it may not be sent any more', async () => {
    const { server, client } = await answering(CREDENTIAL);
    const maySend = () => 'somebody changed their mind';
    const failure = failureIn(
      await client.credentials.create(account, { name: 'a' }, { signal: never, maySend }),
    );
    expect(failure).toMatchObject({ kind: 'not-connected' });
    expect(failure).not.toHaveProperty('requestId');
    expect(failure.message).toContain('somebody changed their mind');
    expect(server.asked).toEqual([]);
  });
});

describe('an answer that does not fit', () => {
  it.each([
    ['a credential without a secret', CREDENTIAL, 'client_secret'],
    ['a secret with a line break', { ...CREDENTIAL, client_secret: 'a\nb' }, 'client_secret'],
    [
      'a credential without a client id',
      { ...CREDENTIAL, client_id: undefined, client_secret: 'x' },
      'client_id',
    ],
    ['no instant', { ...CREDENTIAL, created_at: 'soon', client_secret: 'x' }, 'created_at'],
  ])('is told by what is missing, never with a value: %s', async (_, body, field) => {
    const { client } = await answering(body);
    const failure = failureIn(await client.credentials.create(account, { name: 'a' }, { signal: never }));
    expect(failure.kind).toBe('answer-invalid');
    expect(failure.message).toContain(field);
  });

  it('is one of another account', async () => {
    const { client } = await answering({ ...ACCOUNT, id: 'other' });
    expect(failureIn(await client.accounts.retrieve(account, { signal: never })).kind).toBe('answer-invalid');
  });

  it('is a page of a portal in place of nothing', async () => {
    const { client } = await world((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
    });
    expect(failureIn(await client.credentials.delete(credential, { signal: never })).kind).toBe(
      'answer-invalid',
    );
  });

  it('leaves out what nothing rests on', async () => {
    const { client } = await answering({ ...ACCOUNT, description: 5, updated_at: null, permissions: 'all' });
    const { value } = valueOf(await client.accounts.retrieve(account, { signal: never }));
    expect(value).toEqual({ id: 'acc', name: 'billing', createdAt: CREATED_AT });
  });
});
