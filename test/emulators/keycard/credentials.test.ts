import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { askForToken, call, emulate, idOf, type TestEmulator } from './caller.ts';

const at = (emulator: TestEmulator, rest = '') => `ORG/service-accounts/${idOf(emulator)}/credentials${rest}`;

const clientOf = ({ body }: Awaited<ReturnType<typeof call>>) => ({
  clientId: body.client_id,
  clientSecret: new Secret(body.client_secret),
});

describe('credentials of the Keycard emulator', () => {
  it('are made with a secret that is shown once', async () => {
    await using emulator = await emulate();
    const made = await call(emulator, `POST ${at(emulator)}`, { body: { name: 'second' } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'second', created_at: '2026-01-05T00:00:00.000Z' });
    expect(made.body.client_id).toMatch(/^[A-Za-z0-9]{21}$/);
    expect(made.body.client_secret).toMatch(/^[A-Za-z0-9]{64}$/);
    const shown = await call(emulator, `GET ${at(emulator, `/${made.body.id}`)}`);
    const { client_secret: _, ...rest } = made.body;
    expect(shown.body).toEqual(rest);
    const listed = await call(emulator, `GET ${at(emulator)}`);
    expect(listed.body.items.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(listed.text).not.toContain(made.body.client_secret);
    expect(emulator.mints(idOf(emulator))).toBe(1);
  });

  it('may have one name, and are good side by side', async () => {
    await using emulator = await emulate();
    const one = await call(emulator, `POST ${at(emulator)}`, { body: { name: 'same' } });
    const two = await call(emulator, `POST ${at(emulator)}`, { body: { name: 'same' } });
    for (const client of [emulator.liveCredential(idOf(emulator)), clientOf(one), clientOf(two)]) {
      expect((await askForToken(emulator, client)).status).toBe(200);
    }
  });

  it('are renamed, and keep their pair', async () => {
    await using emulator = await emulate();
    const [first] = emulator.credentials(idOf(emulator));
    const path = at(emulator, `/${first?.id}`);
    const { body } = await call(emulator, `PATCH ${path}`, { body: { name: 'a', description: 'b' } });
    expect(body).toMatchObject({ name: 'a', description: 'b', client_id: first?.clientId });
  });

  it('are refused from the moment of their deletion', async () => {
    await using emulator = await emulate();
    const made = await call(emulator, `POST ${at(emulator)}`, { body: { name: 'second' } });
    expect((await call(emulator, `DELETE ${at(emulator, `/${made.body.id}`)}`)).status).toBe(204);
    expect((await call(emulator, `DELETE ${at(emulator, `/${made.body.id}`)}`)).status).toBe(404);
    expect(await askForToken(emulator, clientOf(made))).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  it('are found below their own account only', async () => {
    await using emulator = await emulate();
    const [other] = emulator.credentials(idOf(emulator, 1));
    expect((await call(emulator, `GET ${at(emulator, `/${other?.id}`)}`)).status).toBe(404);
    expect((await call(emulator, 'GET ORG/service-accounts/nobody/credentials')).status).toBe(404);
  });

  it('say when they were last used, once they were', async () => {
    await using emulator = await emulate();
    const [first] = emulator.credentials(idOf(emulator));
    const path = `GET ${at(emulator, `/${first?.id}`)}`;
    expect((await call(emulator, path)).body.last_used_at).toBeUndefined();
    await emulator.clock.advance(5_000);
    await askForToken(emulator, emulator.liveCredential(idOf(emulator)));
    expect((await call(emulator, path)).body.last_used_at).toBe('2026-01-05T00:00:05.000Z');
  });

  it('are refused for a while after their making, where the service is not consistent at once', async () => {
    await using emulator = await emulate({ consistencyMs: 5_000 });
    const made = await call(emulator, `POST ${at(emulator)}`, { body: { name: 'second' } });
    expect((await askForToken(emulator, clientOf(made))).status).toBe(401);
    await emulator.clock.advance(5_000);
    expect((await askForToken(emulator, clientOf(made))).status).toBe(200);
  });
});
