import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import type { ToldTime } from '../../../src/ports/clock.ts';
import {
  failureIn,
  MANAGER_TOKEN,
  NapClock,
  never,
  openClient,
  tokenWith,
  valueOf,
  type Settings,
} from './kronup-world.ts';
import { json, scriptedServer, type Script } from '../scripted-server.ts';

const ACCOUNT = {
  id: 'a',
  userName: 'billing',
  roleOrg: 'member',
  closedTime: 0,
  serviceToken: 'header.payload.signature',
  createdAt: '2026-01-01T08:08:08.000+00:00',
  apiCalls: { '2026-01-05': 12 },
};

const DATED = { date: 'Mon, 05 Jan 2026 00:10:00 GMT' };

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

async function world(
  script: Script = (_, response) => json(response, ACCOUNT),
  settings: Partial<Settings> = {},
) {
  const server = await scriptedServer(script);
  const opened = openClient({ url: server.url, ...settings });
  cleanups.push(server, opened.client);
  return { server, ...opened };
}

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

describe('what is counted', () => {
  it('is every request that was sent, by the manager or by the fingerprint of who else sent it', async () => {
    const { client, calls, clock } = await world();
    valueOf(await client.read('a', { signal: never }));
    valueOf(await client.account({ as: new Secret('other-key'), signal: never }));
    // SHA-256 of the text `other-key`.
    expect(calls).toEqual([
      { caller: 'manager', at: clock.now() },
      { caller: '580843d03d2216ff', at: clock.now() },
    ]);
  });

  it("is taken off the manager's calls of the day only where the manager made it", async () => {
    const { client } = await world((_, response) => json(response, { id: 'a' }), {
      callsMade: 100,
      config: { dailyLimit: 1_000 },
    });
    valueOf(await client.read('a', { signal: never }));
    valueOf(await client.account({ as: new Secret('other-key'), signal: never }));
    expect(client.callsLeft().left).toBe(899);
  });

  it('is what the service says, where that is more', async () => {
    const { client } = await world((_, response) =>
      json(response, { ...ACCOUNT, roleOrg: [], apiCalls: { '2026-01-05': 321 } }),
    );
    valueOf(await client.account({ signal: never }));
    expect(client.callsLeft().left).toBe(10_000 - 321);
  });

  it("is nothing any more once the service refuses the manager's calls for the day", async () => {
    let status = 429;
    const { client, clock } = await world((_, response) =>
      json(response, { ...ACCOUNT, id: status === 429 ? 'auth-api-limited' : 'a', message: '' }, status),
    );
    const failure = failureIn(await client.account({ as: new Secret('other-key'), signal: never }));
    expect([failure.kind, client.callsLeft().left]).toEqual(['rate-limited', 10_000]);
    failureIn(await client.read('a', { signal: never }));
    expect(client.callsLeft().left).toBe(0);
    status = 200;
    await clock.advance(60_000);
    valueOf(await client.read('a', { signal: never }));
    expect(client.callsLeft().left).toBe(9_998);
  });
});

describe("the service's clock", () => {
  it('is compared with ours by the Date of its answers', async () => {
    const { client } = await world((_, response) =>
      json(response, ACCOUNT, 200, { date: 'Mon, 05 Jan 2026 00:10:00 GMT' }),
    );
    const { clockOffsetMs } = valueOf(await client.read('a', { signal: never }));
    expect(clockOffsetMs).toBe(600_500);
  });

  it('is told of with every answer of its own, refusals as well', async () => {
    let status = 200;
    const told: ToldTime[] = [];
    const { client } = await world(
      (_, response) =>
        json(response, status === 200 ? ACCOUNT : { id: 'not-found', message: '' }, status, DATED),
      { onTime: (time) => told.push(time) },
    );
    valueOf(await client.read('a', { signal: never }));
    status = 404;
    failureIn(await client.read('a', { signal: never }));
    const wanted = { date: Date.parse('2026-01-05T00:10:00.500Z'), sentAt: 0, receivedAt: 0 };
    expect(told).toEqual([wanted, wanted]);
  });

  it('is not believed where a cache kept the answer, or where something else gave it', async () => {
    const told: ToldTime[] = [];
    let [status, headers]: [number, Readonly<Record<string, string>>] = [200, { ...DATED, age: '0' }];
    const { client } = await world(
      (_, response) => json(response, status === 200 ? ACCOUNT : { error: 'denied' }, status, headers),
      { onTime: (time) => told.push(time) },
    );
    valueOf(await client.read('a', { signal: never }));
    [status, headers] = [403, DATED];
    failureIn(await client.read('a', { signal: never }));
    expect(told).toEqual([]);
  });

  it('is not known where there is no date, or none that can be read', async () => {
    const { client } = await world((_, response) => {
      response.sendDate = false;
      json(response, ACCOUNT, 200, { 'x-date': 'none' });
    });
    expect(valueOf(await client.read('a', { signal: never }))).not.toHaveProperty('clockOffsetMs');
  });
});

describe('an answer 429 to the manager credential', () => {
  const limited = (headers: Readonly<Record<string, string>> = {}): Script => {
    return (_, response) => json(response, { id: 'too-many', message: '' }, 429, headers);
  };

  it('stops all its calls for as long as is asked for, and says so', async () => {
    const told: number[] = [];
    const { client, server, clock } = await world(limited({ 'retry-after': '7' }), {
      onRateLimited: ({ retryAfterMs }) => told.push(retryAfterMs),
    });
    expect(failureIn(await client.read('a', { signal: never })).retryAfterMs).toBe(7_000);
    await clock.advance(3_000);
    const failure = failureIn(await client.read('b', { signal: never }));
    expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: 4_000 });
    expect(failure.message).toContain('left alone for 4s more');
    failureIn(await client.regenerate('b', { signal: never }));
    expect(server.received).toHaveLength(1);
    await clock.advance(4_000);
    failureIn(await client.read('b', { signal: never }));
    expect(server.received).toHaveLength(2);
    expect(told).toEqual([7_000, 7_000]);
  });

  it('lets calls with other credentials pass', async () => {
    const { client, server } = await world(limited({ 'retry-after': '7' }));
    failureIn(await client.read('a', { signal: never }));
    failureIn(await client.account({ as: new Secret('other-key'), signal: never }));
    expect(server.received).toHaveLength(2);
  });

  it('is waited out where that is short, and grows where nothing is asked for', async () => {
    const clock = new NapClock();
    const { client, server } = await world(limited(), { clock });
    for (let call = 0; call < 3; call++) failureIn(await client.read('a', { signal: never }));
    expect(server.received).toHaveLength(3);
    expect(clock.naps).toEqual([1_000, 2_000]);
    expect(failureIn(await client.read('a', { signal: never })).retryAfterMs).toBe(4_000);
    expect(server.received).toHaveLength(3);
  });

  it('to the credential of an account stops none of the calls of the manager', async () => {
    const { client, server } = await world(limited({ 'retry-after': '7' }));
    failureIn(await client.account({ as: new Secret('other-key'), signal: never }));
    failureIn(await client.read('a', { signal: never }));
    expect(server.received).toHaveLength(2);
  });
});
