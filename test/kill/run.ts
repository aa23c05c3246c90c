/** Strikes every point of every scenario, several at a time. */
import { strikeInTurn } from './chain.ts';
import { liveClean } from './clean.ts';
import type { Clean } from './clean.ts';
import { canMount, canMountDevice } from './disk.ts';
import { disturbInTurn } from './disturb.ts';
import { DISTURBANCES } from './disturbances.ts';
import type { Disturbance } from './disturbances.ts';
import { strikeFresh } from './fresh.ts';
import { keptInMemory } from './kept.ts';
import type { Kept } from './kept.ts';
import { createPlaces } from './places.ts';
import type { Place, Places } from './places.ts';
import { isInTurn, planOf, requestsOf } from './plan.ts';
import type { Point } from './point.ts';
import type { Scenario } from './scenario.ts';
import { startStores } from './stores.ts';
import { KILLED } from './struck.ts';
import type { Struck } from './struck.ts';
import { createUnfinished } from './unfinished.ts';
import type { Ground } from './world.ts';

export interface RunOptions {
  /** The bundled program. */
  readonly main: string;
  readonly scenarios: readonly Scenario[];
  /** Only what is struck by something with this in its name. */
  readonly by?: string | undefined;
  /** Only points with this in their name. */
  readonly only?: string | undefined;
  /** At most so many points of each scenario for each way to strike. */
  readonly sample?: number | undefined;
  /** How many daemons may be at work at once. */
  readonly width: number;
  /** What is known already, and where more is kept; absent: in memory. */
  readonly kept?: Kept;
  /** Interrupts the run: it ends what it has begun, and rejects. */
  readonly signal?: AbortSignal;
  say(line: string): void;
}

/** A point that no try came to. */
export interface Unreached {
  readonly by: string;
  readonly scenario: string;
  readonly point: Point;
}

export interface RunResult {
  readonly struck: readonly Struck[];
  readonly unreached: readonly Unreached[];
}

/** Chains of each scenario: as many as there are daemons at work would leave the last ones alone. */
const CHAINS = 6;
/** Two runs are never quite the same: a commit more or less, and a point is not come to. */
const TRIES = 3;

/** Answers what is known of all points, also by earlier runs. */
export async function strikeAll(options: RunOptions): Promise<RunResult> {
  const { kept = keptInMemory(), signal } = options;
  const unfinished = createUnfinished();
  const work = strike(options, { kept, unfinished });
  // When it is interrupted, nobody waits for what it was doing.
  work.catch(() => undefined);
  try {
    await Promise.race([work, ...(signal === undefined ? [] : [aborted(signal)])]);
  } catch (error) {
    kept.close();
    await unfinished.endAll();
    throw error;
  }
  return kept.result;
}

async function strike(
  options: RunOptions,
  { kept, unfinished }: Pick<Part, 'kept'> & Pick<Ground, 'unfinished'>,
): Promise<void> {
  const { scenarios, main } = options;
  const kinds = new Set(scenarios.flatMap(({ targets }) => targets.map(({ store }) => store)));
  const starting = startStores([...kinds]);
  await using _stores = unfinished.use({
    [Symbol.asyncDispose]: async () => await (await starting)[Symbol.asyncDispose](),
  });
  const stores = await starting;
  const places = createPlaces(options.width);
  const mountable = { disks: await canMount(), device: await canMountDevice() };
  if (!mountable.disks) options.say('disks cannot be mounted here: what needs one is left out');
  else if (!mountable.device)
    options.say('devices cannot be mounted here (mkfs.ext4): what needs one is left out');
  const ground = { main, stores, unfinished };
  await Promise.all(
    scenarios.map((scenario, index) =>
      strikeScenario({
        ...options,
        scenario,
        ground,
        places,
        kept,
        isFirst: index === 0,
        everyCall: index === scenarios.findIndex((other) => rotatesLike(other, scenario)),
        mountable,
      }),
    ),
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const tell = () => reject(signal.reason as Error);
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true });
  });
}

/** What can be had here of that which a world may need. */
type Mountable = Readonly<Record<'disks' | 'device', boolean>>;

interface Part extends RunOptions {
  readonly scenario: Scenario;
  readonly ground: Ground;
  readonly places: Places;
  readonly kept: Kept;
  readonly isFirst: boolean;
  /** It is the first of its strategy. */
  readonly everyCall: boolean;
  readonly mountable: Mountable;
}

function rotatesLike(one: Scenario, other: Scenario): boolean {
  return one.provider === other.provider && one.strategy === other.strategy;
}

type Told = (point: Point, struck: Struck | undefined) => void;

async function strikeScenario(part: Part): Promise<void> {
  const { scenario, by = '', mountable } = part;
  const clean = await cleanOf(part);
  const disturbances = DISTURBANCES.filter(
    (each) => each.name.includes(by) && suits(each, scenario, mountable),
  );
  await Promise.all([
    ...(KILLED.includes(by) ? [kill(part, clean)] : []),
    ...disturbances.map((disturbance) => disturb(part, clean, disturbance)),
  ]);
  part.say(`${scenario.name}: done`);
}

async function cleanOf({ scenario, ground, places, kept }: Part): Promise<Clean> {
  const known = kept.cleanOf(scenario.name);
  if (known !== undefined) return known;
  const clean = await places.take(() => liveClean(scenario, ground));
  kept.keep({ kind: 'clean', scenario: scenario.name, clean });
  return clean;
}

/** Broken disks are the files' business; the rest is tried with each store alone and with all of them. */
function suits({ world, breaksDisk }: Disturbance, { targets }: Scenario, mountable: Mountable): boolean {
  if ((world.disks && !mountable.disks) || (world.device && !mountable.device)) return false;
  const plain = new Set(targets.map(({ store }) => store)).size === targets.length;
  return plain && (!breaksDisk || targets.some(({ store }) => store === 'file'));
}

async function kill(part: Part, clean: Clean): Promise<void> {
  const { isFirst, everyCall, only, sample, scenario } = part;
  const firstSight = scenario.targets.length === 1;
  const points = planOf(clean, { isFirst, everyCall, firstSight, only, sample });
  part.say(`${scenario.name}: ${points.length} points`);
  await again(KILLED, part, points, (some, told) => killOnce(some, part, clean, told));
}

async function killOnce(points: readonly Point[], part: Part, clean: Clean, told: Told): Promise<void> {
  const { scenario, ground, places } = part;
  const inTurn = points.filter(isInTurn);
  const fresh = points.filter((point) => !isInTurn(point));
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

async function disturb(part: Part, clean: Clean, disturbance: Disturbance): Promise<void> {
  const { scenario, ground, places, only, sample } = part;
  const points = requestsOf(clean, { only, sample });
  await again(disturbance.name, part, points, (some, told) =>
    places.take((place: Place) => disturbInTurn(some, disturbance, { scenario, ground, clean, place }, told)),
  );
}

/** Those of the points that are not known yet, until all were come to or enough was tried. */
async function again(
  by: string,
  { kept, scenario: { name: scenario } }: Part,
  points: readonly Point[],
  strike: (points: readonly Point[], told: Told) => Promise<void>,
): Promise<void> {
  let left = points.filter((point) => !kept.knows(by, scenario, point));
  for (let attempt = 1; attempt <= TRIES && left.length > 0; attempt++) {
    const missed: Point[] = [];
    await strike(left, (point, struck) => {
      if (struck === undefined) missed.push(point);
      else kept.keep({ kind: 'struck', struck });
    });
    left = missed;
  }
  for (const point of left) kept.keep({ kind: 'unreached', unreached: { by, scenario, point } });
}
