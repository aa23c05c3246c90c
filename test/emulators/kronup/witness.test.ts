import { describe, expect, it } from 'vitest';
import { call, callAs } from './caller.ts';
import { emulate, idOf, START } from './emulate.ts';

describe('the Kronup emulator', () => {
  it('counts the calls that fit', async () => {
    await using emulator = await emulate();
    await call(emulator, 'GET /service-accounts?pageSize=2');
    await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    await call(emulator, `PUT /service-accounts/${idOf(emulator, 1)}`);
    await callAs(emulator, idOf(emulator), 'GET /account');
    expect(emulator.calls()).toBe(5);
    expect(emulator.calls({ method: 'PUT' })).toBe(3);
    expect(emulator.calls({ operation: 'serviceAccountRegenerate', accountId: idOf(emulator) })).toBe(2);
    expect(emulator.calls({ path: '/v1/service-accounts' })).toBe(1);
    expect(emulator.calls({ caller: idOf(emulator) })).toBe(1);
    expect(emulator.calls({ method: 'GET', accountId: idOf(emulator) })).toBe(1);
  });

  it('counts calls that it never answers', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'lost-answer', when: 'before' });
    await expect(call(emulator, 'GET /account')).rejects.toThrow('fetch failed');
    expect(emulator.calls()).toBe(1);
  });

  it('tells what has happened, in order', async () => {
    await using emulator = await emulate();
    const id = idOf(emulator);
    await call(emulator, `PUT /service-accounts/${id}`);
    await emulator.person.close(id);
    emulator.clock.jump(1_000);
    await emulator.person.reopen(id);
    const change = { at: START, accountId: id, reopened: false };
    expect(emulator.events).toEqual([
      { ...change, kind: 'minted', by: 'api', generation: 2 },
      {
        kind: 'called',
        arrivedAt: START,
        at: START,
        operation: 'serviceAccountRegenerate',
        method: 'PUT',
        path: `/v1/service-accounts/${id}`,
        accountId: id,
        caller: emulator.manager.id,
        status: 200,
      },
      { ...change, kind: 'closed', by: 'person', generation: 3 },
      { ...change, kind: 'minted', by: 'person', generation: 4, reopened: true, at: START + 1_000 },
    ]);
  });

  it('can be waited upon for an event, to come or past', async () => {
    await using emulator = await emulate();
    const coming = emulator.when((event) => event.kind === 'minted');
    await call(emulator, `PUT /service-accounts/${idOf(emulator)}`);
    expect(await coming).toMatchObject({ accountId: idOf(emulator) });
    expect(await emulator.when((event) => event.kind === 'minted')).toBe(await coming);
  });

  it('lets a person do what the API does, without counting it as a mint', async () => {
    await using emulator = await emulate();
    const old = await emulator.liveToken(idOf(emulator));
    await emulator.person.regenerate(idOf(emulator));
    expect((await emulator.liveToken(idOf(emulator))).reveal()).not.toBe(old.reveal());
    await emulator.person.reopen(idOf(emulator));
    await emulator.person.close(idOf(emulator));
    expect(emulator.accounts[0]?.closed).toBe(true);
    await emulator.person.remove(idOf(emulator, 1));
    const { body } = await call(emulator, 'GET /service-accounts');
    expect([body.total, emulator.mints()]).toEqual([3, 0]);
  });

  it('says in plain words where it is and what is in it, without any token', async () => {
    await using emulator = await emulate({ accounts: 25 });
    await emulator.person.close(idOf(emulator, 1));
    const text = emulator.describe();
    expect(text).toContain(emulator.url);
    expect(text).toContain(emulator.organisation);
    expect(text).toMatch(new RegExp(`${idOf(emulator)}  billing-api +member\n`));
    expect(text).toMatch(new RegExp(`${idOf(emulator, 1)}  checkout-web +member, closed\n`));
    expect(text).toContain('and 5 more');
    expect(text).not.toContain(emulator.manager.token.reveal());
  });

  it('gives its tokens away only to who reveals them', async () => {
    await using emulator = await emulate();
    expect(JSON.stringify({ ...emulator, token: emulator.manager.token })).not.toContain('eyJ');
  });
});
