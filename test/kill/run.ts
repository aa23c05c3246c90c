/** Strikes every point of every scenario, several at a time. */
import { liveClean } from './clean.ts';
import type { Clean } from './clean.ts';
import { strikeInTurn } from './chain.ts';
import { strikeFresh } from './fresh.ts';
import { createPlaces } from './places.ts';
import type { Places } from './places.ts';
import { isInTurn, planOf } from './plan.ts';
import type { Point } from './point.ts';
import type { Scenario } from './scenario.ts';
import { startStores } from './stores.ts';
import type { Struck } from './struck.ts';
import type { Ground } from './world.ts';

export interface RunOptions {
  /** The compiled program. */
  readonly main: string;
  readonly scenarios: readonly Scenario[];
  readonly only?: string | undefined;
  readonly sample?: number | undefined;
  /** How many daemons may be at work at once. */
  readonly width: number;
  say(line: string): void;
}

export interface RunResult {
  readonly struck: readonly Struck[];
  /** Points that no try came to. */
  readonly unreached: readonly { readonly scenario: string; readonly point: Point }[];
}

/** Chains of each scenario: as many as there are daemons at work would leave the last ones alone. */
const CHAINS = 6;
/** Two runs are never quite the same: a commit more or less, and a point is not come to. */
const TRIES = 3;

export async function strikeAll(options: RunOptions): Promise<RunResult> {
  const { scenarios, main } = options;
  const kinds = new Set(scenarios.flatMap(({ targets }) => targets.map(({ store }) => store)));
  await using stores = await startStores([...kinds]);
  const places = createPlaces(options.width);
  const parts = await Promise.all(
    scenarios.map((scenario, index) =>
      strikeScenario(scenario, { ...options, ground: { main, stores }, places, isFirst: index === 0 }),
    ),
  );
  return {
    struck: parts.flatMap(({ struck }) => struck),
    unreached: parts.flatMap(({ unreached }) => unreached),
  };
}

interface Striking extends RunOptions {
  readonly ground: Ground;
  readonly places: Places;
  readonly isFirst: boolean;
}

async function strikeScenario(scenario: Scenario, options: Striking): Promise<RunResult> {
  const { ground, places, only, sample, isFirst } = options;
  const clean = await places.take(() => liveClean(scenario, ground));
  const firstSight = scenario.targets.length === 1;
  const plan = planOf(clean, { isFirst, firstSight, only, sample });
  options.say(`${scenario.name}: ${plan.fresh.length + plan.inTurn.length} of ${clean.points.length} points`);
  const struck: Struck[] = [];
  let left: readonly Point[] = [...plan.fresh, ...plan.inTurn];
  for (let attempt = 1; attempt <= TRIES && left.length > 0; attempt++) {
    const missed: Point[] = [];
    await strikeOnce(left, { ...options, scenario, clean }, (point, result) => {
      if (result === undefined) missed.push(point);
      else struck.push(result);
    });
    left = missed;
  }
  options.say(`${scenario.name}: done`);
  return { struck, unreached: left.map((point) => ({ scenario: scenario.name, point })) };
}

async function strikeOnce(
  points: readonly Point[],
  { scenario, ground, clean, places }: Striking & { readonly scenario: Scenario; readonly clean: Clean },
  told: (point: Point, struck: Struck | undefined) => void,
): Promise<void> {
  const fresh = points.filter((point) => !isInTurn(point));
  const inTurn = points.filter(isInTurn);
  const alone = fresh.map((point) =>
    places.take(async (place) => told(point, await strikeFresh(point, { scenario, ground, clean, place }))),
  );
  // Points that are next to one another may have to wait for the same thing: each chain gets some of them.
  const chains = Array.from({ length: CHAINS }, (_, chain) =>
    inTurn.filter((_point, index) => index % CHAINS === chain),
  );
  const chained = chains.map((some) =>
    places.take((place) => strikeInTurn(some, { scenario, ground, clean, place }, told)),
  );
  await Promise.all([...alone, ...chained]);
}
