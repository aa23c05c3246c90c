import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

const DAY_MS = 24 * HOUR_MS;

type World = EngineWorld & { billing: Account };

async function adopted(changes: Partial<Account> = {}): Promise<World> {
  const world = await engineWorld({ upkeep: true });
  const billing = world.account(0, { schedule: HOURLY, ...changes });
  await world.configure(billing);
  await world.settle();
  return Object.assign(world, { billing });
}

function slotsRun(world: World): string[] {
  return world
    .factsOf('rotation-opened')
    .flatMap(({ slot }) => (slot === undefined ? [] : [new Date(slot).toISOString().slice(5, 16)]));
}

async function heldKinds(world: World): Promise<string[]> {
  return (await world.journal.shared()).holds.map(({ kind }) => kind);
}

describe("a machine's clock that is days ahead of that of the services", () => {
  it('mints nothing unasked, uses no slot up, and says which clocks differ', async () => {
    await using world = await adopted();
    await world.advance(90 * MINUTE_MS);
    expect(slotsRun(world)).toEqual(['01-05T01:00']);
    world.setMachineClock(3 * DAY_MS);
    await world.advance(3 * HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(slotsRun(world)).toHaveLength(1);
    expect((await world.record(world.billing)).slot).toBe(Date.parse('2026-01-05T01:00:00Z'));
    expect(world.factsOf('slot-missed')).toEqual([]);
    expect(world.factsOf('slot-skipped')).toEqual([]);
    const [hold] = (await world.journal.shared()).holds;
    expect(hold?.kind).toBe('clock-skew');
    expect(hold?.reason).toContain('that of provider kronup says 2026-01-05');
    expect(hold?.reason).toContain("this machine's clock says 2026-01-08");
    expect(world.events.filter((kind) => kind === 'clock-skew')).toHaveLength(1);
  });

  for (const missed of ['run', 'skip'] as const) {
    it(`goes on with the next slot when it is put right: missed ${missed}`, async () => {
      await using world = await adopted({ missed });
      world.setMachineClock(3 * DAY_MS);
      await world.advance(20 * MINUTE_MS);
      world.setMachineClock(-3 * DAY_MS);
      await world.advance(2 * HOUR_MS);
      expect(slotsRun(world)).toEqual(['01-05T01:00', '01-05T02:00']);
      expect(world.kronup.mints()).toBe(2);
      expect(await heldKinds(world)).toEqual([]);
      expect(world.events).toContain('clocks-agree');
      expect(world.factsOf('slot-skipped')).toEqual([]);
    });
  }

  it('does what a person asks for, and its slots go on by the right time afterwards', async () => {
    await using world = await adopted({ missed: 'skip' });
    world.setMachineClock(3 * DAY_MS);
    await world.ask(world.billing, 'rotate');
    expect(world.kronup.mints()).toBe(1);
    world.setMachineClock(-3 * DAY_MS);
    await world.advance(2 * HOUR_MS);
    expect(slotsRun(world)).toEqual(['01-05T01:00', '01-05T02:00']);
  });

  it('is found at the start as well, before the first slot is used up', async () => {
    await using world = await adopted();
    await world.engine.stop(1_000);
    world.setMachineClock(3 * DAY_MS);
    await world.restart();
    await world.advance(2 * HOUR_MS);
    expect(slotsRun(world)).toEqual([]);
    expect(await heldKinds(world)).toEqual(['clock-skew']);
    world.setMachineClock(-3 * DAY_MS);
    await world.advance(HOUR_MS);
    expect(slotsRun(world)).toEqual(['01-05T02:00', '01-05T03:00']);
  });

  it('waits for an answer where the provider does not answer, and uses no slot up meanwhile', async () => {
    await using world = await adopted();
    await world.advance(40 * MINUTE_MS);
    const down = world.kronup.fault({ kind: 'status', status: 503 });
    world.setMachineClock(3 * DAY_MS);
    await world.advance(HOUR_MS);
    expect(slotsRun(world)).toEqual([]);
    world.setMachineClock(-3 * DAY_MS);
    down.lift();
    // What was missed runs at some instant within ten minutes.
    await world.advance(15 * MINUTE_MS);
    expect(slotsRun(world)).toEqual(['01-05T01:00']);
  });

  it('adopts an account that is new, and dates it anew when the clock is right', async () => {
    await using world = await engineWorld();
    world.setMachineClock(3 * DAY_MS);
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.settle();
    world.setMachineClock(-3 * DAY_MS);
    await world.advance(90 * MINUTE_MS);
    expect(slotsRun(Object.assign(world, { billing }))).toEqual(['01-05T01:00']);
  });
});

describe('a clock that differs by a little', () => {
  it('stops nothing', async () => {
    await using world = await adopted();
    world.setMachineClock(4 * MINUTE_MS);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(await heldKinds(world)).toEqual([]);
  });
});

describe('a clock that is put back by an hour', () => {
  it('delays no delivery of what was minted', async () => {
    await using world = await adopted();
    world.onceMinted(() => {
      world.files.down = DOWN;
    });
    await world.advance(HOUR_MS + 10 * MINUTE_MS);
    world.clock.jump(-HOUR_MS);
    delete world.files.down;
    await world.advance(6 * MINUTE_MS);
    const live = await world.kronup.liveToken(world.billing.accountIds[0]);
    expect(await world.file(`${world.billing.name}/token`)).toBe(live.reveal());
    expect(world.events).toContain('clock-put-back');
  });

  it('delays no retry of a look that failed, also when the process was not there to see it', async () => {
    await using world = await engineWorld();
    const down = world.kronup.fault({ kind: 'status', status: 503 });
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.advance(20 * MINUTE_MS);
    await world.engine.stop(1_000);
    world.clock.jump(-HOUR_MS);
    down.lift();
    await world.restart();
    await world.advance(MINUTE_MS);
    expect(world.factsOf('account-adopted')).toHaveLength(1);
  });

  it('delays no mint by minInterval after the last one for more than that', async () => {
    await using world = await adopted({ minIntervalMs: 30 * MINUTE_MS });
    await world.advance(59 * MINUTE_MS);
    await world.ask(world.billing, 'rotate');
    world.clock.jump(-HOUR_MS);
    await world.advance(35 * MINUTE_MS);
    expect(world.factsOf('clock-put-back').map(({ confirmed }) => confirmed)).toContain(true);
    const { mintedAt = 0 } = await world.record(world.billing);
    expect(mintedAt).toBeLessThanOrEqual(world.clock.now());
  });

  it('does not let a mint of unknown outcome be repeated before it has settled', async () => {
    await using world = await adopted();
    world.kronup.fault({ kind: 'late-effect', ms: 100_000, method: 'PUT', times: 1 });
    await world.advance(HOUR_MS);
    world.setMachineClock(-HOUR_MS);
    await world.advance(3 * MINUTE_MS);
    world.setMachineClock(HOUR_MS);
    await world.advance(3 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  it('does not hide that the policy was changed: whoever was parked under the one before is tried again', async () => {
    await using world = await adopted();
    const fault = world.kronup.fault({ kind: 'status', status: 403, method: 'PUT' });
    await world.advance(12 * HOUR_MS);
    expect((await world.record(world.billing)).parked).toBeDefined();
    fault.lift();
    world.clock.jump(-HOUR_MS);
    await world.configure({ ...world.billing, jitterMs: 5 });
    await world.settle();
    const kinds = world.factKinds();
    expect(kinds[kinds.lastIndexOf('clock-put-back') + 1]).toBe('policy-changed');
    expect((await world.record(world.billing)).parked).toBeUndefined();
  });
});
