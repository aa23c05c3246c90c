import { describe, expect, it } from 'vitest';
import { askForToken, call, emulate, idOf, type TestEmulator } from './caller.ts';

const mint = (emulator: TestEmulator) =>
  call(emulator, `POST ORG/service-accounts/${idOf(emulator)}/credentials`, { body: { name: 'made' } });

const names = (emulator: TestEmulator) => emulator.credentials(idOf(emulator)).map(({ name }) => name);

describe('a fault of the Keycard emulator', () => {
  it.each(['before', 'after'] as const)('loses the answer %s the effect', async (when) => {
    await using emulator = await emulate();
    using fault = emulator.fault({ kind: 'lost-answer', when, operation: 'credentialCreate', times: 1 });
    await expect(mint(emulator)).rejects.toThrow('fetch failed');
    await fault.done;
    expect(names(emulator)).toEqual(when === 'after' ? ['first', 'made'] : ['first']);
    expect((await mint(emulator)).status).toBe(201);
  });

  it('has the effect come late, after the connection was torn down', async () => {
    await using emulator = await emulate();
    const fault = emulator.fault({ kind: 'late-effect', ms: 60_000, operation: 'credentialCreate' });
    await expect(mint(emulator)).rejects.toThrow('fetch failed');
    expect(names(emulator)).toEqual(['first']);
    await emulator.clock.advance(60_000);
    await fault.done;
    expect(names(emulator)).toEqual(['first', 'made']);
  });

  it('cuts the body after the effect', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'cut-body', operation: 'credentialCreate' });
    await expect(mint(emulator)).rejects.toThrow('terminated');
    expect(names(emulator)).toEqual(['first', 'made']);
  });

  it.each([
    [400, 'bad_request'],
    [403, 'forbidden'],
    [409, 'conflict'],
    [422, 'unprocessable'],
    [429, 'rate_limited'],
  ])('answers %i in the form of the API', async (status, code) => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'status', status, operation: 'credentialCreate', retryAfter: 7 });
    const answer = await mint(emulator);
    expect(answer).toMatchObject({ status, body: { code, status } });
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(names(emulator)).toEqual(['first']);
  });

  it('answers 503 as a proxy would', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'status', status: 503, operation: 'credentialCreate' });
    expect((await mint(emulator)).headers.get('content-type')).toContain('text/html');
  });

  it('leaves fields out of an answer, or replaces them', async () => {
    await using emulator = await emulate();
    const change = { set: { id: 'other' }, omit: ['client_secret'] };
    emulator.fault({ kind: 'rewrite', operation: 'credentialCreate', ...change });
    const { body } = await mint(emulator);
    expect(body.id).toBe('other');
    expect(body).not.toHaveProperty('client_secret');
  });

  it('refuses a caller, with its access tokens and its credentials', async () => {
    await using emulator = await emulate();
    const { body } = await askForToken(emulator);
    emulator.fault({ kind: 'refused-caller', caller: 'manager' });
    const authorization = `Bearer ${body.access_token}`;
    expect((await call(emulator, 'GET /organizations', { authorization })).status).toBe(401);
    expect((await askForToken(emulator)).body.error).toBe('invalid_client');
    expect((await askForToken(emulator, emulator.liveCredential(idOf(emulator)))).status).toBe(200);
  });

  it('refuses one credential, and none of the same account', async () => {
    await using emulator = await emulate();
    const made = await mint(emulator);
    const first = emulator.liveCredential(idOf(emulator), emulator.credentials(idOf(emulator))[0]?.id);
    emulator.fault({ kind: 'refused-credential', clientId: first.clientId });
    expect((await askForToken(emulator, first)).status).toBe(401);
    expect((await askForToken(emulator, emulator.liveCredential(idOf(emulator), made.body.id))).status).toBe(
      200,
    );
  });

  it('refuses the access tokens that were given until now, and no later ones', async () => {
    await using emulator = await emulate();
    const { body } = await askForToken(emulator);
    emulator.fault({ kind: 'refused-access-token' });
    const authorization = `Bearer ${body.access_token}`;
    expect((await call(emulator, 'GET /organizations', { authorization })).status).toBe(401);
    expect((await call(emulator, 'GET /organizations')).status).toBe(200);
  });

  it('refuses access tokens until so long after they were given', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'young-access-token', ms: 5_000 });
    const { body } = await askForToken(emulator);
    const authorization = `Bearer ${body.access_token}`;
    const statuses: number[] = [];
    for (const ms of [0, 4_999, 1]) {
      emulator.clock.pass(ms);
      statuses.push((await call(emulator, 'GET /organizations', { authorization })).status);
    }
    expect(statuses).toEqual([401, 401, 200]);
  });

  it('names another organisation', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'other-organisation', organisation: 'elsewhere' });
    const { body } = await call(emulator, 'GET /organizations');
    expect(body.items.map(({ id }) => id)).toEqual(['elsewhere']);
  });

  it('is none where it is about nothing', async () => {
    await using emulator = await emulate();
    expect(() => emulator.fault({ kind: 'cut-body', operation: 'earthquake' })).toThrow('operation');
    expect(() => emulator.fault({ kind: 'refused-credential', clientId: 'nobody' })).toThrow('nobody');
  });
});

describe('what has happened at the Keycard emulator', () => {
  it('is told, with who called and what came of it', async () => {
    await using emulator = await emulate();
    const { body } = await mint(emulator);
    const accountId = idOf(emulator);
    expect(emulator.events).toMatchObject([
      { kind: 'called', operation: 'tokenCreate', caller: emulator.manager.id, status: 200 },
      { kind: 'minted', by: 'api', accountId, credentialId: body.id, name: 'made' },
      { kind: 'called', operation: 'credentialCreate', accountId, status: 201 },
    ]);
    expect(emulator.calls({ operation: 'credentialCreate', accountId })).toBe(1);
    expect(JSON.stringify(emulator.events)).not.toContain(body.client_secret);
  });

  it('is limited to a rate, where one is given', async () => {
    await using emulator = await emulate({ rate: 2 });
    const answers = await Promise.all([1, 2, 3].map(() => askForToken(emulator)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(['1']);
  });
});
