/** Cuts a daemon off at one point, as `kill -9` does. */
import process from 'node:process';
import type { RunningProcess } from '../world/daemon-process.ts';
import { idOf } from './point.ts';
import type { DiskPoint, RequestPoint } from './point.ts';
import { attach, reaches, standingStillAt, TRACED_ENVIRONMENT, tracerOf } from './trace.ts';
import type { World } from './world.ts';

/** A daemon that is killed when it comes to a point. */
export interface Armed {
  readonly daemon: RunningProcess;
  /** Resolves when it was killed there. */
  readonly cut: Promise<void>;
  /** Whether it came there: it is killed, or is being killed. */
  isReached(): boolean;
  /** It is killed there no more. */
  disarm(): void;
}

/** Starts a daemon that will be killed there. */
export function startArmed(world: World, point: RequestPoint | DiskPoint): Armed {
  if (point.kind === 'request') {
    const daemon = world.start();
    return armRequest(world, daemon, point);
  }
  const text = { heard: (_: string) => {} };
  const daemon = world.start({
    through: standingStillAt(world.folder, point),
    environment: TRACED_ENVIRONMENT,
    onThird: (each) => text.heard(each),
  });
  return armDisk(daemon, point, text, () => undefined);
}

/** Arms a running daemon. It must have been started with `TRACED_ENVIRONMENT`. */
export async function arm(
  world: World,
  daemon: RunningProcess,
  point: RequestPoint | DiskPoint,
): Promise<Armed> {
  world.countAnew();
  if (point.kind === 'request') return armRequest(world, daemon, point);
  const text = { heard: (_: string) => {} };
  const tracer = await attach(daemon.pid, world.folder, point, (each) => text.heard(each));
  return armDisk(daemon, point, text, () => tracer[Symbol.dispose]());
}

/** Kills the process, and then what traces it: a call at whose beginning it stands is not made any more. */
export async function killed(daemon: RunningProcess): Promise<void> {
  const tracer = await tracerOf(daemon.pid);
  const gone = daemon.kill();
  try {
    if (tracer !== undefined) process.kill(tracer, 'SIGKILL');
  } catch {
    // It has ended already.
  }
  await gone;
}

function armRequest(world: World, daemon: RunningProcess, point: RequestPoint): Armed {
  const { promise: cut, resolve } = Promise.withResolvers<void>();
  const wanted = idOf(point);
  let over = false;
  const disarm = () => {
    world.at = () => Promise.resolve(true);
  };
  world.at = async (reached) => {
    if (idOf(reached) !== wanted) return true;
    over = true;
    disarm();
    await daemon.kill();
    resolve();
    return false;
  };
  return { daemon, cut, isReached: () => over, disarm };
}

function armDisk(
  daemon: RunningProcess,
  point: DiskPoint,
  text: { heard: (text: string) => void },
  disarm: () => void,
): Armed {
  const { promise: cut, resolve } = Promise.withResolvers<void>();
  let trace = '';
  let over = false;
  text.heard = (each) => {
    trace += each;
    if (over || !reaches(trace, point)) return;
    over = true;
    void killed(daemon).then(resolve);
  };
  return { daemon, cut, isReached: () => over, disarm };
}

/** Whether it was cut off while this went on; a failure of `work` because of that is none. */
export async function isCut(armed: Armed, work: Promise<void>): Promise<boolean> {
  const done = work.then(
    () => armed.isReached(),
    (error: unknown) => {
      if (!armed.isReached()) throw error;
      return true;
    },
  );
  const reached = await Promise.race([armed.cut.then(() => true), done]);
  if (reached) await armed.cut;
  return reached;
}
