import { describe, expect, it } from 'vitest';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';

const YEAR_MS = 365 * 24 * HOUR_MS;

/** With an account that is rotated every hour, and a history of ten minutes. */
async function adopted(): Promise<EngineWorld> {
  const settings = { historyMs: 10 * MINUTE_MS };
  const world = await engineWorld({ now: '2026-01-05T00:30:30Z', upkeep: true, settings });
  await world.configure(world.account(0, { schedule: HOURLY }));
  await world.settle();
  return world;
}

/** The oldest fact that the journal has. */
async function oldestKind(world: EngineWorld): Promise<string | undefined> {
  const { items } = await world.journal.facts({ account: world.account(0).name, limit: 1_000 });
  return items.at(-1)?.kind;
}

describe('the history', () => {
  it('forgets what is older than journal.retention also when it never runs for an hour', async () => {
    await using world = await adopted();
    await world.advance(20 * MINUTE_MS);
    await world.restart();
    await world.advance(20 * MINUTE_MS);
    await world.restart();
    expect(world.events).toContain('journal-pruned');
    expect(await oldestKind(world)).not.toBe('account-adopted');
  });

  it('forgets nothing while the clocks of services say that its own is wrong', async () => {
    await using world = await adopted();
    world.setMachineClock(YEAR_MS);
    await world.advance(90 * MINUTE_MS);
    await world.restart();
    expect((await world.journal.shared()).holds.map(({ kind }) => kind)).toEqual(['clock-skew']);
    expect(await oldestKind(world)).toBe('account-adopted');
  });

  it('forgets nothing before a service has told what time it is', async () => {
    await using world = await adopted();
    await world.engine.stop(1_000);
    world.setMachineClock(YEAR_MS);
    await world.restart();
    await world.restart();
    expect(world.events).not.toContain('journal-pruned');
    expect(await oldestKind(world)).toBe('account-adopted');
  });
});
