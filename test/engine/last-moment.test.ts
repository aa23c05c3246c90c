import { describe, expect, it } from 'vitest';
import { engineWorld, HOURLY, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';

/** A minute before a slot, with something that happens while the mint waits inside the provider for its turn. */
async function beforeMint(act: (world: EngineWorld) => void): Promise<EngineWorld> {
  const world = await engineWorld();
  const billing = world.account(0, { schedule: HOURLY });
  await world.configure(billing);
  await world.advance(59 * MINUTE_MS);
  world.onceMinting(() => act(world));
  return world;
}

describe('a mint that waits for its turn at the provider', () => {
  it('is not sent once the daemon stops, and is sent after the next start', async () => {
    let stopped: Promise<void> | undefined;
    await using world = await beforeMint(({ engine }) => {
      stopped = engine.stop(50_000);
    });
    await world.clock.advance(MINUTE_MS);
    world.engine.wake();
    while (stopped === undefined) await new Promise((resolve) => setImmediate(resolve));
    await stopped;
    expect(world.kronup.calls({ method: 'PUT' })).toBe(0);
    expect(world.factsOf('mint-refused')).toMatchObject([{ failure: 'not-connected', counts: false }]);
    await world.revive();
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  it('is not sent when the account was seen too long ago by then, and soon after it was seen again', async () => {
    let putsAtFirst: number | undefined;
    await using world = await beforeMint(({ clock }) => clock.jump(10_000));
    const { telemetry } = world.parts;
    const fact = telemetry.fact.bind(telemetry);
    telemetry.fact = (subject, what) => {
      fact(subject, what);
      if (what.kind === 'mint-refused') putsAtFirst ??= world.kronup.calls({ method: 'PUT' });
    };
    await world.advance(5 * MINUTE_MS);
    expect(putsAtFirst).toBe(0);
    const [refused] = world.factsOf('mint-refused');
    expect(refused).toMatchObject({ failure: 'not-connected', counts: false });
    expect(refused?.message).toContain('account open, pre-image seen');
    expect((refused?.retryAt ?? Infinity) - (refused?.at ?? 0)).toBeLessThan(10_000);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });
});

describe('a mint right after a delivery', () => {
  it('is sent once the account was seen since then, also where the clock was put back during the delivery', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.settle();
    await world.put(`${billing.name}/token`, 'changed by somebody');
    const looks = () => world.kronup.calls({ operation: 'serviceAccountRead' });
    let [atDelivery, atMint]: (number | undefined)[] = [];
    world.files.onWrite = () => {
      atDelivery ??= looks();
      world.clock.jump(-200);
    };
    const { telemetry } = world.parts;
    const fact = telemetry.fact.bind(telemetry);
    telemetry.fact = (subject, what) => {
      fact(subject, what);
      if (what.kind === 'target-written') world.clock.jump(300);
    };
    world.onceMinting(() => void (atMint = looks()));
    await world.advance(HOUR_MS + MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(atMint).toBeGreaterThan(atDelivery ?? Infinity);
  });
});
