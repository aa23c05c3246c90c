import { describe, expect, it } from 'vitest';
import { createFreezing } from '../../src/engine/freezing.ts';
import { target } from '../builders/account.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';
import { byHand, CAUSE, expectDelivered, fleet } from '../world/fleet.ts';
import type { Fleet } from '../world/fleet.ts';

describe('a provider that is frozen', () => {
  it('has nothing minted that nobody asked for, through a restart', async () => {
    await using world = await fleet(3);
    await byHand(world, 'freeze');
    await world.advance(2 * HOUR_MS);
    await world.restart();
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
  });

  it('does not keep its accounts busy', async () => {
    await using world = await fleet(1);
    await byHand(world, 'freeze');
    await world.advance(10 * MINUTE_MS);
    const [claims, calls] = [world.claims, world.kronup.calls()];
    await world.advance(10 * HOUR_MS);
    expect(world.claims - claims).toBeLessThanOrEqual(11);
    expect(world.kronup.calls() - calls).toBeLessThanOrEqual(20);
  });

  it('lets a rotation pass that a person asks for', async () => {
    await using world = await fleet(2);
    await byHand(world, 'freeze');
    const [first] = world.accounts;
    if (first === undefined) throw new Error('no account');
    expect((await world.ask(first, 'rotate')).state).toBe('taken');
    expect(world.kronup.mints()).toBe(1);
    await expectDelivered(world);
  });

  it('has delivered what was minted before, as soon as its store is up', async () => {
    const targets = [target('files:billing/token'), target('safe:b/token')] as const;
    await using world = await fleet(1, { targets });
    world.onceMinted(() => {
      world.safe.down = DOWN;
    });
    await world.advance(HOUR_MS);
    await byHand(world, 'freeze');
    expect(world.kronup.mints()).toBe(1);
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    const live = await world.kronup.liveToken(world.accounts[0]?.accountIds[0] ?? '');
    expect(await world.file('b/token', 'safe')).toBe(live.reveal());
    expect(world.kronup.mints()).toBe(1);
  });

  it('has what somebody changed in a target put right', async () => {
    await using world = await fleet(1);
    const [first] = world.accounts;
    if (first === undefined) throw new Error('no account');
    await byHand(world, 'freeze');
    await world.put(`${first.name}/token`, '');
    await world.ask(first, 'reconcile');
    await expectDelivered(world);
    expect(world.kronup.mints()).toBe(0);
  });

  it('has a mint recovered that was open when it was frozen', async () => {
    await using world = await fleet(1);
    world.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    world.onceMinted(() => byHandDuring(world));
    await world.advance(HOUR_MS);
    expect(world.factsOf('mint-unknown')).toHaveLength(1);
    expect(world.factsOf('credential-minted')).toMatchObject([{ recovered: true }]);
    await expectDelivered(world);
    expect(world.kronup.mints()).toBe(1);
  });

  it('keeps a rotation open that had not minted, and goes on with it when it is unfrozen', async () => {
    await using world = await fleet(1, { targets: [target('files:a/token'), target('safe:b/token')] });
    world.safe.down = DOWN;
    await world.advance(HOUR_MS);
    expect(world.factsOf('rotation-opened')).toHaveLength(1);
    await byHand(world, 'freeze');
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    await byHand(world, 'unfreeze');
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('rotation-opened')).toHaveLength(1);
  });
});

describe('slots that come while a provider is frozen', () => {
  it('are run once each account when it is unfrozen, spread out', async () => {
    await using world = await fleet(4);
    await byHand(world, 'freeze');
    await world.advance(3 * HOUR_MS + 10 * MINUTE_MS);
    await byHand(world, 'unfreeze');
    await world.advance(20 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(4);
    const opened = world.factsOf('rotation-opened');
    expect(opened.map(({ slot }) => new Date(slot ?? 0).toISOString().slice(11, 16))).toEqual(
      Array.from({ length: 4 }, () => '03:00'),
    );
    const at = opened.map((fact) => fact.at);
    expect(new Set(at).size).toBe(4);
    expect(Math.max(...at) - Math.min(...at)).toBeGreaterThan(MINUTE_MS);
    await expectDelivered(world);
  });

  it('are spread out also where it is unfrozen while no daemon runs', async () => {
    await using world = await fleet(3);
    await byHand(world, 'freeze');
    await world.advance(HOUR_MS + 10 * MINUTE_MS);
    await world.engine.stop(1_000);
    await createFreezing(world.parts).unfreeze('kronup', CAUSE);
    await world.restart();
    await world.advance(20 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(3);
    expect(new Set(world.factsOf('rotation-opened').map((fact) => fact.at)).size).toBe(3);
  });

  it('are skipped where missed says so', async () => {
    await using world = await fleet(2, { missed: 'skip' });
    await byHand(world, 'freeze');
    await world.advance(3 * HOUR_MS + 10 * MINUTE_MS);
    await byHand(world, 'unfreeze');
    await world.advance(20 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('slot-skipped')).toHaveLength(6);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(2);
  });

  it('run when they come once it is unfrozen in time', async () => {
    await using world = await fleet(2);
    await byHand(world, 'freeze');
    await world.advance(30 * MINUTE_MS);
    await byHand(world, 'unfreeze');
    await world.advance(30 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(2);
    expect(world.factsOf('slot-missed')).toEqual([]);
  });
});

/** While the engine waits for an answer, so that nothing settles. */
async function byHandDuring(world: Fleet): Promise<void> {
  await createFreezing(world.parts).freeze('kronup', CAUSE);
}
