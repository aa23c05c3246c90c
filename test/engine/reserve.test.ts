import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';

const DAY_MS = 24 * HOUR_MS;

type World = EngineWorld & { billing: Account };

/** An adopted account with hourly slots; of the day's calls, few are left over the reserve. */
async function short(provider: { readonly dailyLimit: number; readonly reserve: number }): Promise<World> {
  const world = await engineWorld({ provider });
  const billing = world.account(0, { schedule: HOURLY });
  await world.configure(billing);
  await world.settle();
  return Object.assign(world, { billing });
}

function callsMade(world: World): number {
  return world.kronup.calls({ caller: world.kronup.manager.id });
}

async function sharedHolds(world: EngineWorld): Promise<string[]> {
  return (await world.journal.shared()).holds.map(({ kind, subject }) => `${kind} ${subject}`);
}

describe('a day of which only the reserve of calls is left', () => {
  it('mints nothing, holds the provider until the next day, and then runs the newest slot', async () => {
    await using world = await short({ dailyLimit: 40, reserve: 20 });
    await world.advance(20 * HOUR_MS);
    const minted = world.kronup.mints();
    expect(minted).toBeGreaterThan(2);
    expect(minted).toBeLessThan(19);
    expect(await sharedHolds(world)).toEqual(['reserve-low kronup']);
    const [hold] = (await world.journal.shared()).holds;
    expect(hold?.until).toBe(Date.parse('2026-01-06T00:00:00Z'));
    expect(callsMade(world)).toBeLessThanOrEqual(20 + 2);
    await world.advance(4 * HOUR_MS + 10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(minted + 1);
    expect(world.factsOf('rotation-opened').at(-1)?.slot).toBe(Date.parse('2026-01-06T00:00:00Z'));
    expect(await sharedHolds(world)).toEqual([]);
    expect(world.events.filter((kind) => kind.startsWith('reserve'))).toEqual([
      'reserve-low',
      'reserve-enough',
    ]);
  });

  it('stops what a person asks for as well, and does it when there are calls again', async () => {
    await using world = await short({ dailyLimit: 40, reserve: 37 });
    const { state } = await world.ask(world.billing, 'rotate');
    expect(state).toBe('taken');
    expect(world.kronup.mints()).toBe(0);
    await world.advance(DAY_MS);
    expect(world.factsOf('rotation-opened')[0]?.trigger).toBe('manual');
    expect(world.kronup.mints()).toBeGreaterThan(0);
  });

  it('still finds out about a mint whose answer was lost, and delivers what it brought', async () => {
    await using world = await short({ dailyLimit: 40, reserve: 35 });
    await world.advance(HOUR_MS - 2 * MINUTE_MS);
    world.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    await world.advance(5 * MINUTE_MS);
    expect(await sharedHolds(world)).toEqual(['reserve-low kronup']);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    const live = await world.kronup.liveToken(world.billing.accountIds[0]);
    expect(await world.file(`${world.billing.name}/token`)).toBe(live.reveal());
  });

  it('sends no mint with the calls of the reserve, however many were decided together', async () => {
    const accounts = 20;
    await using world = await engineWorld({
      emulator: { accounts },
      provider: { dailyLimit: 40, reserve: 15 },
    });
    await world.configure(
      ...Array.from({ length: accounts }, (_, index) => world.account(index, { schedule: HOURLY })),
    );
    await world.advance(HOUR_MS);
    const calls = world.kronup.events.filter(
      (event) => event.kind === 'called' && event.caller === world.kronup.manager.id,
    );
    const lastMint = calls.findLastIndex((event) => event.kind === 'called' && event.method === 'PUT');
    expect(lastMint + 1).toBeLessThanOrEqual(25);
    expect(world.kronup.mints()).toBeGreaterThan(10);
  });

  it('puts off looks that nothing depends on while calls are short, before they stop mints', async () => {
    await using world = await short({ dailyLimit: 60, reserve: 25 });
    await world.kronup.person.close(world.billing.accountIds[0]);
    await world.advance(2 * HOUR_MS);
    const before = callsMade(world);
    await world.advance(20 * HOUR_MS);
    expect(callsMade(world) - before).toBe(0);
    await world.advance(4 * HOUR_MS);
    expect(callsMade(world) - before).toBeGreaterThan(0);
  });

  it('is over when the provider takes calls again, which it is asked for by itself', async () => {
    await using world = await engineWorld({ upkeep: true });
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.advance(59 * MINUTE_MS);
    world.kronup.fault({ kind: 'status', status: 429, method: 'PUT', times: 1 });
    await world.advance(2 * MINUTE_MS);
    expect(await sharedHolds(world)).toEqual(['reserve-low kronup']);
    expect(world.kronup.mints()).toBe(0);
    for (let rounds = 0; rounds < 12; rounds++) await world.advance(MINUTE_MS / 4);
    expect(await sharedHolds(world)).toEqual([]);
    expect(world.kronup.mints()).toBe(1);
  });
});
