import { expect, it } from 'vitest';
import { ONCE } from '../world/before-slot.ts';
import { engineWorld, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

const ACCOUNTS = 30;
const BLIP_MS = 2_000;

it('goes on with what was minted before it begins with others, however many are due', async () => {
  await using world = await engineWorld({
    emulator: { accounts: ACCOUNTS },
    provider: { rate: 2 },
    settings: { concurrency: 2, concurrencyPerProvider: 2 },
  });
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => world.account(index, { schedule: ONCE }));
  await world.configure(...accounts);
  await world.advance(59 * MINUTE_MS);
  world.onceMinted(() => {
    world.files.readOnly = DOWN;
    void world.clock.sleep(BLIP_MS).then(() => delete world.files.readOnly);
  });
  await world.advance(5 * MINUTE_MS);
  expect(world.factsOf('target-failed').length).toBeGreaterThan(0);
  const dark = world.factsOf('rotation-succeeded').map(({ darkWindowMs = 0 }) => darkWindowMs);
  expect(dark).toHaveLength(ACCOUNTS);
  expect(Math.max(...dark)).toBeLessThan(5 * BLIP_MS);
});
