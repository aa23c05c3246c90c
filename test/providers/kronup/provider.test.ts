import { afterEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/domain/credential.ts';
import { Secret } from '../../../src/domain/secret.ts';
import {
  failureIn,
  MANAGER_TOKEN,
  never,
  openProvider,
  tokenWith,
  valueOf,
  type Settings,
} from './kronup-world.ts';
import { json, scriptedServer, type Script } from '../scripted-server.ts';

const REF = { organisation: 'org-1', accountId: 'a' };
const NEW_TOKEN = tokenWith({ org_id: 'org-1', sub: 'a', iat: 1_767_571_200, exp: 1_767_657_600 });

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

async function world(script: Script, settings: Partial<Settings> = {}) {
  const server = await scriptedServer(script);
  const opened = openProvider({ url: server.url, ...settings });
  cleanups.push(server, opened.provider);
  return { server, ...opened };
}

const manager = {
  id: 'm',
  roleOrg: [
    { orgId: 'org-0', role: 'owner' },
    { orgId: 'org-1', role: 'admin' },
  ],
};

describe('the Kronup provider', () => {
  it('says of itself what the engine has to know', async () => {
    const { provider, server } = await world(() => undefined, {
      config: { timeout: '7s', freeze: { failures: 3 } },
    });
    expect(provider).toMatchObject({
      name: 'kronup',
      kind: 'kronup',
      origin: server.origin,
      strategies: ['in-place', 'pair'],
      mintTimeLimitMs: 7_000,
      freeze: { failures: 3, of: 20 },
    });
    expect(provider).not.toHaveProperty('retire');
  });
});

describe('a mint', () => {
  it('answers the new credential, and what account and organisation it is of', async () => {
    const { provider, clock, server } = await world((_, response) =>
      json(response, { id: 'a', serviceToken: NEW_TOKEN.reveal() }),
    );
    const minted = valueOf(await provider.mint(REF, { name: 'rekeyd/x', signal: never }));
    expect(fingerprintOf(minted.credential)).toBe(fingerprintOf({ kind: 'token', token: NEW_TOKEN }));
    expect(minted).toMatchObject({ accountId: 'a', organisation: 'org-1', sentAt: clock.now() });
    expect(provider.lifetimeOf(minted.credential)).toEqual({
      issuedAt: 1_767_571_200_000,
      expiresAt: 1_767_657_600_000,
    });
    expect(server.received.map(({ method }) => method)).toEqual(['PUT']);
  });

  it('answers another account and organisation as they are, for the engine to judge', async () => {
    const token = tokenWith({ org_id: 'org-2' }).reveal();
    const { provider } = await world((_, response) => json(response, { id: 'b', serviceToken: token }));
    const minted = valueOf(await provider.mint(REF, { name: 'rekeyd/x', signal: never }));
    expect(minted).toMatchObject({ accountId: 'b', organisation: 'org-2' });
  });

  it('names no organisation where the new token names none', async () => {
    const { provider } = await world((_, response) =>
      json(response, { id: 'a', serviceToken: 'opaque-key' }),
    );
    expect(valueOf(await provider.mint(REF, { name: 'rekeyd/x', signal: never }))).not.toHaveProperty(
      'organisation',
    );
  });

  it('says how many calls are left, how many of them are kept, and when there are more', async () => {
    const settings = { callsMade: 59, config: { dailyLimit: 100, reserve: 40 } };
    const { provider } = await world(
      (_, response) => json(response, { id: 'a', serviceToken: 'new-key' }),
      settings,
    );
    valueOf(await provider.mint(REF, { name: 'rekeyd/x', signal: never }));
    const renewedAt = Date.parse('2026-01-06T00:00:00Z');
    expect(provider.callsLeft()).toEqual({ left: 40, limit: 100, reserve: 40, renewedAt });
  });

  it('goes before observations that wait for their turn', async () => {
    const held: (() => void)[] = [];
    const { provider, server } = await world(
      (_, response) => void held.push(() => json(response, { id: 'a', serviceToken: 'new-key' })),
      { config: { concurrency: 1 } },
    );
    const first = provider.observe([REF], { signal: never });
    await server.arrived(1);
    const second = provider.observe([REF], { signal: never });
    const minting = provider.mint(REF, { name: 'rekeyd/x', signal: never });
    for (let answered = 0; answered < 3; answered++) {
      await server.arrived(answered + 1);
      held[answered]?.();
    }
    valueOf(await first);
    valueOf(await minting);
    valueOf(await second);
    expect(server.received.map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET']);
  });
});

describe('a proof', () => {
  it('says whose the credential is, by using it', async () => {
    const { provider, server } = await world((_, response) => json(response, { id: 'a' }));
    expect(valueOf(await provider.prove({ kind: 'token', token: NEW_TOKEN }, { signal: never }))).toEqual({
      accountId: 'a',
    });
    expect(server.received[0]).toMatchObject({ method: 'GET', path: '/v1/account' });
    expect(server.received[0]?.headers.authorization).toBe(`Bearer ${NEW_TOKEN.reveal()}`);
  });

  it('keeps the id of a refusal, which says how the credential was refused', async () => {
    const { provider } = await world((_, response) =>
      json(response, { id: 'auth-api-expired', message: '' }, 401),
    );
    const failure = failureIn(await provider.prove({ kind: 'token', token: NEW_TOKEN }, { signal: never }));
    expect(failure).toMatchObject({ kind: 'credential-refused', id: 'auth-api-expired' });
  });

  it("is inconclusive where the account's own calls are used up, and takes nothing from the manager", async () => {
    const { provider } = await world((_, response) =>
      json(response, { id: 'auth-api-limited', message: '' }, 429),
    );
    const failure = failureIn(await provider.prove({ kind: 'token', token: NEW_TOKEN }, { signal: never }));
    expect(failure.kind).toBe('rate-limited');
    expect(provider.callsLeft()?.left).toBe(10_000);
  });

  it('refuses a credential of another form without asking', async () => {
    const { provider, server } = await world(() => undefined);
    const credential = { kind: 'client', clientId: 'id', clientSecret: new Secret('secret-text') } as const;
    expect(failureIn(await provider.prove(credential, { signal: never })).kind).toBe('credential-refused');
    expect(provider.lifetimeOf(credential)).toEqual({});
    expect(server.received).toEqual([]);
  });
});

describe('who the manager is', () => {
  it('is its account, its role in its organisation, and the fingerprint of its credential', async () => {
    const { provider } = await world((_, response) => json(response, manager));
    expect(valueOf(await provider.manager({ signal: never }))).toEqual({
      accountId: 'm',
      role: 'admin',
      fingerprint: fingerprintOf({ kind: 'token', token: MANAGER_TOKEN }),
    });
  });

  it('is asked once for one credential, also by many at once', async () => {
    const { provider, server } = await world((_, response) => json(response, manager));
    const asked = await Promise.all([1, 2, 3].map(() => provider.manager({ signal: never })));
    asked.push(await provider.manager({ signal: never }));
    expect(asked.map((one) => valueOf(one).accountId)).toEqual(['m', 'm', 'm', 'm']);
    expect(server.received).toHaveLength(1);
  });

  it('is asked again when the credential is another one', async () => {
    let token = MANAGER_TOKEN;
    const { provider, server } = await world(
      (_, response) => json(response, { ...manager, id: `m${server.received.length}` }),
      {
        token: () => token,
      },
    );
    expect(valueOf(await provider.manager({ signal: never })).accountId).toBe('m1');
    token = tokenWith({ org_id: 'org-0' });
    expect(valueOf(await provider.manager({ signal: never }))).toMatchObject({
      accountId: 'm2',
      role: 'owner',
    });
  });

  it('is not taken from an answer to another credential than the one it is remembered for', async () => {
    const tokens = [MANAGER_TOKEN, tokenWith({ org_id: 'org-0' })];
    const { provider } = await world((_, response) => json(response, manager), {
      token: () => (tokens.length > 1 ? tokens.shift() : tokens[0]),
    });
    expect(failureIn(await provider.manager({ signal: never })).kind).toBe('not-connected');
    expect(valueOf(await provider.manager({ signal: never })).role).toBe('owner');
  });

  it('is asked again after a failure', async () => {
    let status = 401;
    const { provider } = await world((_, response) =>
      json(response, status === 401 ? { id: 'auth-api-expired', message: '' } : manager, status),
    );
    expect(failureIn(await provider.manager({ signal: never })).kind).toBe('credential-refused');
    status = 200;
    expect(valueOf(await provider.manager({ signal: never })).accountId).toBe('m');
  });

  it('is asked though it is known, by whoever wants to know whether it is accepted now', async () => {
    let status = 200;
    const { provider } = await world((_, response) =>
      json(response, status === 200 ? manager : { id: 'auth-api-expired', message: '' }, status),
    );
    await provider.manager({ signal: never });
    status = 401;
    expect(valueOf(await provider.manager({ signal: never })).accountId).toBe('m');
    expect(failureIn(await provider.manager({ signal: never, again: true })).kind).toBe('credential-refused');
  });

  it('has no role where the service does not say', async () => {
    const { provider } = await world((_, response) => json(response, { id: 'm' }));
    expect(valueOf(await provider.manager({ signal: never }))).not.toHaveProperty('role');
  });

  it('stays unknown where the credential cannot be read', async () => {
    const { provider } = await world(() => undefined, { token: () => undefined });
    expect(failureIn(await provider.manager({ signal: never })).kind).toBe('credential-refused');
  });

  it('is of no concern any more to who has stopped asking, and still to the others', async () => {
    const held: (() => void)[] = [];
    const { provider, server } = await world((_, response) => void held.push(() => json(response, manager)));
    const stop = new AbortController();
    const stopped = provider.manager({ signal: stop.signal });
    const other = provider.manager({ signal: never });
    await server.arrived(1);
    stop.abort();
    expect(failureIn(await stopped).kind).toBe('not-connected');
    held[0]?.();
    expect(valueOf(await other).accountId).toBe('m');
  });

  it("does not show Kronup what cannot be one of its keys, such as somebody else's secret", async () => {
    const { provider, server } = await world(() => undefined);
    const credential = { kind: 'token', token: new Secret('a-database-password') } as const;
    expect(failureIn(await provider.prove(credential, { signal: never })).kind).toBe('credential-refused');
    expect(server.received).toEqual([]);
  });
});
