/** Slots that came before a schedule was configured for an account are none of its slots. */
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { Fact } from '../../src/domain/fact.ts';
import { target } from '../builders/account.ts';
import { beforeSlot } from '../world/before-slot.ts';
import type { BeforeSlot } from '../world/before-slot.ts';
import { HOURLY, MINUTE_MS } from '../world/engine-world.ts';

const YEARLY = { pattern: '0 0 1 1 *', zone: 'UTC' };
const UNTIL_TWENTY_PAST = [{ opens: { pattern: '50 * * * *', zone: 'UTC' }, durationMs: 30 * MINUTE_MS }];

/** What was noted about slots: that one was missed, held, skipped or taken over. */
function factsOfSlots(world: BeforeSlot): readonly Fact[] {
  return world.facts.filter((fact) => 'slot' in fact && fact.slot !== undefined);
}

/** So slowly that the machine never seems to have stood still. */
async function pass(world: BeforeSlot, minutes: number): Promise<void> {
  for (let half = 0; half < 2 * minutes; half++) await world.advance(MINUTE_MS / 2);
}

async function configure(world: BeforeSlot, changes: Partial<Account>): Promise<void> {
  await world.configure({ ...world.billing, ...changes });
  await pass(world, 1);
}

describe('a schedule that is configured for an account that is known', () => {
  it('brings no slot from before: the first one is the next', async () => {
    await using world = await beforeSlot({ schedule: YEARLY });
    await pass(world, 30);
    await configure(world, { schedule: HOURLY });
    await pass(world, 28);
    expect(world.kronup.mints()).toBe(0);
    expect(factsOfSlots(world)).toEqual([]);
    await pass(world, 5);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('brings none in another time zone either, nor where there was no schedule', async () => {
    await using world = await beforeSlot({ schedule: YEARLY });
    await pass(world, 40);
    await configure(world, { schedule: { ...HOURLY, zone: 'Asia/Kolkata' } });
    await pass(world, 20);
    const { schedule: _, ...unscheduled } = world.billing;
    await world.configure(unscheduled);
    await pass(world, 20);
    await configure(world, { schedule: HOURLY });
    await pass(world, 20);
    expect(world.kronup.mints()).toBe(0);
    expect(factsOfSlots(world)).toEqual([]);
  });

  it('drops a slot that waits only where it is another schedule, whatever else is changed', async () => {
    await using world = await beforeSlot({ deny: UNTIL_TWENTY_PAST });
    await pass(world, 5);
    await configure(world, {
      priority: 3,
      jitterMs: MINUTE_MS,
      schedule: { ...HOURLY, pattern: '0  * * * *' },
      deny: UNTIL_TWENTY_PAST,
    });
    await pass(world, 20);
    expect(world.kronup.mints(world.id)).toBe(1);
    await pass(world, 38);
    await configure(world, { schedule: { ...HOURLY, pattern: '0 */2 * * *' }, deny: UNTIL_TWENTY_PAST });
    await pass(world, 50);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('lets a rotation go on that is open', async () => {
    await using world = await beforeSlot({
      targets: [target('files:billing/token'), target('safe:b/token')],
    });
    world.safe.down = { kind: 'store-unavailable', message: 'down' };
    await pass(world, 3);
    await configure(world, { schedule: YEARLY });
    delete world.safe.down;
    await pass(world, 10);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('is run once for a slot that passes while no daemon runs', async () => {
    await using world = await beforeSlot({ schedule: YEARLY });
    await pass(world, 10);
    await configure(world, { schedule: HOURLY });
    world.kill();
    await world.clock.advance(90 * MINUTE_MS);
    await world.revive();
    await pass(world, 16);
    expect(world.kronup.mints(world.id)).toBe(1);
  });
});

describe('an account that is back in the configuration', () => {
  it.each(['run', 'skip'] as const)('has no slot from when it was out of it (missed: %s)', async (missed) => {
    await using world = await beforeSlot({ missed });
    await world.configure();
    await pass(world, 40);
    await configure(world, { missed });
    await pass(world, 15);
    expect(world.kronup.mints()).toBe(0);
    expect(factsOfSlots(world)).toEqual([]);
    await pass(world, 10);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('has none either where something was still to be done for it meanwhile', async () => {
    await using world = await beforeSlot({
      targets: [target('files:billing/token'), target('safe:b/token')],
    });
    world.onceMinted(() => {
      world.safe.down = { kind: 'store-unavailable', message: 'down' };
    });
    await world.ask(world.billing, 'rotate');
    await world.configure();
    await pass(world, 40);
    expect(world.factsOf('account-left')).toEqual([]);
    await configure(world, {});
    delete world.safe.down;
    await pass(world, 15);
    expect(world.kronup.mints(world.id)).toBe(1);
    await pass(world, 10);
    expect(world.kronup.mints(world.id)).toBe(2);
  });
});
