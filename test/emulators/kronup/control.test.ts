import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { call, outcomeOf } from './caller.ts';
import { emulate, idOf } from './emulate.ts';
import type { TestEmulator } from './emulate.ts';

interface State {
  readonly accounts: readonly Readonly<Record<string, unknown>>[];
  readonly calls: readonly Readonly<Record<string, unknown>>[];
  readonly faults: readonly { readonly id: string; readonly hits: number }[];
}

async function stateOf(emulator: TestEmulator, query = ''): Promise<State> {
  const { text } = await call(emulator, `GET /_control/state${query}`);
  return JSON.parse(text) as State;
}

describe('the control path of the Kronup emulator', () => {
  it('is not there unless it is asked for', async () => {
    await using emulator = await emulate();
    const requests = ['GET /_control/state', 'DELETE /_control/faults', 'POST /_control/faults'];
    for (const request of requests) {
      expect(outcomeOf(await call(emulator, request))).toEqual({ status: 404, id: 'not-found' });
    }
  });

  it('makes a fault, shows how often it struck, and lifts it', async () => {
    await using emulator = await emulate({ control: true });
    const body = { kind: 'status', status: 503, caller: 'manager' };
    const made = await call(emulator, 'POST /_control/faults', { body });
    expect((await call(emulator, 'GET /account')).status).toBe(503);
    expect((await stateOf(emulator)).faults).toMatchObject([{ id: made.body.id, hits: 1 }]);
    expect((await call(emulator, `DELETE /_control/faults/${made.body.id}`)).status).toBe(200);
    expect((await call(emulator, 'GET /account')).status).toBe(200);
    expect((await call(emulator, `DELETE /_control/faults/${made.body.id}`)).status).toBe(404);
  });

  it('lifts all faults at once', async () => {
    await using emulator = await emulate({ control: true });
    for (const status of [500, 502]) {
      await call(emulator, 'POST /_control/faults', { body: { kind: 'status', status } });
    }
    await call(emulator, 'DELETE /_control/faults');
    expect((await call(emulator, 'GET /_control/faults')).text).toBe('{"faults":[]}');
    expect((await call(emulator, 'GET /account')).status).toBe(200);
  });

  it('is never struck by a fault itself', async () => {
    await using emulator = await emulate({ control: true });
    emulator.fault({ kind: 'lost-answer', when: 'before' });
    expect((await call(emulator, 'GET /_control/state')).status).toBe(200);
  });

  it('says what is wrong with a fault', async () => {
    await using emulator = await emulate({ control: true });
    const problemsOf = async (body: unknown) =>
      (await call(emulator, 'POST /_control/faults', { body })).text;
    expect(await problemsOf({ kind: 'latency' })).toContain('ms: ');
    expect(await problemsOf({ kind: 'latency', ms: 1, methods: 'PUT' })).toContain('methods');
    expect(await problemsOf({ kind: 'earthquake' })).toContain('kind: ');
    expect(await problemsOf('{"kind":')).toContain('problems');
    expect((await call(emulator, 'POST /_control/faults', { body: {} })).status).toBe(400);
  });

  it('does what a person would do', async () => {
    await using emulator = await emulate({ control: true });
    const path = `/_control/accounts/${idOf(emulator)}`;
    const old = await emulator.liveToken(idOf(emulator));
    await call(emulator, `POST ${path}/regenerate`);
    expect((await emulator.liveToken(idOf(emulator))).reveal()).not.toBe(old.reveal());
    await call(emulator, `POST ${path}/close`);
    expect(emulator.accounts[0]?.closed).toBe(true);
    await call(emulator, `POST ${path}/reopen`);
    expect(emulator.accounts[0]?.closed).toBe(false);
    await call(emulator, `POST ${path}/remove`);
    expect(emulator.accounts).toHaveLength(2);
    expect((await call(emulator, `POST ${path}/close`)).status).toBe(404);
  });

  it('shows accounts and calls, with fingerprints but never with a token', async () => {
    await using emulator = await emulate({ control: true });
    const minted = await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    const state = await stateOf(emulator, `?accountId=${idOf(emulator)}`);
    const digest = createHash('sha256').update(minted.body.serviceToken).digest('hex');
    expect(state.accounts).toMatchObject([
      { id: idOf(emulator), closed: false, generation: 2, mints: 1, fingerprint: digest.slice(0, 16) },
    ]);
    expect(state.calls).toMatchObject([{ operation: 'serviceAccountRegenerate', method: 'PUT', count: 1 }]);
    expect(JSON.stringify(await stateOf(emulator))).not.toContain('eyJ');
  });
});
