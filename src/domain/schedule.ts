/**
 * Slots of cron schedules, calculated from explicit instants; never a timer. The only importer of croner. All instants
 * are ms since the epoch, and a slot is identified by its instant.
 */
import { Cron } from 'croner';
import type { Schedule } from './account.ts';
import { remembering } from './least-recent.ts';
import { shareOf } from './share.ts';
import { patternProblem, parseProblem } from './schedule-problem.ts';
import { transitionsBetween, zoneProblem } from './zone.ts';

/** A `Cron` object takes about 83 KB, and 0.1 ms to make again. */
const CRONS_MAX = 128;
/** What is remembered of a schedule beside it takes about a thousand bytes. */
const MEMORIES_MAX = 4_096;
const SHARES_MAX = 1_024;
/** Accounts that share a schedule ask about the spans of their last slots, which may lie some way back, and about the present one. */
const SPANS_MAX = 16;
/** The last instant that is asked about: 9999-12-31T23:59:59Z. */
const LAST_INSTANT = 253_402_300_799_000;

const SAMPLE_FROM = Date.UTC(2024, 0, 1);
const SAMPLE_TO = Date.UTC(2026, 0, 1);
const SAMPLE_SLOTS = 120;
const SAMPLE_SLOTS_AROUND = 3;
/** How far a sample of rare slots goes; slots further apart than this are as good as alone. */
const SAMPLE_YEARS_MS = 10 * 366 * 24 * 3_600_000;

/** No slot lies between these two; absent where there is none on that side. */
interface Span {
  /** The slot at or before `asked`. */
  readonly previous?: number;
  readonly next?: number;
  readonly asked: number;
}

const cronOf = remembering<Cron>(CRONS_MAX);
const spansOf = remembering<Span[]>(MEMORIES_MAX);
const gapOf = remembering<number>(MEMORIES_MAX);
/** Where in its jitter an account runs at a slot, from 0 to 1: asked many times while it is worked on. */
const shares = remembering<number>(SHARES_MAX);

/**
 * What is wrong with a schedule, in words that say what is allowed; `undefined` where nothing is. The functions below
 * are for schedules without a problem and throw for others.
 */
export function scheduleProblem(pattern: string, zone: string): string | undefined {
  const problem = zoneProblem(zone) ?? patternProblem(pattern);
  if (problem !== undefined) return problem;
  try {
    if (nextSlot({ pattern, zone }, SAMPLE_FROM) !== undefined) return undefined;
  } catch (error) {
    return parseProblem(pattern, error);
  }
  return `the schedule '${pattern}' never fires: no date fits its day and month`;
}

/** The first slot strictly after an instant; `undefined` where there is none before the year 10 000. */
export function nextSlot(schedule: Schedule, after: number): number | undefined {
  return spanAt(schedule, after).next;
}

/** The last slot at or before an instant. */
export function previousSlot(schedule: Schedule, atOrBefore: number): number | undefined {
  return spanAt(schedule, atOrBefore).previous;
}

/** The slots after `from` and until `to` (included), in order: the first `limit` of them. */
export function slotsBetween(schedule: Schedule, from: number, to: number, limit: number): number[] {
  const slots: number[] = [];
  let slot = calculateNext(schedule, from);
  while (slot !== undefined && slot <= to && slots.length < limit) {
    slots.push(slot);
    slot = calculateNext(schedule, slot);
  }
  return slots;
}

/**
 * The shortest time between two slots in ms, over a sample: the first 120 slots from 2024 on (within ten years), and the
 * slots around each change of the zone's offset in 2024 and 2025. `Infinity` where the sample has fewer than two.
 */
export function shortestGap(schedule: Schedule): number {
  return gapOf(keyOf(schedule), () => {
    const sample = slotsBetween(schedule, SAMPLE_FROM, SAMPLE_FROM + SAMPLE_YEARS_MS, SAMPLE_SLOTS);
    let shortest = shortestIn(sample);
    for (const { at } of transitionsBetween(schedule.zone, SAMPLE_FROM, SAMPLE_TO)) {
      const before = calculatePrevious(schedule, at - 1);
      if (before === undefined) continue;
      const around = slotsBetween(schedule, before - 1, before + SAMPLE_YEARS_MS, SAMPLE_SLOTS_AROUND);
      shortest = Math.min(shortest, shortestIn(around));
    }
    return shortest;
  });
}

/**
 * The delay after a slot in whole ms, spread evenly over accounts and slots: 0 or more, less than the smaller of
 * `jitterMs` and `gapMs`. The same account and slot always get the same.
 */
export function slotJitter(options: {
  readonly account: string;
  readonly slot: number;
  readonly jitterMs: number;
  readonly gapMs: number;
}): number {
  const bound = Math.min(options.jitterMs, options.gapMs);
  if (!(bound > 0)) return 0;
  const key = `${options.account}\0${options.slot}`;
  return Math.floor(shares(key, () => shareOf(key)) * bound);
}

/** The slots on both sides of an instant: calculated once for all that ask about the same span. */
function spanAt(schedule: Schedule, asked: number): Span {
  const spans = spansOf(keyOf(schedule), () => []);
  const [newest] = spans;
  if (newest !== undefined && covers(newest, asked)) return newest;
  const known = spans.findIndex((span) => covers(span, asked));
  const [span = calculateSpan(schedule, asked)] = known < 0 ? [] : spans.splice(known, 1);
  spans.unshift(span);
  spans.length = Math.min(spans.length, SPANS_MAX);
  return span;
}

function covers({ previous, next, asked }: Span, at: number): boolean {
  return at >= (previous ?? asked) && at < (next ?? asked + 1);
}

function calculateSpan(schedule: Schedule, asked: number): Span {
  const previous = calculatePrevious(schedule, asked);
  const next = calculateNext(schedule, asked);
  return { asked, ...(previous !== undefined && { previous }), ...(next !== undefined && { next }) };
}

/** Croner leaves the ms of its argument out of account, so that any instant of the second before a slot will do. */
function calculateNext(schedule: Schedule, after: number): number | undefined {
  if (after >= LAST_INSTANT) return undefined;
  return cronFor(schedule).nextRun(new Date(after))?.getTime();
}

/** Croner takes in a slot that began earlier within the same second, but not at the very instant: hence the 1 ms. */
function calculatePrevious(schedule: Schedule, atOrBefore: number): number | undefined {
  return cronFor(schedule)
    .previousRuns(1, new Date(Math.min(atOrBefore, LAST_INSTANT) + 1))[0]
    ?.getTime();
}

function cronFor(schedule: Schedule): Cron {
  return cronOf(
    keyOf(schedule),
    () => new Cron(schedule.pattern, { timezone: schedule.zone, mode: '5-or-6-parts', paused: true }),
  );
}

function keyOf({ pattern, zone }: Schedule): string {
  return `${zone}\0${pattern}`;
}

function shortestIn(slots: readonly number[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  slots.forEach((slot, index) => {
    const next = slots[index + 1];
    if (next !== undefined) shortest = Math.min(shortest, next - slot);
  });
  return shortest;
}
