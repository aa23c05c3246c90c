import { describe, expect, it } from 'vitest';
import { createWallClock } from '../../src/engine/wall-clock.ts';
import type { EngineParts } from '../../src/engine/parts.ts';
import { FakeClock } from '../world/fake-clock.ts';

const HOUR_MS = 3_600_000;

function opened({ newestAt, runningSince }: { newestAt?: number; runningSince?: number } = {}) {
  const clock = new FakeClock();
  const woken: number[] = [];
  const journal = {
    newestAt: () => Promise.resolve(newestAt),
    wakeAll: (now: number) => Promise.resolve(void woken.push(now)),
  } as unknown as EngineParts['journal'];
  const telemetry = { event: () => undefined } as unknown as EngineParts['telemetry'];
  const settings = { runningSince: runningSince ?? clock.now() } as EngineParts['settings'];
  return { clock, woken, wall: createWallClock({ clock, journal, telemetry, settings }) };
}

describe('the wall clock', () => {
  it('makes all accounts due once, when it was put back', async () => {
    const { clock, woken, wall } = opened();
    await wall.turn();
    clock.jump(-HOUR_MS);
    await wall.turn();
    await wall.turn();
    expect(woken).toEqual([clock.now()]);
  });

  it('makes nobody due when it goes on, is set ahead, or is put right by a little', async () => {
    const { clock, woken, wall } = opened();
    await wall.turn();
    await clock.advance(30_000);
    await wall.turn();
    clock.jump(HOUR_MS);
    await wall.turn();
    clock.jump(-1_000);
    await wall.turn();
    expect(woken).toEqual([]);
  });

  it('makes all accounts due at the start where the journal was written later than now', async () => {
    const before = opened({ newestAt: new FakeClock().now() + HOUR_MS });
    await before.wall.turn();
    expect(before.woken).toEqual([before.clock.now()]);
    const after = opened({ newestAt: new FakeClock().now() - HOUR_MS });
    await after.wall.turn();
    expect(after.woken).toEqual([]);
  });

  it('does not forget that it was put back when somebody has asked since when it is steady', async () => {
    const { clock, woken, wall } = opened();
    await wall.turn();
    expect(wall.steadySince()).toBe(0);
    clock.jump(-HOUR_MS);
    expect(wall.steadySince()).toBe(clock.now());
    await wall.turn();
    expect(woken).toHaveLength(1);
  });

  it('is steady since it was last set, whichever way', async () => {
    const { clock, wall } = opened();
    clock.jump(HOUR_MS);
    const setAt = clock.now();
    expect(wall.steadySince()).toBe(setAt);
    await clock.advance(10_000);
    expect(wall.steadySince()).toBe(setAt);
  });

  it('has shown how long the process runs, also where it was wrong at the start', async () => {
    const { clock, wall } = opened();
    await clock.advance(10_000);
    clock.jump(-72 * HOUR_MS);
    expect(wall.runningSince()).toBe(clock.now() - 10_000);
    // Slots that a clock is set past are run: nobody missed them.
    const before = wall.runningSince();
    clock.jump(144 * HOUR_MS);
    expect(wall.runningSince()).toBe(before);
  });

  it('counts nothing as missed where nothing is to count', async () => {
    const { clock, wall } = opened({ runningSince: 0 });
    await wall.turn();
    await clock.advance(HOUR_MS);
    await wall.turn();
    expect(wall.runningSince()).toBe(0);
  });

  it('runs anew after a pause of the process', async () => {
    const { clock, wall } = opened();
    await wall.turn();
    await clock.advance(HOUR_MS);
    await wall.turn();
    expect(wall.runningSince()).toBe(clock.now());
  });
});
