import { expect, it } from 'vitest';
import { adoptedWithOverlap, NEVER } from '../world/adopted.ts';
import { MINUTE_MS } from '../world/engine-world.ts';

it('is tried again later, and said, where each look takes longer than a mint may rest on it', async () => {
  await using world = await adoptedWithOverlap({ schedule: NEVER });
  const { overlap, shipping } = world;
  let looks = 0;
  overlap.onLook = () => {
    looks += 1;
    world.clock.pass(12_000);
  };
  await world.ask(shipping, 'rotate');
  await world.advance(10 * MINUTE_MS);
  expect(looks).toBeLessThan(20);
  const { lastFailure } = await world.record(shipping);
  expect(lastFailure?.message).toContain('the provider took 12s to show the account');
  expect(overlap.names('o1')).toHaveLength(1);
  overlap.onLook = () => undefined;
  await world.advance(10 * MINUTE_MS);
  expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
});
