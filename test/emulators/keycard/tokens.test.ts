import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { askForToken, call, emulate, idOf } from './caller.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const TOKEN = 'POST /service-account-token';

describe('the token endpoint of the Keycard emulator', () => {
  it('gives a bearer token for an hour to a client with HTTP Basic', async () => {
    await using emulator = await emulate();
    const { status, body } = await askForToken(emulator);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: body.access_token, token_type: 'Bearer', expires_in: 3_600 });
    const claims = JSON.parse(
      Buffer.from(body.access_token.split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(claims).toMatchObject({ sub: emulator.manager.id, org_id: emulator.organisation });
  });

  it('takes the client in the form too', async () => {
    await using emulator = await emulate();
    const { clientId, clientSecret } = emulator.manager;
    const fields = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret.reveal(),
    };
    const body = new URLSearchParams(fields).toString();
    const answer = await call(emulator, TOKEN, { authorization: null, headers: form, body });
    expect(answer.status).toBe(200);
  });

  it.each([
    ['another secret', { clientSecret: new Secret('x'.repeat(64)) }],
    ['another client id', { clientId: 'nobody' }],
  ])('refuses a client with %s', async (_, wrong) => {
    await using emulator = await emulate();
    const answer = await askForToken(emulator, { ...emulator.manager, ...wrong });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it.each([
    [{}, 'invalid_request'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
  ])('refuses the form %j', async (fields, error) => {
    await using emulator = await emulate();
    const answer = await askForToken(emulator, emulator.manager, fields);
    expect(answer).toMatchObject({ status: 400, body: { error } });
  });

  it('refuses a form that is not called one', async () => {
    await using emulator = await emulate();
    const answer = await call(emulator, TOKEN, { body: 'grant_type=client_credentials' });
    expect(answer.status).toBe(415);
  });

  it('gives tokens that end', async () => {
    await using emulator = await emulate({ tokenLifetimeMs: 60_000 });
    const { body } = await askForToken(emulator);
    const authorization = `Bearer ${body.access_token}`;
    await emulator.clock.advance(59_000);
    expect((await call(emulator, 'GET /organizations', { authorization })).status).toBe(200);
    await emulator.clock.advance(1_000);
    expect((await call(emulator, 'GET /organizations', { authorization })).status).toBe(401);
  });

  it('does not say how long they live where it is told not to', async () => {
    await using emulator = await emulate({ hideLifetime: true });
    expect((await askForToken(emulator)).body).not.toHaveProperty('expires_in');
  });

  it.each([
    [false, 200],
    [true, 401],
  ])(
    'gives tokens that die with their credential, where it is told so: %s',
    async (revokesAccessTokens, want) => {
      await using emulator = await emulate({ revokesAccessTokens });
      const { body } = await askForToken(emulator, emulator.liveCredential(idOf(emulator)));
      const authorization = `Bearer ${body.access_token}`;
      const [first] = emulator.credentials(idOf(emulator));
      await emulator.person.deleteCredential(first?.id ?? '');
      expect((await call(emulator, 'GET /organizations', { authorization })).status).toBe(want);
    },
  );
});
