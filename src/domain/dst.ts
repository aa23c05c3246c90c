/** What happens to a schedule when its zone puts its clocks forward or back: for people who read a plan. */
import type { Schedule } from './account.ts';
import { previousSlot, slotsBetween } from './schedule.ts';
import { transitionsBetween, type Transition } from './zone.ts';

/** One change of a zone's clocks that a schedule's slots feel. Instants in ms since the epoch. */
export interface DstOddity {
  /**
   * `moved`: local times that do not exist run at the end of the gap. `skipped`: they do not run. `doubled`: local times
   * that occur twice run twice. `once`: they run at the first occurrence only.
   */
  readonly kind: 'moved' | 'skipped' | 'doubled' | 'once';
  /** When the clocks change. */
  readonly at: number;
  /** The slots it is about: none for `skipped`; of `doubled` those that come the second time. At most 100. */
  readonly slots: readonly number[];
  /** For a person, without the name of the account. */
  readonly words: string;
}

/** More slots than this within one change are not listed one by one. */
const SLOTS_MAX = 100;
const NAMED_MAX = 3;

/** The oddities after `from` and until `to`, in order. The schedule must be one without a problem. */
export function dstOddities(schedule: Schedule, from: number, to: number): DstOddity[] {
  return transitionsBetween(schedule.zone, from, to).flatMap((transition) =>
    transition.offsetAfterMs > transition.offsetBeforeMs
      ? oddityOfGap(schedule, transition)
      : oddityOfOverlap(schedule, transition),
  );
}

function oddityOfGap(schedule: Schedule, transition: Transition): DstOddity[] {
  const { at, offsetBeforeMs, offsetAfterMs } = transition;
  const named = namedTimes(schedule, at + offsetBeforeMs, at + offsetAfterMs);
  if (named.length === 0) return [];
  const [afterGap] = namedTimes(schedule, at + offsetAfterMs, at + offsetAfterMs + 1);
  const moved = afterGap === undefined && isSlot(schedule, at);
  const change = `clocks in ${schedule.zone} go from ${timeOf(at + offsetBeforeMs)} to ${dateTimeOf(at + offsetAfterMs)}`;
  const [does, runs] = named.length === 1 ? ['does', 'runs'] : ['do', 'run'];
  const fate = moved ? `${runs} at ${timeOf(at + offsetAfterMs)}` : `${does} not run`;
  const words = `${change}: ${listOf(named)} ${does} not exist then and ${fate}`;
  return [{ kind: moved ? 'moved' : 'skipped', at, slots: moved ? [at] : [], words }];
}

function oddityOfOverlap(schedule: Schedule, transition: Transition): DstOddity[] {
  const { at, offsetBeforeMs, offsetAfterMs } = transition;
  const named = namedTimes(schedule, at + offsetAfterMs, at + offsetBeforeMs);
  if (named.length === 0) return [];
  const second = named.map((local) => local - offsetAfterMs).filter((slot) => isSlot(schedule, slot));
  const doubled = second.length > 0;
  const change = `clocks in ${schedule.zone} go back from ${timeOf(at + offsetBeforeMs)} to ${dateTimeOf(at + offsetAfterMs)}`;
  const [occur, run] = named.length === 1 ? ['occurs', 'runs'] : ['occur', 'run'];
  const fate = `${run} ${doubled ? 'both times' : 'the first time only'}`;
  const words = `${change}: ${listOf(named)} ${occur} twice then and ${fate}`;
  const slots = doubled ? second : named.map((local) => local - offsetBeforeMs);
  return [{ kind: doubled ? 'doubled' : 'once', at, slots, words }];
}

/** The local times that the pattern names in [from, to), as if they were UTC. */
function namedTimes(schedule: Schedule, from: number, to: number): number[] {
  return slotsBetween({ pattern: schedule.pattern, zone: 'UTC' }, from - 1, to - 1, SLOTS_MAX);
}

function isSlot(schedule: Schedule, at: number): boolean {
  return previousSlot(schedule, at) === at;
}

function listOf(times: readonly number[]): string {
  const shown = times.slice(0, NAMED_MAX).map(timeOf).join(', ');
  if (times.length <= NAMED_MAX) return shown;
  const more =
    times.length === SLOTS_MAX ? `at least ${SLOTS_MAX - NAMED_MAX}` : `${times.length - NAMED_MAX}`;
  return `${shown} (and ${more} more)`;
}

/** Of a local time as if it were UTC: `02:30`, with seconds where it has any. */
function timeOf(local: number): string {
  const text = new Date(local).toISOString();
  return text.slice(17, 19) === '00' ? text.slice(11, 16) : text.slice(11, 19);
}

function dateTimeOf(local: number): string {
  return `${timeOf(local)} on ${new Date(local).toISOString().slice(0, 10)}`;
}
