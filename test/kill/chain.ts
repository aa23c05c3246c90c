/**
 * Strikes one daemon after another in one folder: each new start finishes what the last one was killed in, and is then struck
 * itself in the next rotation. So most points cost one start.
 */
import type { RunningProcess } from '../world/daemon-process.ts';
import { arm, isCut, killed } from './cut.ts';
import { LIFE_LIMIT_MS, RECOVERY_LIMIT_MS } from './fresh.ts';
import type { Striking } from './fresh.ts';
import { judgeAtRest, judgeDead, judgeFiles } from './judge.ts';
import type { Finding } from './judge.ts';
import { rest, rotate } from './life.ts';
import type { Wish } from './life.ts';
import { patiently, within } from './patience.ts';
import type { Point } from './point.ts';
import { KILLED, neverStruck, stuck } from './struck.ts';
import type { Struck } from './struck.ts';
import { TRACED_ENVIRONMENT } from './trace.ts';
import { isValueLost, openWorld } from './world.ts';
import type { World } from './world.ts';

/** Each of the points once; `told` hears of each, with nothing where the daemon did not come to it. */
export async function strikeInTurn(
  points: readonly Point[],
  striking: Striking,
  told: (point: Point, struck: Struck | undefined) => void,
): Promise<void> {
  let left = points;
  while (left.length > 0) {
    // After something has gone wrong, the rest begins in a world where nothing has.
    const done = await strikeSome(left, striking, told);
    left = left.slice(done);
  }
}

/** Answers how many points it has done with. */
async function strikeSome(
  points: readonly Point[],
  striking: Striking,
  told: (point: Point, struck: Struck | undefined) => void,
): Promise<number> {
  await using world = await openWorld(striking.scenario, striking.ground);
  const chain = { daemon: world.start({ environment: TRACED_ENVIRONMENT }) };
  let done = 0;
  try {
    await within(LIFE_LIMIT_MS, firstLife(world, chain.daemon));
    for (const [index, point] of points.entries()) {
      await striking.place.giveWay();
      const struck = await strikeNext(world, chain, point, { ...striking, request: `later-${index}` });
      done = index + 1;
      told(point, struck);
      // One that did not come to a request has rotated, and goes on. What traces another may still strike it late.
      const isAtRest = struck === undefined && point.kind === 'request' && point.phase !== 'stop';
      if (!isAtRest && struck?.findings.length !== 0) break;
    }
    return done;
  } catch (error) {
    const [point] = points.slice(done);
    if (point === undefined) throw error;
    told(point, neverStruck(KILLED, striking.scenario.name, point, stuck(chain.daemon, error)));
    return done + 1;
  } finally {
    await killed(chain.daemon);
  }
}

async function firstLife(world: World, daemon: RunningProcess): Promise<void> {
  await rest(world, daemon);
  await rotate(world, daemon, { request: 'first' });
}

async function stop(daemon: RunningProcess): Promise<void> {
  daemon.signal('SIGTERM');
  await daemon.ended;
}

async function strikeNext(
  world: World,
  chain: { daemon: RunningProcess },
  point: Point,
  { scenario, clean, place, request }: Striking & { readonly request: string },
): Promise<Struck | undefined> {
  const wish: Wish = { request };
  const before = world.provider.mints();
  const armed = await arm(world, chain.daemon, point);
  try {
    const life = point.phase === 'stop' ? stop(chain.daemon) : rotate(world, chain.daemon, wish);
    if (!(await isCut(armed, within(LIFE_LIMIT_MS, life)))) return undefined;
  } finally {
    armed.disarm();
  }
  const findings: Finding[] = [...(await judgeDead(world, [chain.daemon.output()], false))];
  const valueLost = await isValueLost(world);
  const from = performance.now();
  let recoveryMs = 0;
  chain.daemon = world.start({ environment: TRACED_ENVIRONMENT });
  try {
    const recovery = point.phase === 'stop' ? rest(world, chain.daemon) : rotate(world, chain.daemon, wish);
    const recovered = recovery.then(() => (recoveryMs = performance.now() - from));
    const started = chain.daemon.line({ event: 'daemon-started' });
    await patiently(place, within(RECOVERY_LIMIT_MS, recovered), started);
    if (point.phase === 'stop') await rotate(world, chain.daemon, wish);
    findings.push(...(await judgeAtRest(world, wish)), ...(await judgeFiles(world, clean.filesAtRest)));
  } catch (error) {
    findings.push(stuck(chain.daemon, error));
  }
  const mints = world.provider.mints() - before;
  const extraMints = Math.max(0, mints - 1 - (valueLost ? 1 : 0));
  if (extraMints > 0) findings.push({ fault: 'minted too often', what: `${mints} mints for one rotation` });
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
