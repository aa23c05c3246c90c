/** Uses a port of the simulated world from outside it: time goes on for as long as something is asked of the port. */
import { diceOf } from '../dice.ts';
import { Host, HostClock } from '../host.ts';
import { planOf } from '../plan.ts';
import type { Plan } from '../plan.ts';
import type { Timeline } from '../timeline.ts';
import { World } from '../world.ts';

const STEP_MS = 1_000;

/** A world without troubles, made from the first seed whose plan is as wanted, and a host in it that nothing runs on. */
export function calmWorld(isWanted: (plan: Plan, seed: number) => boolean): {
  readonly world: World;
  readonly host: Host;
} {
  let seed = 1;
  while (!isWanted(planOf(diceOf(seed).fork(), 'in-place'), seed)) seed++;
  const world = new World(seed, { trace: true, breakage: {}, heeds: undefined });
  world.calm();
  const clock = new HostClock(world.timeline, { ahead: 0, rate: 1 });
  const host = new Host('tester', world.timeline, clock);
  clock.owner = host;
  return { world, host };
}

/** The port, with time that passes while its answers are waited for. */
export function played<T extends object>(port: T, timeline: Timeline): T {
  let waiting = 0;
  const play = async () => {
    while (waiting > 0) await timeline.runUntil(timeline.now + STEP_MS, () => waiting === 0);
  };
  const wait = async (answer: Promise<unknown>) => {
    waiting++;
    const playing = waiting === 1 ? play() : undefined;
    try {
      return await answer;
    } finally {
      waiting--;
      await playing;
    }
  };
  return new Proxy(port, {
    get(_, name) {
      const own = Reflect.get(port, name, port) as unknown;
      if (typeof own !== 'function') return own;
      return (...given: unknown[]) => {
        const answer = Reflect.apply(own, port, given) as unknown;
        return answer instanceof Promise ? wait(answer) : answer;
      };
    },
  });
}
