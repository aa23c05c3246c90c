import { describe, expect, it } from 'vitest';
import { askForToken, call, emulate, idOf } from './caller.ts';

const ACCOUNTS = 'ORG/service-accounts';

describe('service accounts of the Keycard emulator', () => {
  it('are made, shown, changed and deleted', async () => {
    await using emulator = await emulate();
    const body = { name: 'new', description: 'for tests' };
    const made = await call(emulator, `POST ${ACCOUNTS}`, { body });
    expect(made.status).toBe(201);
    const at = '2026-01-05T00:00:00.000Z';
    expect(made.body).toEqual({ id: made.body.id, ...body, created_at: at, updated_at: at });
    expect(made.body.id).toMatch(/^[a-z0-9]{26}$/);
    await emulator.clock.advance(1_000);
    const changed = await call(emulator, `PATCH ${ACCOUNTS}/${made.body.id}`, { body: { name: 'newer' } });
    expect(changed.body).toEqual({ ...made.body, name: 'newer', updated_at: '2026-01-05T00:00:01.000Z' });
    expect((await call(emulator, `PATCH ${ACCOUNTS}/${made.body.id}`, { body: {} })).status).toBe(200);
    const gone = await call(emulator, `DELETE ${ACCOUNTS}/${made.body.id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    for (const method of ['GET', 'DELETE']) {
      const missing = await call(emulator, `${method} ${ACCOUNTS}/${made.body.id}`);
      expect(missing).toMatchObject({ status: 404, body: { code: 'not_found', status: 404 } });
    }
  });

  it('are listed in the order of their making, in both directions', async () => {
    await using emulator = await emulate({ accounts: 4 });
    const first = await call(emulator, `GET ${ACCOUNTS}?limit=2`);
    const [manager, ...ids] = [emulator.manager.id, ...emulator.accounts.map(({ id }) => id)];
    expect(first.body.items.map(({ id }) => id)).toEqual([manager, ids[0]]);
    expect(first.body.page_info).toMatchObject({ has_next_page: true, has_prev_page: false });
    const next = await call(
      emulator,
      `GET ${ACCOUNTS}?limit=2&after=${String(first.body.page_info['end_cursor'])}`,
    );
    expect(next.body.items.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    expect(next.body.page_info).toMatchObject({ has_next_page: true, has_prev_page: true });
    const back = await call(
      emulator,
      `GET ${ACCOUNTS}?limit=2&before=${String(next.body.page_info['start_cursor'])}`,
    );
    expect(back.body.items).toEqual(first.body.items);
    const last = await call(emulator, `GET ${ACCOUNTS}?after=${String(next.body.page_info['end_cursor'])}`);
    expect(last.body.items.map(({ id }) => id)).toEqual([ids[3]]);
    expect(last.body.page_info['has_next_page']).toBe(false);
  });

  it('are listed on from a place whose account has gone', async () => {
    await using emulator = await emulate();
    const { body } = await call(emulator, `GET ${ACCOUNTS}?limit=2`);
    await emulator.person.deleteAccount(idOf(emulator, 0));
    const next = await call(emulator, `GET ${ACCOUNTS}?after=${String(body.page_info['end_cursor'])}`);
    expect(next.body.items.length).toBe(2);
  });

  it.each(['expand=permissions', 'expand[]=permissions', 'expand=total_count&expand=permissions'])(
    'come with what the caller may do, where that is asked for: %s',
    async (query) => {
      await using emulator = await emulate();
      const one = await call(emulator, `GET ${ACCOUNTS}/${idOf(emulator)}?${query}`);
      expect(one.body.permissions).toMatchObject({ organizations: { read: true, update: true } });
      const all = await call(emulator, `GET ${ACCOUNTS}?${query}`);
      expect(all.body.items[0]?.permissions).toEqual(one.body.permissions);
      expect((await call(emulator, `GET ${ACCOUNTS}/${idOf(emulator)}`)).body.permissions).toBeUndefined();
    },
  );

  it.each([
    ['no name', {}, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['a long description', { name: 'a', description: 'x'.repeat(501) }, 'description'],
    ['no JSON', '{', 'JSON'],
  ])('are not made with %s', async (_, body, word) => {
    await using emulator = await emulate();
    const answer = await call(emulator, `POST ${ACCOUNTS}`, { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request', status: 400 } });
    expect(answer.body.message).toContain(word);
    expect(emulator.accounts.length).toBe(3);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'after=', 'after=nonsense', 'expand=everything'])(
    'are not listed with ?%s',
    async (query) => {
      await using emulator = await emulate();
      expect((await call(emulator, `GET ${ACCOUNTS}?${query}`)).status).toBe(400);
    },
  );

  it('want JSON to be called that', async () => {
    await using emulator = await emulate();
    const headers = { 'content-type': 'text/plain' };
    const answer = await call(emulator, `POST ${ACCOUNTS}`, { body: { name: 'a' }, headers });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it('are for those who may manage them, in their own organisation, by its id or label', async () => {
    await using emulator = await emulate();
    const member = await askForToken(emulator, emulator.liveCredential(idOf(emulator)));
    const authorization = `Bearer ${member.body.access_token}`;
    expect((await call(emulator, `GET ${ACCOUNTS}`, { authorization })).status).toBe(403);
    expect((await call(emulator, 'GET /organizations/other/service-accounts')).status).toBe(404);
    expect((await call(emulator, `GET /organizations/${emulator.label}/service-accounts`)).status).toBe(200);
  });

  it.each([null, 'Basic YTpi', 'Bearer ', 'Bearer a.b.c'])('are not shown to %s', async (authorization) => {
    await using emulator = await emulate();
    const answer = await call(emulator, `GET ${ACCOUNTS}`, { authorization });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized', status: 401 } });
  });
});

describe('the organisations of the Keycard emulator', () => {
  it('are one, for whoever has an access token', async () => {
    await using emulator = await emulate();
    const member = await askForToken(emulator, emulator.liveCredential(idOf(emulator)));
    const { body } = await call(emulator, 'GET /organizations', {
      authorization: `Bearer ${member.body.access_token}`,
    });
    expect(body.items.map(({ id }) => id)).toEqual([emulator.organisation]);
    expect(body.page_info['has_next_page']).toBe(false);
  });
});
