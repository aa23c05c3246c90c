import { describe, expect, it } from 'vitest';
import { target, restart } from '../builders/account.ts';
import { engineWorld, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';
import { CHECKOUT, configured } from '../world/consumers-world.ts';

const HOOK = restart({ connection: 'deploys', does: 'webhook', address: 'deploys' });

describe('a consumer of several accounts', () => {
  it('is restarted once when they rotate together, for the newest of their values', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const one = await configured(world, 0);
    const late = { pattern: '0 1 * * * *', zone: 'UTC' };
    const other = await configured(world, 1, [CHECKOUT], { schedule: late });
    await world.configure(one, other);
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(2);
    expect(world.consumers.begun).toHaveLength(1);
    const needed = world.factsOf('target-confirmed').map(({ at }) => at);
    expect(world.consumers.begun[0]?.neededAt).toBe(Math.max(...needed));
    expect(world.factsOf('consumer-through')).toHaveLength(2);
  });

  it('is not waited for longer than five minutes', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const one = await configured(world, 0);
    const { name } = world.account(1);
    const stuck = world.account(1, {
      schedule: HOURLY,
      targets: [target(`safe:${name}/token`, { consumers: [CHECKOUT] })],
    });
    await world.configure(one, stuck);
    await world.advance(MINUTE_MS);
    world.consumers.begun.length = 0;
    world.safe.down = DOWN;
    await world.advance(5 * MINUTE_MS);
    expect(world.consumers.begun).toEqual([]);
    expect(
      (await world.record(one)).targets[one.targets[0].id]?.refresh?.consumers[CHECKOUT.id]?.lastWhy,
    ).toBe('waits for other accounts that rotate now');
    await world.advance(2 * MINUTE_MS);
    expect(world.consumers.begun).toMatchObject([{ account: one.name }]);
  });

  it('that is a webhook is called for each of them, at once', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const late = { pattern: '0 1 * * * *', zone: 'UTC' };
    const one = await configured(world, 0, [HOOK]);
    const other = await configured(world, 1, [HOOK], { schedule: late });
    await world.configure(one, other);
    await world.advance(100_000);
    expect(world.consumers.begun.map(({ account }) => account)).toEqual([one.name]);
    await world.advance(10 * MINUTE_MS);
    expect(world.consumers.begun.map(({ account }) => account)).toEqual([one.name, other.name]);
  });
});
