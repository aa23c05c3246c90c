import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiWorld } from './api-world.ts';
import type { ApiWorld } from './api-world.ts';

let world: ApiWorld;

beforeEach(async () => {
  world = await apiWorld({ name: 'a' }, { name: 'b' });
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

function freeze(provider: string, reason: unknown = 'because', user = 'ada') {
  return world.post(`/v1/providers/${provider}/freeze`, { reason }, { 'x-rekeyd-user': user });
}

function unfreeze(provider: string, reason: unknown = 'over') {
  return world.post(`/v1/providers/${provider}/unfreeze`, { reason }, { 'x-rekeyd-user': 'eve' });
}

describe('freezing a provider', () => {
  it('writes a hold with who asked and why, wakes the loop, and tells it', async () => {
    const since = world.clock.now();
    const { status, body } = await freeze('kronup');
    expect(status).toBe(200);
    const hold = { kind: 'frozen', subject: 'kronup', since, by: 'socket:ada', reason: 'because' };
    expect(body).toMatchObject({ provider: 'kronup', state: 'frozen', changed: true, hold });
    expect(body).toHaveProperty('hold.liftedBy', 'a person: rekeyd unfreeze kronup --reason …');
    expect(await world.journal.shared()).toEqual({ holds: [hold] });
    expect(world.woken()).toBe(1);
    expect(world.events).toMatchObject([
      { kind: 'provider-frozen', provider: 'kronup', by: 'socket:ada', why: 'because' },
    ]);
  });

  it('shows in the status of the daemon and of its accounts', async () => {
    await freeze('kronup');
    const want = [{ kind: 'frozen', subject: 'kronup', stops: ['unasked-mint'], by: 'socket:ada' }];
    expect((await world.get('/v1/status')).body).toMatchObject({ holds: want });
    expect((await world.get('/v1/accounts/a')).body).toMatchObject({ holds: want });
  });

  it('again changes nothing, and answers the hold that is in force', async () => {
    await freeze('kronup');
    await world.clock.advance(1_000);
    const { status, body } = await freeze('kronup', 'another', 'eve');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: 'frozen',
      changed: false,
      hold: { by: 'socket:ada', reason: 'because' },
    });
    expect(world.events).toHaveLength(1);
    expect(world.woken()).toBe(1);
  });

  it('is refused for a provider that there is not, naming those that there are', async () => {
    expect(await freeze('kronop')).toEqual({
      status: 404,
      body: {
        error: 'there is no provider "kronop"; did you mean "kronup"? the providers are: keycard, kronup',
      },
    });
    expect((await unfreeze('zzzzzzzz')).body.error).toBe(
      'there is no provider "zzzzzzzz"; the providers are: keycard, kronup',
    );
    expect(await world.journal.shared()).toEqual({ holds: [] });
  });

  it.each([
    ['no reason', undefined],
    ['an empty reason', '  '],
  ])('is refused with %s', async (_what, reason) => {
    const { status, body } = await world.post('/v1/providers/kronup/freeze', { reason });
    expect(status).toBe(400);
    expect(body.error).toContain('say why');
  });
});

describe('unfreezing a provider', () => {
  it('lifts the hold, wakes the loop, makes its accounts due, and tells for how long it was', async () => {
    const later = world.clock.now() + 3_600_000;
    await world.commit('a', [], { dueAt: later });
    await world.commit('b', [], { dueAt: later });
    await freeze('kronup');
    await world.clock.advance(60_000);
    expect(await world.journal.nextDueAt()).toBe(later);
    const { status, body } = await unfreeze('kronup');
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'unfrozen', changed: true, hold: { reason: 'because' } });
    expect(await world.journal.shared()).toEqual({ holds: [] });
    expect(await world.journal.nextDueAt()).toBe(world.clock.now());
    expect(world.woken()).toBe(2);
    expect(world.events.at(-1)).toMatchObject({
      kind: 'provider-unfrozen',
      by: 'socket:eve',
      why: 'over',
      was: 'because',
      heldMs: 60_000,
    });
  });

  it('says where it was not frozen', async () => {
    expect(await unfreeze('kronup')).toEqual({
      status: 200,
      body: { provider: 'kronup', state: 'unfrozen', changed: false },
    });
    expect(world.woken()).toBe(0);
  });

  it('is possible for one that left the configuration while it was frozen', async () => {
    await world.journal.hold({ kind: 'frozen', subject: 'old', since: 1, by: 'rekeyd', reason: 'x' });
    expect((await unfreeze('old')).body).toMatchObject({ changed: true });
  });
});
