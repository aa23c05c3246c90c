import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/domain/limits.ts';
import { createConditions } from '../../src/engine/conditions.ts';
import type { Conditions } from '../../src/engine/conditions.ts';
import { createHoldBoard } from '../../src/engine/hold-board.ts';
import { engineWorld } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';

type World = EngineWorld & { readonly conditions: Conditions };

/** Nobody has told the time yet. */
async function untold(): Promise<World> {
  const world = await engineWorld({ provider: { timeout: '2m' } });
  const sharedHolds = await createHoldBoard(world.parts);
  return Object.assign(world, { conditions: createConditions({ parts: world.parts, sharedHolds }) });
}

function ask({ conditions }: World) {
  return conditions.askTime('kronup', new AbortController().signal);
}

/** Asks once, and the provider takes so long to answer. */
async function askSlow(world: World, answerMs: number) {
  world.kronup.fault({ kind: 'latency', ms: answerMs, times: 1 });
  const asleep = world.clock.sleeping;
  const answer = ask(world);
  // The deadlines of the question and of its connection, and the service that takes its time.
  await world.clock.sleepers(asleep + 3);
  await world.clock.wakeSleepers();
  return answer;
}

describe('what time it is', () => {
  it('is known once the provider has told', async () => {
    await using world = await untold();
    expect(world.conditions.isTimeUnknown()).toBe(true);
    expect(await ask(world)).toMatchObject({ ok: true });
    expect(world.conditions.isTimeUnknown()).toBe(false);
    expect(world.conditions.isTimeCertain()).toBe(true);
  });

  it('is not told by an answer that took longer than a minute: the provider is asked again', async () => {
    await using world = await untold();
    const want =
      'kronup answered too slowly to tell what time it is; it is asked again, and no slot is used up before';
    const answer = await askSlow(world, 60_001);
    expect(answer).toStrictEqual({ ok: false, failure: { kind: 'no-answer', message: want } });
    expect(world.conditions.isTimeUnknown()).toBe(true);
    expect(await ask(world)).toMatchObject({ ok: true });
    expect(world.conditions.isTimeCertain()).toBe(true);
  });

  it('is told by an answer that took a minute', async () => {
    await using world = await untold();
    expect(await askSlow(world, 60_000)).toMatchObject({ ok: true });
    expect(world.conditions.isTimeCertain()).toBe(true);
  });

  it('is not asked for again for a day where the provider answers without a date, also one that told before', async () => {
    await using world = await untold();
    await ask(world);
    world.clock.pass(LIMITS.clockSeenMs + 1);
    world.parts.clocks.told = () => undefined;
    expect(world.conditions.isTimeUnknown()).toBe(true);
    expect(await ask(world)).toMatchObject({ ok: true });
    expect(world.conditions.isTimeUnknown()).toBe(false);
    world.clock.pass(LIMITS.clockSeenMs);
    expect(world.conditions.isTimeUnknown()).toBe(true);
  });
});
