/** One history from one seed: troubles, then calm, then the question whether everything is where it belongs. */
import type { Breakage } from './breakage.ts';
import { reconcileAll } from './people.ts';
import { BEGIN, MINUTE_MS } from './plan.ts';
import { unconverged, unnoticed } from './watch/ending.ts';
import type { Invariant, Violation } from './watch/verdicts.ts';
import { World } from './world.ts';

export interface History {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  readonly mints: number;
  readonly trace: readonly string[];
}

/** More events than any history needs: beyond, something never rests. */
const STEPS_MAX = 100_000;
/** A rotation may be going on at the end: then it is looked at again, so often. */
const GRACE_ROUNDS = 20;
const GRACE_ROUND_MS = 10_000;
/** In the calm, all is delivered by then. */
const RECONCILE_AFTER_MS = 35 * MINUTE_MS;

export async function runHistory(
  seed: number,
  {
    trace = false,
    breakage = {},
    heeds,
  }: {
    readonly trace?: boolean;
    readonly breakage?: Breakage;
    /** Findings about anything else are passed over; absent: none is. */
    readonly heeds?: Invariant | undefined;
  } = {},
): Promise<History> {
  using _patch = breakage.patch?.();
  const world = new World(seed, { trace, breakage, heeds });
  const { timeline, watch, plan } = world;
  const { violations } = watch.verdicts;
  using _turns = timeline.takeTurns();
  const isOver = () => {
    if (timeline.steps > STEPS_MAX)
      watch.verdicts.fail('run', `more than ${STEPS_MAX} events: something never rests`);
    return violations.length > 0;
  };
  const until = (end: number) => timeline.runUntil(end, isOver);
  const calmAt = BEGIN + plan.troubledMs + plan.offMs;
  await until(BEGIN + plan.troubledMs);
  if (plan.offMs > 0 && violations.length === 0) {
    world.switchOff();
    await until(calmAt);
  }
  if (violations.length === 0) {
    world.calm();
    await until(calmAt + RECONCILE_AFTER_MS);
  }
  for (const message of unnoticed(world)) watch.verdicts.fail(1, message);
  if (violations.length === 0) {
    reconcileAll(world);
    await until(calmAt + plan.calmMs);
  }
  // Somebody may just be minting.
  for (
    let left = GRACE_ROUNDS;
    left > 0 && violations.length === 0 && unconverged(world).length > 0;
    left--
  ) {
    await until(timeline.now + GRACE_ROUND_MS);
  }
  if (violations.length === 0) for (const message of unconverged(world)) watch.verdicts.fail(1, message);
  for (const { invariant, message } of violations)
    world.trace.add('checker', () => `VIOLATION (${invariant}): ${message}`);
  return { seed, violations, steps: timeline.steps, mints: watch.mints.all.length, trace: world.trace.lines };
}
