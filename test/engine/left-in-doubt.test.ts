import { describe, expect, it } from 'vitest';
import { adoptedWithGrace as adopted } from '../world/adopted.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';

describe('an account that is deleted while nobody knows whether its mint happened', () => {
  it.each([
    ['once its mint has settled', 2 * MINUTE_MS],
    ['also where an old credential had to be retired', HOUR_MS + 2 * MINUTE_MS],
  ])('leaves when it is taken out of the configuration, %s', async (_name, fromMs) => {
    await using world = await adopted({ graceMs: 2 * HOUR_MS });
    await world.advance(fromMs - 2 * MINUTE_MS);
    world.overlap.mints.push('lost-before');
    await world.advance(2 * MINUTE_MS);
    expect(world.factsOf('mint-unknown')).toHaveLength(1);
    world.overlap.accounts.delete('o1');
    await world.configure();
    await world.advance(MINUTE_MS);
    expect(world.factsOf('account-left')).toEqual([]);
    await world.advance(24 * HOUR_MS);
    expect(world.factKinds()).not.toContain('mint-settled');
    expect(await world.record(world.shipping)).toMatchObject({ leftAt: expect.any(Number) as number });
    expect(world.factsOf('rotation-abandoned').map(({ why }) => why)).toEqual([
      expect.stringContaining('whether its last mint happened cannot be found out'),
    ]);
  });
});
