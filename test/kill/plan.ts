/** Which of the points are struck, and how: each sort once where it is the same in all scenarios, and every step of a rotation in each. */
import type { Clean } from './clean.ts';
import { idOf } from './point.ts';
import type { DiskPoint, Point, RequestPoint } from './point.ts';

/** A commit is written to the journal's log, and is durable when that is. */
const LOG = 'journal.db-wal';
const COMMITS = /^(p?write|f(data)?sync)/;
const MAKES_DURABLE = /sync$/;

export interface Chosen {
  /** Opening the journal and stopping are the same in all scenarios: they are struck in one. */
  readonly isFirst: boolean;
  /** Every call of every commit is struck; else each commit once, before its first write, and the last one after it as well. */
  readonly everyCall: boolean;
  /** Whether first sight is struck; it looks at each target alone. */
  readonly firstSight: boolean;
  /** Only points whose name has this in it. */
  readonly only?: string | undefined;
  /** At most so many, from everywhere, but none after which it takes two minutes until a mint counts as not made. */
  readonly sample?: number | undefined;
}

/** The points at which the daemon is killed. */
export function planOf(
  clean: Clean,
  { isFirst, everyCall, firstSight, only, sample }: Chosen,
): readonly Point[] {
  const points = everyCall ? clean.points : withCommitsOnce(clean.points);
  const firstRequest = points.findIndex(({ kind }) => kind === 'request');
  const isChosen = (point: Point, index: number): boolean => {
    switch (point.phase) {
      case 'first sight':
        return isFirst || (firstSight && index >= firstRequest);
      case 'first rotation':
        return point.kind === 'request' && isOnlyFirst(points, point);
      case 'later rotation':
        return true;
      case 'stop':
        return isFirst;
    }
  };
  const chosen = points.filter(isChosen).filter((point) => idOf(point).includes(only ?? ''));
  return sample === undefined
    ? chosen
    : spread(
        chosen.filter((point) => !mustSettle(clean, point)),
        sample,
      );
}

/** The requests of a rotation, at which it is disturbed. */
export function requestsOf(
  { points }: Clean,
  { only, sample }: Pick<Chosen, 'only' | 'sample'>,
): readonly (Point & RequestPoint)[] {
  const chosen = points.filter((point) => point.kind === 'request' && point.phase === 'later rotation');
  const some = chosen.filter((point) => idOf(point).includes(only ?? ''));
  return (sample === undefined ? some : spread(some, sample)) as readonly (Point & RequestPoint)[];
}

/** Whether a daemon can come to it again and again. */
export function isInTurn({ phase }: Point): boolean {
  return phase === 'later rotation' || phase === 'stop';
}

/**
 * A kill takes what is in memory and nothing else, and between the calls of a commit nothing changes that anybody could see: a commit is
 * there after the next start, or it is not. That right after it is what before the next one is.
 */
function withCommitsOnce(points: readonly Point[]): readonly Point[] {
  const calls = points.filter(isOfCommit);
  const struck = new Set<Point>(
    calls.filter(({ call, phase }, index) => {
      const before = calls[index - 1];
      const isFirstWrite =
        !MAKES_DURABLE.test(call) && (before === undefined || MAKES_DURABLE.test(before.call));
      return isFirstWrite || calls[index + 1]?.phase !== phase;
    }),
  );
  return points.filter((point) => !isOfCommit(point) || struck.has(point));
}

function isOfCommit(point: Point): point is Point & DiskPoint {
  return point.kind === 'disk' && point.path.endsWith(LOG) && COMMITS.test(point.call);
}

/** Between the request before a mint and the mint's own effect: somewhere there the intent is written. */
function mustSettle({ points, mintName }: Clean, point: Point): boolean {
  const next = points.slice(points.indexOf(point)).find(({ kind }) => kind === 'request');
  return next?.kind === 'request' && next.name === mintName && next.side === 'before';
}

/** A request of the first rotation that later ones make less often: a preflight, whose proof is good for a day. */
function isOnlyFirst(points: readonly Point[], point: Point): boolean {
  if (point.kind !== 'request') return false;
  const count = (phase: Point['phase']) =>
    points.filter((each) => each.phase === phase && each.kind === 'request' && each.name === point.name)
      .length;
  return count('first rotation') > count('later rotation');
}

/** So many of them, evenly spread. */
function spread(points: readonly Point[], count: number): readonly Point[] {
  if (points.length <= count) return points;
  return Array.from(
    { length: count },
    (_, index) => points[Math.floor(((index + 0.5) * points.length) / count)],
  ).filter((point) => point !== undefined);
}
