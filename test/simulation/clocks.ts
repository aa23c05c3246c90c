/**
 * What time machines show: which clock is wrong from the start, and by how much one is set. Processes that share a journal have clocks
 * that agree, and whoever is off for a day has one that somebody keeps right.
 */
import { diceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { HostClock, wrongMs } from './host.ts';
import { HOUR_MS, MINUTE_MS } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Timeline } from './timeline.ts';
import type { World } from './world.ts';

/** Makes other dice of the seed than those for all else. */
const OWN = 0x61_3d_f0_2b;
/** Clocks that are wrong from the start among those of single processes. */
const WRONG_SHARE = 0.06;
/** Histories in which a clock is set beside what people do anyway, of those that do not rotate in place. */
const SET_SHARE = 0.15;
/** At every tenth minute there is a slot of some schedule, as there is at the beginning of each history. */
const SLOTS_MS = 10 * MINUTE_MS;
/** Clocks of replicas differ by no more. */
const AGREE_MS = 2_000;

/** The clocks of all replicas. Those of histories in place are drawn from the dice of their world. */
export function clocksOf(
  timeline: Timeline,
  { plan, dice, seed }: { readonly plan: Plan; readonly dice: Dice; readonly seed: number },
): readonly HostClock[] {
  const own = plan.strategy === 'in-place' ? dice : diceOf(seed ^ OWN);
  const drift = plan.offMs > 0 ? 1_000_000 : 1_000;
  return Array.from({ length: plan.replicas }, () => {
    const ahead = plan.replicas > 1 ? dice.between(-1_000, 1_000) : isOneAlone(plan) ? drawWrong(own) : 0;
    return new HostClock(timeline, { ahead, rate: 1 + (dice.fraction() - 0.5) / drift });
  });
}

function drawWrong(dice: Dice): number {
  return dice.chance(WRONG_SHARE) ? wrongMs(dice) : 0;
}

function isOneAlone({ replicas, offMs }: Plan): boolean {
  return replicas === 1 && offMs === 0;
}

/**
 * Where several credentials work at a time, somebody sets clocks more often: how long ago something was decides about old ones. Rather soon
 * after a slot, when what was live before has just become old.
 */
export function planClocks(world: World, seed: number): void {
  const { plan, timeline } = world;
  const dice = diceOf(seed ^ OWN).fork();
  if (plan.strategy === 'in-place' || !isOneAlone(plan) || !dice.chance(SET_SHARE)) return;
  // The last one may be too late: in the calm nobody does anything.
  const slots = Math.floor(plan.troubledMs / SLOTS_MS) - 1;
  for (let left = dice.between(1, 2); left > 0; left--) {
    const afterMs = dice.between(1, slots) * SLOTS_MS + dice.between(10_000, 3 * MINUTE_MS);
    const most = dice.pick([4 * MINUTE_MS, 6 * HOUR_MS, 6 * HOUR_MS, 72 * HOUR_MS]);
    timeline.after(afterMs, () => setTo(world, world.replica(dice).clock, dice.between(-most, most)));
  }
}

/** Forwards or back, for good or for a while. */
export function setClock(world: World, dice: Dice): void {
  const { clock } = world.replica(dice);
  const most = isOneAlone(world.plan)
    ? dice.pick([30_000, 4 * MINUTE_MS, 4 * MINUTE_MS, 6 * HOUR_MS, 72 * HOUR_MS])
    : AGREE_MS;
  setTo(world, clock, dice.between(-most, most));
}

function setTo({ trace }: World, clock: HostClock, ahead: number): void {
  trace.add('person', () => `sets the clock of ${clock.owner?.name ?? '?'} ${ahead} ms ahead`);
  clock.set(ahead);
}
