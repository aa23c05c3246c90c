/** One undisturbed life: from it come all the points that can be struck, and what everything should look like at the end. */
import { readdir } from 'node:fs/promises';
import { killed } from './cut.ts';
import { LOOK } from './consumers.ts';
import { rest, rotate } from './life.ts';
import { within } from './patience.ts';
import type { DiskPoint, Phase, Point, RequestPoint } from './point.ts';
import type { Scenario } from './scenario.ts';
import { diskCalls, TRACED_ENVIRONMENT, tracing } from './trace.ts';
import type { DiskCall } from './trace.ts';
import { openWorld } from './world.ts';
import type { Ground } from './world.ts';

export interface Clean {
  readonly points: readonly Point[];
  /** What the sort of request is called that mints. */
  readonly mintName: string;
  /** Mints of its first sight and first rotation. */
  readonly mints: number;
  /** Every file that is there while it rests, and after the stop, below the folder. */
  readonly filesAtRest: readonly string[];
  readonly filesAfter: readonly string[];
}

/** Calls that are made many times in a row where they are made: the first and the middle one of each row are struck. */
const WRITES: ReadonlySet<string> = new Set(['write', 'writev', 'pwrite64', 'pwritev']);

/** Where much depends on a call being over: what makes something durable or visible. Else the next call's beginning is as good. */
const FINAL: ReadonlySet<string> = new Set(['rename', 'link', 'unlink', 'fsync', 'fdatasync']);

/** What is in the folder and none of the daemon's business. */
const NOT_ITS_OWN = ['rekeyd.yaml', 'manager-token'];

/** How long each part of it may take, also while many others are started. */
const LIMIT_MS = 180_000;

/** The first look at it, and one that comes while it is waited for. */
const LOOKS_STRUCK = 2;

/** Where the counting begins. */
const COUNTED_FROM: readonly Phase[] = ['first sight', 'later rotation', 'stop'];

interface Turn {
  readonly phase: Phase;
  readonly at: number;
}

/** Lives it once, and enumerates what can be struck. Throws where even this goes wrong. */
export async function liveClean(scenario: Scenario, ground: Ground): Promise<Clean> {
  await using world = await openWorld(scenario, ground);
  let trace = '';
  const requests: { readonly at: number; readonly point: RequestPoint }[] = [];
  world.at = (point) => {
    requests.push({ at: Date.now(), point });
    return Promise.resolve(true);
  };
  const onThird = (text: string) => void (trace += text);
  const daemon = world.start({ through: tracing(), environment: TRACED_ENVIRONMENT, onThird });
  const turns: Turn[] = [];
  const turn = (phase: Phase) => turns.push({ phase, at: Date.now() });
  try {
    turn('first sight');
    await within(LIMIT_MS, rest(world, daemon));
    turn('first rotation');
    await within(LIMIT_MS, rotate(world, daemon, { request: 'first' }));
    const mints = world.provider.mints();
    const filesAtRest = await filesOf(world.folder);
    world.countAnew();
    turn('later rotation');
    await within(LIMIT_MS, rotate(world, daemon, { request: 'later' }));
    world.countAnew();
    turn('stop');
    daemon.signal('SIGTERM');
    await within(LIMIT_MS, daemon.ended);
    const { code } = await daemon.ended;
    if (code !== 0) throw new Error(`the daemon ended with ${code}: ${daemon.errors()}`);
    const disk = diskPoints(trace, world.folder, turns);
    const timed = [...requests.filter(({ point }) => !isLookAgain(point)), ...disk].toSorted(
      (one, other) => one.at - other.at,
    );
    const points = timed.map(({ at, point }) => ({ ...point, phase: phaseAt(turns, at) }));
    const { mintName } = world.provider;
    return { points, mintName, mints, filesAtRest, filesAfter: await filesOf(world.folder) };
  } finally {
    await killed(daemon);
  }
}

/** A look at what takes its time: how many there are depends on how long it takes, and not on the daemon. */
function isLookAgain({ name, nth }: RequestPoint): boolean {
  return name === LOOK && nth > LOOKS_STRUCK;
}

/** Names of all files, sorted. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1)).toSorted();
}

function phaseAt(turns: readonly Turn[], at: number): Phase {
  return turns.findLast((turn) => turn.at <= at)?.phase ?? 'first sight';
}

interface TimedPoint {
  readonly at: number;
  readonly point: DiskPoint;
}

function diskPoints(trace: string, folder: string, turns: readonly Turn[]): readonly TimedPoint[] {
  return COUNTED_FROM.flatMap((phase, index) => {
    const from = turns.find((turn) => turn.phase === phase)?.at ?? 0;
    const to = turns.find((turn) => turn.phase === COUNTED_FROM[index + 1])?.at ?? Number.POSITIVE_INFINITY;
    const calls = diskCalls(trace, folder, index === 0 ? 0 : from).filter(({ at }) => at < to);
    return calls.flatMap((call, place) => pointsAt(call, rowAround(calls, place)));
  });
}

function pointsAt(
  { at, call, path, nth, changes }: DiskCall,
  row: readonly DiskCall[],
): readonly TimedPoint[] {
  if (!changes || NOT_ITS_OWN.includes(path)) return [];
  const middle = row.length > 2 ? row[Math.floor(row.length / 2)] : undefined;
  if (row[0]?.nth !== nth && middle?.nth !== nth) return [];
  const sides = FINAL.has(call) ? (['enter', 'return'] as const) : (['enter'] as const);
  return sides.map((side) => ({ at, point: { kind: 'disk', call, path, nth, side } }));
}

/** The writes to one path by one thread, with nothing else of that thread between them, that this call is one of. */
function rowAround(calls: readonly DiskCall[], index: number): readonly DiskCall[] {
  const here = calls[index];
  if (here === undefined || !WRITES.has(here.call)) return here === undefined ? [] : [here];
  const own = calls.filter(({ thread }) => thread === here.thread);
  const isSame = ({ call, path }: DiskCall) => call === here.call && path === here.path;
  const at = own.indexOf(here);
  const before = own.slice(0, at).findLastIndex((call) => !isSame(call));
  const after = own.slice(at).findIndex((call) => !isSame(call));
  return own.slice(before + 1, after === -1 ? undefined : at + after);
}
