import { describe, expect, it } from 'vitest';
import { target } from '../builders/account.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';
import {
  CHECKOUT,
  HOLDING,
  UNDER_WAY,
  UNHEALTHY,
  configured,
  holdKinds,
  readBy,
  reading,
} from '../world/consumers-world.ts';

const REFUSED = { kind: 'consumer-refused', message: 'forbidden in this test; grant it' } as const;

describe('a consumer that fails', () => {
  it('is asked again until it does not, mints nothing and parks nobody', async () => {
    await using world = await reading([CHECKOUT], { schedule: { pattern: '0 1 * * *', zone: 'UTC' } });
    world.consumers.down = REFUSED;
    await world.advance(6 * HOUR_MS);
    expect(world.factsOf('consumer-failed').length).toBeGreaterThan(20);
    expect(world.factsOf('consumer-unhealthy')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(1);
    expect((await world.record(world.billing)).failures).toBe(0);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(await holdKinds(world)).toEqual([]);
    world.consumers.down = undefined;
    await world.advance(6 * MINUTE_MS);
    expect(world.factsOf('consumer-through')).toHaveLength(1);
  });

  it('delays neither the deliveries to other targets nor the next rotations', async () => {
    const name = 'billing-api';
    await using world = await reading([CHECKOUT], {
      targets: [...readBy(name, CHECKOUT), target(`safe:${name}/token`)],
    });
    world.consumers.down = REFUSED;
    world.onceMinted(() => {
      world.safe.down = DOWN;
    });
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('consumer-failed').length).toBeGreaterThan(2);
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(await world.file(`${name}/token`, 'safe')).toBe(await world.file(`${name}/token`));
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(2);
  });

  it('is given a newer value as soon as it is well again, and not the one before', async () => {
    await using world = await reading();
    world.consumers.down = REFUSED;
    await world.advance(70 * MINUTE_MS);
    world.consumers.down = undefined;
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(2);
    const newest = world.factsOf('target-confirmed').at(-1);
    expect(world.consumers.begun).toMatchObject([{ neededAt: newest?.at, fingerprint: newest?.fingerprint }]);
    expect(world.factsOf('consumer-through')).toHaveLength(1);
  });
});

describe('an unhealthy consumer', () => {
  it('is one that takes longer than its time limit as well, once', async () => {
    await using world = await reading();
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(30 * MINUTE_MS);
    const [unhealthy, ...more] = world.factsOf('consumer-unhealthy');
    expect(unhealthy?.why).toBe('not through within 10m: 1 of 2 pods is updated');
    const [begun] = world.factsOf('consumer-refreshing');
    expect((unhealthy?.at ?? 0) - (begun?.at ?? 0)).toBe(10 * MINUTE_MS);
    expect(more).toEqual([]);
  });

  it('holds the next unasked rotations of those that wait for it, until it is through', async () => {
    await using world = await reading([HOLDING]);
    world.consumers.progress.set(CHECKOUT.address, UNHEALTHY);
    await world.advance(70 * MINUTE_MS);
    expect(await holdKinds(world)).toEqual(['consumer-unhealthy']);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('slot-held')).toMatchObject([{ hold: 'consumer-unhealthy' }]);
    world.consumers.progress.clear();
    await world.advance(10 * MINUTE_MS);
    expect(await holdKinds(world)).toEqual([]);
    expect(world.kronup.mints()).toBe(2);
    expect(world.events).toEqual(expect.arrayContaining(['consumer-holds', 'consumer-released']));
  });

  it('holds nobody where it was seen by a process that stood still and whose claim another one has by then', async () => {
    await using world = await reading([HOLDING]);
    world.consumers.progress.set(CHECKOUT.address, UNHEALTHY);
    world.consumers.onceBegun = async () => {
      world.clock.jump(2 * HOUR_MS);
      const now = world.clock.now();
      const claims = await world.journal.claim({ now, holder: 'another', leaseMs: HOUR_MS, limit: 1 });
      expect(claims).toHaveLength(1);
    };
    await world.advance(5 * MINUTE_MS);
    expect(world.consumers.onceBegun).toBeUndefined();
    expect(await holdKinds(world)).toEqual([]);
  });

  it('holds nobody who only wants to hear of it, and no rotation that a person asks for', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const holding = await configured(world, 0, [HOLDING]);
    const reporting = await configured(world, 1);
    await world.configure(holding, reporting);
    await world.advance(MINUTE_MS);
    world.consumers.progress.set(CHECKOUT.address, UNHEALTHY);
    await world.advance(70 * MINUTE_MS);
    expect(world.kronup.mints(holding.accountIds[0])).toBe(1);
    expect(world.kronup.mints(reporting.accountIds[0])).toBe(2);
    await world.ask(holding, 'rotate');
    await world.advance(MINUTE_MS);
    expect(world.kronup.mints(holding.accountIds[0])).toBe(2);
  });
});
