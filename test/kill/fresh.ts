/** Strikes a daemon in its first life: in a world of its own, from an empty folder on, once. */
import type { RunningProcess } from '../world/daemon-process.ts';
import type { Clean } from './clean.ts';
import { isCut, killed, startArmed } from './cut.ts';
import { judgeAtRest, judgeDead, judgeFiles, judgeJournal, judgeSecrecy } from './judge.ts';
import type { Finding } from './judge.ts';
import { rest, rotate } from './life.ts';
import type { Wish } from './life.ts';
import { patiently, within } from './patience.ts';
import type { Place } from './places.ts';
import type { Point } from './point.ts';
import type { Scenario } from './scenario.ts';
import { KILLED, neverStruck, stuck } from './struck.ts';
import type { Struck } from './struck.ts';
import { isValueLost, openWorld } from './world.ts';
import type { Ground, World } from './world.ts';

/** How long a life may take, and how long a recovery: settling takes two minutes. */
export const LIFE_LIMIT_MS = 120_000;
export const RECOVERY_LIMIT_MS = 300_000;

export interface Striking {
  readonly scenario: Scenario;
  readonly ground: Ground;
  readonly clean: Clean;
  readonly place: Place;
}

/** Answers nothing where the daemon did not come to the point. */
export async function strikeFresh(
  point: Point,
  { scenario, ground, clean, place }: Striking,
): Promise<Struck | undefined> {
  await using world = await openWorld(scenario, ground);
  const wish: Wish = { request: 'first' };
  const armed = startArmed(world, point);
  try {
    if (!(await isCut(armed, within(LIFE_LIMIT_MS, lifeOf(world, armed.daemon, wish))))) return undefined;
  } catch (error) {
    return neverStruck(KILLED, scenario.name, point, stuck(armed.daemon, error));
  } finally {
    await killed(armed.daemon);
    armed.disarm();
  }
  const findings = [...(await judgeDead(world, [armed.daemon.output()], wish.since === undefined))];
  const valueLost = await isValueLost(world);
  const again = world.start();
  const from = performance.now();
  let recoveryMs = 0;
  try {
    const recovered = recover(world, again, wish).then(() => (recoveryMs = performance.now() - from));
    const started = again.line({ event: 'daemon-started' });
    await patiently(place, within(RECOVERY_LIMIT_MS, recovered), started);
    await within(LIFE_LIMIT_MS, rotate(world, again, wish));
    findings.push(...(await judgeAtRest(world, wish)), ...(await judgeStopped(world, again, clean)));
  } catch (error) {
    findings.push(stuck(again, error));
  } finally {
    await again.kill();
  }
  const mints = world.provider.mints();
  const extraMints = Math.max(0, mints - clean.mints - (valueLost ? 1 : 0));
  if (extraMints > 0)
    findings.push({ fault: 'minted too often', what: `${mints} mints where ${clean.mints} would do` });
  return {
    by: KILLED,
    scenario: scenario.name,
    point,
    findings,
    mints,
    extraMints,
    valueLost,
    recoveryMs,
  };
}

async function lifeOf(world: World, daemon: RunningProcess, wish: Wish): Promise<void> {
  await rest(world, daemon);
  await rotate(world, daemon, wish);
  daemon.signal('SIGTERM');
  await daemon.ended;
}

/** What was begun is done: the account rests, and where the rotation was asked for, it has ended. */
async function recover(world: World, daemon: RunningProcess, wish: Wish): Promise<void> {
  if (wish.since === undefined) await rest(world, daemon);
  else await rotate(world, daemon, wish);
}

async function judgeStopped(
  world: World,
  daemon: RunningProcess,
  { filesAfter }: Clean,
): Promise<readonly Finding[]> {
  daemon.signal('SIGTERM');
  await within(LIFE_LIMIT_MS, daemon.ended);
  const { code } = await daemon.ended;
  const ended: Finding[] =
    code === 0 ? [] : [{ fault: 'left behind', what: `it ended with ${code}: ${daemon.errors()}` }];
  return [
    ...ended,
    ...(await judgeFiles(world, filesAfter)),
    ...judgeJournal(world),
    ...(await judgeSecrecy(world, [daemon.output()])),
  ];
}
