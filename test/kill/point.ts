/** The instants of a daemon's life at which it can be struck, and what they are called. */

/** Which part of the life it is in. */
export type Phase = 'first sight' | 'first rotation' | 'later rotation' | 'stop';

/** A request of the daemon: it has arrived and goes no further; its effect has happened; its answer was passed on. */
export interface RequestPoint {
  readonly kind: 'request';
  readonly service: string;
  /** The same for all requests of one sort. */
  readonly name: string;
  /** The how many-th of this name since the counting began, from 1. */
  readonly nth: number;
  readonly side: 'before' | 'after' | 'answered';
}

/** A call of the daemon to the system that changes something on disk: it was made and not begun, or it has just been done. */
export interface DiskPoint {
  readonly kind: 'disk';
  readonly call: string;
  /** Below the daemon's folder. */
  readonly path: string;
  /** The how many-th such call on this path by its thread since the counting began, from 1. */
  readonly nth: number;
  readonly side: 'enter' | 'return';
}

/** Counting begins with the process, and anew with a later rotation and with the stop. */
export type Point = (RequestPoint | DiskPoint) & { readonly phase: Phase };

const SIDES = {
  before: 'before its effect',
  after: 'after its effect, before its answer',
  answered: 'right after its answer',
  enter: 'before it',
  return: 'right after it',
} as const;

/** Names this point and no other of its scenario. */
export function idOf(point: RequestPoint | DiskPoint): string {
  const what = point.kind === 'request' ? `${point.service} ${point.name}` : `${point.call}(${point.path})`;
  return `${what} #${point.nth} ${point.side}`;
}

/** Names all points of one sort. */
export function sortOf(point: RequestPoint | DiskPoint): string {
  const what =
    point.kind === 'request'
      ? `${point.service}: ${point.name}`
      : `disk: ${point.call} of ${placeOf(point.path)}`;
  return `${what}, ${SIDES[point.side]}`;
}

/** What a path is to the daemon. */
function placeOf(path: string): string {
  if (path.endsWith('.rekeyd')) return "a target's new file";
  if (path.endsWith('.rekeyd-probe')) return "a preflight's dummy";
  if (/^\.[0-9a-f]{6}(\/|$)/.test(path)) return 'the room that the socket is made in';
  if (path === 'state') return "the journal's folder";
  if (path === 'secrets') return 'the folder of targets';
  if (path.startsWith('secrets/')) return 'a target';
  return path.replace('state/', '');
}
