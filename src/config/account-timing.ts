/** Reads when an account rotates, and finds schedules and windows that can never be met. */
import type { Account, Schedule, Window } from '../domain/account.ts';
import { formatDuration } from '../domain/duration.ts';
import { remembering } from '../domain/least-recent.ts';
import { scheduleProblem } from '../domain/schedule.ts';
import { windowsProblem } from '../domain/windows.ts';
import { zoneProblem } from '../domain/zone.ts';
import type { AccountDefaults, WindowSettings } from './account-schema.ts';
import type { Flaw, Path } from './problem.ts';

export type Timing = Pick<Account, 'allow' | 'deny' | 'schedule' | 'maxAgeMs' | 'maxAgeOverridesDeny'>;

/** An account's own words over the defaults: with what each says, and where that stands. */
export interface TimingWords {
  readonly words: Pick<
    AccountDefaults,
    'schedule' | 'timeZone' | 'windows' | 'maxAge' | 'maxAgeOverridesDeny' | 'minInterval'
  >;
  /** The flaw at this path, in the account or in the defaults. */
  readonly flawAt: (path: Path, message: string) => Flaw;
}

const ZONE_DEFAULT = 'UTC';
const MEMORIES_MAX = 16_384;
const scheduleProblemOf = remembering<string>(MEMORIES_MAX);
const zoneProblemOf = remembering<string>(MEMORIES_MAX);

/** `now` is where the search for slots in windows begins. */
export function readTiming(
  from: TimingWords,
  minIntervalMs: number,
  now: number,
): Timing & { flaws: Flaw[] } {
  const { words, flawAt } = from;
  const flaws: Flaw[] = [];
  const zone = words.timeZone ?? ZONE_DEFAULT;
  const zoneFlaw = zoneFlawOf(zone);
  if (zoneFlaw !== undefined) flaws.push(flawAt(['timeZone'], zoneFlaw));

  const scheduleAt = (pattern: string, path: Path, ownZone: string | undefined): Schedule => {
    const schedule = { pattern: pattern.trim(), zone: ownZone ?? zone };
    const ownFlaw = ownZone === undefined ? undefined : zoneFlawOf(ownZone);
    if (ownFlaw !== undefined) flaws.push(flawAt([...path.slice(0, -1), 'timeZone'], ownFlaw));
    const known = ownZone === undefined ? zoneFlaw === undefined : ownFlaw === undefined;
    const problem = problemOf(known ? schedule : { ...schedule, zone: ZONE_DEFAULT });
    if (problem !== undefined) flaws.push(flawAt(path, problem));
    return schedule;
  };
  const windowsOf = (list: readonly WindowSettings[] = [], kind: 'allow' | 'deny'): Window[] =>
    list.map((window, index) => ({
      opens: scheduleAt(window.opens, ['windows', kind, index, 'opens'], window.timeZone),
      durationMs: window.duration,
    }));

  const timing: Timing = {
    ...(typeof words.schedule === 'string' && {
      schedule: scheduleAt(words.schedule, ['schedule'], undefined),
    }),
    allow: windowsOf(words.windows?.allow, 'allow'),
    deny: windowsOf(words.windows?.deny, 'deny'),
    ...(typeof words.maxAge === 'number' && { maxAgeMs: words.maxAge }),
    maxAgeOverridesDeny: words.maxAgeOverridesDeny ?? false,
  };
  if (flaws.length === 0) flaws.push(...impossible(timing, from, { minIntervalMs, now }));
  return { ...timing, flaws };
}

/** What cannot be met although each word by itself is right. */
function impossible(
  timing: Timing,
  { flawAt }: TimingWords,
  { minIntervalMs, now }: { readonly minIntervalMs: number; readonly now: number },
): Flaw[] {
  const { maxAgeMs } = timing;
  if (maxAgeMs !== undefined && maxAgeMs < minIntervalMs) {
    const message =
      `maxAge ${formatDuration(maxAgeMs)} cannot be met: it is shorter than minInterval ` +
      `(${formatDuration(minIntervalMs)}); lengthen the one or shorten the other`;
    return [flawAt(['maxAge'], message)];
  }
  const { schedule, ...withoutSchedule } = timing;
  const { maxAgeMs: _, ...withoutAge } = timing;
  // Asked in two halves, because each is remembered: many accounts share windows, few share a schedule too.
  const problem = windowsProblem(withoutSchedule, now) ?? (schedule && windowsProblem(withoutAge, now));
  return problem === undefined ? [] : [flawAt(['windows'], problem)];
}

function problemOf({ pattern, zone }: Schedule): string | undefined {
  const problem = scheduleProblemOf(`${zone}\0${pattern}`, () => scheduleProblem(pattern, zone) ?? '');
  return problem === '' ? undefined : problem;
}

function zoneFlawOf(zone: string): string | undefined {
  const problem = zoneProblemOf(zone, () => zoneProblem(zone) ?? '');
  return problem === '' ? undefined : problem;
}
