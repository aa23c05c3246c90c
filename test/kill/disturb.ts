/** Disturbs a daemon at each request of a rotation, puts things right again, and judges what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit, LogLine, RunningProcess } from '../world/daemon-process.ts';
import type { Clean } from './clean.ts';
import type { Disturbance } from './disturbances.ts';
import { filesOf } from './clean.ts';
import { LIFE_LIMIT_MS, RECOVERY_LIMIT_MS } from './fresh.ts';
import type { Striking } from './fresh.ts';
import { judgeAtRest, judgeFiles, judgeSecrecy } from './judge.ts';
import type { Finding } from './judge.ts';
import { rest, rotate } from './life.ts';
import type { Wish } from './life.ts';
import { patiently, within } from './patience.ts';
import type { Place } from './places.ts';
import { idOf } from './point.ts';
import type { Point } from './point.ts';
import { neverStruck, stuck } from './struck.ts';
import type { Struck } from './struck.ts';
import { isValueLost, openWorld } from './world.ts';
import type { World } from './world.ts';

/** Points in one world: its secrets in AWS take about 100 versions a day, and the last of these are kept for what was minted already. */
const POINTS_A_WORLD = 25;

type Told = (point: Point, struck: Struck | undefined) => void;

/** Each of the points once, many in one world as long as nothing goes wrong. */
export async function disturbInTurn(
  points: readonly Point[],
  disturbance: Disturbance,
  striking: Striking,
  told: Told,
): Promise<void> {
  let left = points;
  while (left.length > 0) {
    const some = left.slice(0, POINTS_A_WORLD);
    left = left.slice(await disturbSome(some, disturbance, striking, told));
  }
}

async function disturbSome(
  points: readonly Point[],
  disturbance: Disturbance,
  { scenario, ground, clean, place }: Striking,
  told: Told,
): Promise<number> {
  await using world = await openWorld(scenario, ground, disturbance.world);
  const turn: Turn = { world, daemon: world.start(), disturbance, clean, place, files: [] };
  let done = 0;
  try {
    const first = rest(world, turn.daemon).then(() => rotate(world, turn.daemon, { request: 'first' }));
    await within(LIFE_LIMIT_MS, first);
    turn.files = await filesOf(world.folder);
    for (const [index, point] of points.entries()) {
      await place.giveWay();
      if (disturbance.startsAnew && index > 0) await startAnew(turn);
      const struck = await disturbAt(turn, point, { request: `later-${index}` });
      done = index + 1;
      told(point, struck);
      if (struck === undefined || struck.findings.length > 0) break;
    }
    return done;
  } catch (error) {
    const [point] = points.slice(done);
    if (point === undefined) throw error;
    told(point, neverStruck(disturbance.name, scenario.name, point, stuck(turn.daemon, error)));
    return done + 1;
  } finally {
    await turn.daemon.kill();
  }
}

async function startAnew(turn: Turn): Promise<void> {
  turn.daemon.signal('SIGTERM');
  await turn.daemon.ended;
  turn.daemon = turn.world.start();
  await within(LIFE_LIMIT_MS, rest(turn.world, turn.daemon));
}

interface Turn {
  readonly world: World;
  daemon: RunningProcess;
  readonly disturbance: Disturbance;
  readonly clean: Clean;
  readonly place: Place;
  files: readonly string[];
}

async function disturbAt(turn: Turn, point: Point, wish: Wish): Promise<Struck | undefined> {
  const { world, disturbance, clean, place } = turn;
  const before = world.provider.mints();
  const over = Promise.withResolvers<void>();
  const begun = arm(turn, point, over.promise);
  const first = turn.daemon;
  const life = rotate(world, first, wish).then(
    () => 'rotated' as const,
    // What it answers is asked again when all is right.
    () => 'unanswered' as const,
  );
  const findings: Finding[] = [];
  let recoveryMs = 0;
  let valueLost = false;
  let ended: Exit | undefined;
  try {
    if (!(await isReached(begun.reached, life))) return undefined;
    await lasts(turn, life);
    ended = await endedNow(first);
    await disturbance.end(world, first);
    over.resolve();
    const from = performance.now();
    if (ended !== undefined) findings.push(...(await judgeEnd(turn, ended, begun)));
    if (ended !== undefined || disturbance.losesJournal) {
      await first.ended;
      valueLost = await isValueLost(world);
      if (disturbance.losesJournal) await forget(world, wish);
      turn.daemon = world.start();
    } else valueLost = world.scenario.hidden && point.kind === 'request' && point.name === clean.mintName;
    const recovered = rotate(world, turn.daemon, wish).then(() => (recoveryMs = performance.now() - from));
    const started = turn.daemon.line({ event: 'daemon-started' });
    await patiently(place, within(RECOVERY_LIMIT_MS, recovered), started);
    findings.push(...(await judgeAtRest(world, wish)), ...(await judgeFiles(world, turn.files)));
    findings.push(...(await judgeSecrecy(world, [first.output(), turn.daemon.output()])));
  } catch (error) {
    findings.push(stuck(turn.daemon, error));
  } finally {
    over.resolve();
    world.at = () => Promise.resolve(true);
  }
  const mints = world.provider.mints() - before;
  const isUnsynced = disturbance.world.device === true && isIntendedAgain(first, turn.daemon);
  const allowed = 1 + Number(valueLost) + Number(isUnsynced || (disturbance.losesJournal ?? false));
  const extraMints = Math.max(0, mints - allowed);
  if (extraMints > 0) findings.push({ fault: 'minted too often', what: `${mints} mints for one rotation` });
  return {
    by: disturbance.name,
    scenario: world.scenario.name,
    point,
    findings,
    mints,
    extraMints,
    valueLost,
    recoveryMs,
    ...(ended?.code === undefined ? {} : { endedWith: ended.code }),
    ...(isUnsynced ? { isUnsynced } : {}),
  };
}

