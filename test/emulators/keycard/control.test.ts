import { describe, expect, it } from 'vitest';
import { call, emulate, idOf } from './caller.ts';

describe('the control path of the Keycard emulator', () => {
  it('is not there unless it is asked for', async () => {
    await using emulator = await emulate();
    expect((await call(emulator, 'GET /_control/state')).status).toBe(404);
  });

  it('makes faults, and says what is wrong with one', async () => {
    await using emulator = await emulate({ control: true });
    const fault = { kind: 'status', status: 503, operation: 'organisationList' };
    expect((await call(emulator, 'POST /_control/faults', { body: fault })).status).toBe(200);
    expect((await call(emulator, 'GET /organizations')).status).toBe(503);
    await call(emulator, 'DELETE /_control/faults');
    expect((await call(emulator, 'GET /organizations')).status).toBe(200);
    const wrong = await call(emulator, 'POST /_control/faults', {
      body: { ...fault, operation: 'earthquake' },
    });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('organisationList');
  });

  it('does what a person would do, and shows what came of it, never a secret', async () => {
    await using emulator = await emulate({ control: true });
    const id = idOf(emulator);
    await call(emulator, `POST /_control/accounts/${id}/mint`);
    const secret = emulator.liveCredential(id).clientSecret.reveal();
    expect(emulator.credentials(id).length).toBe(2);
    const state = await call(emulator, `GET /_control/state?accountId=${id}`);
    expect(state.text).toContain('"name":"by hand"');
    expect(state.text).not.toContain(secret);
    const [first] = emulator.credentials(id);
    await call(emulator, `POST /_control/credentials/${first?.id}/delete`);
    expect(emulator.credentials(id).length).toBe(1);
    await call(emulator, `POST /_control/accounts/${id}/delete`);
    expect(emulator.accounts.length).toBe(2);
    expect((await call(emulator, `POST /_control/accounts/${id}/mint`)).status).toBe(404);
  });
});
