/** When unasked mints are allowed: the questions that allow and deny windows answer. Instants in ms since the epoch. */
import type { Account, Window } from './account.ts';
import { formatDuration } from './duration.ts';
import { remembering } from './least-recent.ts';
import { nextSlot, previousSlot } from './schedule.ts';

/** Mints are allowed inside an `allow` window (always, where none is listed) and outside every `deny` window. */
export type Windows = Pick<Account, 'allow' | 'deny'>;

/** What of an account decides whether its windows make sense. */
export type WindowsPolicy = Windows & Pick<Account, 'schedule' | 'maxAgeMs' | 'maxAgeOverridesDeny'>;

/** How far ahead is looked. */
const HORIZON_MS = 366 * 24 * 3_600_000;
/** How many edges of windows are looked at in one question, so that an answer comes soon whatever the windows. */
const EDGES_MAX = 5_000;
const PROBLEMS_MAX = 512;

const problemOf = remembering<string>(PROBLEMS_MAX);

/** Whether an unasked mint is allowed at this instant. */
export function isAllowed(windows: Windows, at: number): boolean {
  if (windows.deny.some((window) => isOpen(window, at))) return false;
  return windows.allow.length === 0 || windows.allow.some((window) => isOpen(window, at));
}

/**
 * The first instant at or after `at` at which unasked mints are allowed: `at` itself where they are now. `undefined` where
 * none was found within a year (or within the first 5 000 edges of windows): look again later.
 */
export function closedUntil(windows: Windows, at: number): number | undefined {
  let candidate = at;
  for (let edges = 0; edges < EDGES_MAX && candidate <= at + HORIZON_MS; edges += 1) {
    const moved = leaveDeny(windows.deny, candidate) ?? enterAllow(windows.allow, candidate);
    if (moved === candidate) return candidate;
    if (moved === undefined) return undefined;
    candidate = moved;
  }
  return undefined;
}

/**
 * The end of the allowed span that `at` lies in: the first instant after it that is not allowed. `at` itself where it is
 * not allowed; `undefined` where the span has no end within a year (or the first 5 000 edges).
 */
export function allowedUntil(windows: Windows, at: number): number | undefined {
  let candidate = at;
  for (let edges = 0; edges < EDGES_MAX && candidate <= at + HORIZON_MS; edges += 1) {
    if (!isAllowed(windows, candidate)) return candidate;
    const moved = nextClosing(windows, candidate);
    if (moved === undefined) return undefined;
    candidate = moved;
  }
  return undefined;
}

/**
 * What cannot be met in the year after `from`, in words that say the way out; `undefined` where nothing is found: mints
 * are never allowed, or not for longer than the maximal age, or at no slot of the schedule. All schedules in it
 * must be without a problem of their own.
 */
export function windowsProblem(policy: WindowsPolicy, from: number): string | undefined {
  if (policy.allow.length === 0 && policy.deny.length === 0) return undefined;
  const { allow, deny, schedule, maxAgeMs, maxAgeOverridesDeny } = policy;
  const key = JSON.stringify([from, allow, deny, schedule, maxAgeMs, maxAgeOverridesDeny]);
  const problem = problemOf(
    key,
    () => neverProblem(policy, from) ?? slotsProblem(policy, from) ?? maxAgeProblem(policy, from) ?? '',
  );
  return problem === '' ? undefined : problem;
}

/** Open from each slot (included) for its duration (the end not included). */
function isOpen(window: Window, at: number): boolean {
  return endOf(window, at) > at;
}

/** When the newest opening at or before `at` ends, or ended. */
function endOf(window: Window, at: number): number {
  return (previousSlot(window.opens, at) ?? Number.NEGATIVE_INFINITY) + window.durationMs;
}

/** The latest end of the deny windows that are open; `undefined` where none is. */
function leaveDeny(deny: readonly Window[], at: number): number | undefined {
  const end = Math.max(Number.NEGATIVE_INFINITY, ...deny.map((window) => endOf(window, at)));
  return end > at ? end : undefined;
}

/** `at` itself inside an allow window, else the next opening; `undefined` where there is none. */
function enterAllow(allow: readonly Window[], at: number): number | undefined {
  if (allow.length === 0 || allow.some((window) => isOpen(window, at))) return at;
  return earliest(allow.map((window) => nextSlot(window.opens, at)));
}

/** The next instant at which an allowed span may end: the last allow window's end, or a deny window's opening. */
function nextClosing({ allow, deny }: Windows, at: number): number | undefined {
  const denied = earliest(deny.map((window) => nextSlot(window.opens, at)));
  if (allow.length === 0) return denied;
  const end = Math.max(...allow.map((window) => endOf(window, at)));
  return denied === undefined ? end : Math.min(denied, end);
}

function earliest(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function neverProblem(policy: WindowsPolicy, from: number): string | undefined {
  if (closedUntil(policy, from) !== undefined) return undefined;
  const which = policy.allow.length === 0 ? 'deny' : policy.deny.length === 0 ? 'allow' : 'allow and deny';
  return `the ${which} windows leave no time within a year at which a rotation is allowed; shorten or remove one of them`;
}

/** Goes from allowed span to allowed span and looks for a slot in each. */
function slotsProblem(policy: WindowsPolicy, from: number): string | undefined {
  const { schedule } = policy;
  if (schedule === undefined) return undefined;
  let slot = nextSlot(schedule, from);
  for (let edges = 0; edges < EDGES_MAX; edges += 1) {
    if (slot === undefined || slot > from + HORIZON_MS) break;
    const opening = closedUntil(policy, slot);
    if (opening === slot) return undefined;
    slot = opening === undefined ? undefined : nextSlot(schedule, opening - 1);
  }
  return (
    `no slot of the schedule '${schedule.pattern}' (${schedule.zone}) is allowed by the windows within a year; ` +
    'move the schedule into an allow window, or out of the deny windows'
  );
}

function maxAgeProblem(policy: WindowsPolicy, from: number): string | undefined {
  const { maxAgeMs, maxAgeOverridesDeny, allow } = policy;
  if (maxAgeMs === undefined) return undefined;
  const windows = { allow, deny: maxAgeOverridesDeny ? [] : policy.deny };
  let closing: number | undefined = from;
  for (let edges = 0; edges < EDGES_MAX && closing < from + HORIZON_MS; edges += 1) {
    const opening = closedUntil(windows, closing);
    if (opening === undefined || opening - closing > maxAgeMs) {
      return tooLong(closing, opening ?? closing + HORIZON_MS, maxAgeMs);
    }
    closing = allowedUntil(windows, opening);
    if (closing === undefined) return undefined;
  }
  return undefined;
}

function tooLong(closing: number, opening: number, maxAgeMs: number): string {
  return (
    `maxAge ${formatDuration(maxAgeMs)} cannot be met: the windows allow no rotation from ` +
    `${new Date(closing).toISOString()} for ${formatDuration(opening - closing)}; lengthen maxAge, change the ` +
    'windows, or set maxAgeOverridesDeny: true where deny windows are the cause'
  );
}
