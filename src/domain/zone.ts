/** Offsets of time zones and the instants at which they change, from the runtime's own time zone data. */
import { mayBeSecret } from './credential-shapes.ts';
import { remembering } from './least-recent.ts';

/** A change of a zone's offset from UTC. Offsets in ms, positive east of Greenwich. */
export interface Transition {
  /** The first instant with the new offset, in ms since the epoch. */
  readonly at: number;
  readonly offsetBeforeMs: number;
  readonly offsetAfterMs: number;
}

const SECOND_MS = 1_000;
/** Zones keep an offset at least this long; the shortest known is Morocco's month of Ramadan. */
const STEP_MS = 7 * 24 * 3_600_000;
const FORMATS_MAX = 64;

const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;
const formatOf = remembering<Intl.DateTimeFormat>(FORMATS_MAX);

/** What is wrong with a time zone, saying what is allowed; `undefined` where nothing is. */
export function zoneProblem(zone: string): string | undefined {
  if (zone === '') return 'the time zone is empty; give an IANA name such as Europe/Berlin or UTC';
  try {
    offsetAt(zone, 0);
    return undefined;
  } catch {
    const named = mayBeSecret(zone) ? '' : ` ${JSON.stringify(zone)}`;
    return `unknown time zone${named}; give an IANA name such as Europe/Berlin or UTC`;
  }
}

/** The zone's offset from UTC at an instant, in ms. Throws a `RangeError` for a zone that does not exist. */
function offsetAt(zone: string, at: number): number {
  const format = formatOf(
    zone,
    () => new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }),
  );
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = OFFSET.exec(format.format(at)) ?? [];
  const size = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * SECOND_MS;
  return sign === '-' ? -size : size;
}

/** The changes of offset after `from` and until `to` (included), in order. */
export function transitionsBetween(zone: string, from: number, to: number): Transition[] {
  const transitions: Transition[] = [];
  for (let start = from; start < to; start += STEP_MS) {
    const end = Math.min(start + STEP_MS, to);
    const offsetBeforeMs = offsetAt(zone, start);
    const offsetAfterMs = offsetAt(zone, end);
    if (offsetBeforeMs === offsetAfterMs) continue;
    transitions.push({ at: changeBetween(zone, start, end), offsetBeforeMs, offsetAfterMs });
  }
  return transitions;
}

/** The first whole second in (start, end] that has the offset of `end`. */
function changeBetween(zone: string, start: number, end: number): number {
  const wanted = offsetAt(zone, end);
  let before = Math.floor(start / SECOND_MS);
  let after = Math.ceil(end / SECOND_MS);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(zone, middle * SECOND_MS) === wanted) after = middle;
    else before = middle;
  }
  return after * SECOND_MS;
}