/**
 * An intent that the first told of, and so had synced, was unknown to the second. A disk that is made to fail loses what it
 * acknowledges in that instant (ext4 of Linux 6.18), whoever writes to it.
 */
function isIntendedAgain(first: RunningProcess, second: RunningProcess): boolean {
  const known = new Set(intentsIn(first.log));
  return first !== second && intentsIn(second.log).some((intent) => known.has(intent));
}

/** Rotation and attempt of each. */
export function intentsIn(log: readonly LogLine[]): readonly string[] {
  return log
    .filter(({ event }) => event === 'mint-intended')
    .map(({ rotation, attempt }) => `${String(rotation)}/${String(attempt)}`);
}

/** An empty journal knows of no slot that has passed, of nothing that is to be retired, and of nothing that is to be taken up. */
async function forget({ provider, consumers }: World, wish: Wish): Promise<void> {
  delete wish.slot;
  provider.forget();
  await consumers?.forget();
}

interface Begun {
  readonly reached: Promise<void>;
  /** Requests to mint that had arrived when it had begun, and that have arrived by now. */
  readonly mintsSent: { before: number; now: number };
}

function arm({ world, daemon, disturbance, clean }: Turn, point: Point, over: Promise<void>): Begun {
  const { promise: reached, resolve, reject } = Promise.withResolvers<void>();
  const mintsSent = { before: 0, now: 0 };
  let isArmed = true;
  world.countAnew();
  world.at = async (at) => {
    if (at.name === clean.mintName && at.side === 'before') mintsSent.now += 1;
    if (!isArmed || idOf(at) !== idOf(point)) return true;
    isArmed = false;
    try {
      await disturbance.begin(world, daemon);
    } catch (error) {
      reject(error);
      return true;
    }
    mintsSent.before = mintsSent.now;
    resolve();
    if (disturbance.holdsRequest) await over;
    return true;
  };
  return { reached, mintsSent };
}

/** False where the rotation was over without the point. */
async function isReached(reached: Promise<void>, life: Promise<unknown>): Promise<boolean> {
  const come = Promise.race([reached.then(() => true), life.then(() => sleep(1_000, false))]);
  await within(LIFE_LIMIT_MS, come);
  return await come;
}

/** Until it has lasted long enough, the daemon has ended, or the rotation has without noticing. */
async function lasts(
  { daemon, disturbance, place }: Turn,
  life: Promise<'rotated' | 'unanswered'>,
): Promise<void> {
  const stop = new AbortController();
  const time = sleep(disturbance.lastsMs, undefined, { signal: stop.signal }).catch(() => undefined);
  const rotated = life.then((how) =>
    how === 'rotated' && !disturbance.ends?.always ? undefined : daemon.ended,
  );
  const unnoticed = disturbance.holdsRequest ? time : rotated;
  const over = Promise.race([time, daemon.ended, unnoticed]);
  // What stands still needs no core from the beginning.
  if (disturbance.holdsRequest) await place.leaveFor(() => over);
  else await patiently(place, over);
  stop.abort();
}

async function endedNow(daemon: RunningProcess): Promise<Exit | undefined> {
  return await Promise.race([daemon.ended, sleep(0, undefined)]);
}

async function judgeEnd(
  { world, daemon, disturbance }: Turn,
  exit: Exit,
  { mintsSent }: Begun,
): Promise<readonly Finding[]> {
  const { ends, isStop } = disturbance;
  const findings: Finding[] = [];
  if (ends === undefined || exit.code !== ends.code || !ends.says.test(daemon.errors())) {
    findings.push({
      fault: 'lost',
      what: `it ended with ${JSON.stringify(exit)}: ${daemon.errors().slice(-1_000)}`,
    });
  }
  if (!isStop) return findings;
  if (mintsSent.now > mintsSent.before)
    findings.push({ fault: 'minted too often', what: 'it sent a mint after the signal' });
  const live = await world.provider.live();
  const holdings = await world.holdings();
  if (holdings.some(({ token }) => token !== live))
    findings.push({ fault: 'stale', what: 'what was minted was not delivered before it ended' });
  return findings;
}
