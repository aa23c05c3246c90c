/** The results as a table for people and as numbers for machines. */
import { sortOf } from './point.ts';
import type { RunResult } from './run.ts';
import { KILLED } from './struck.ts';
import type { Struck } from './struck.ts';

/** Numbers of one run. */
export interface Numbers {
  readonly points: number;
  /** Points after which a credential, a rotation or the journal was gone. */
  readonly lost: number;
  /** Points after which a target held another credential than the live one. */
  readonly stale: number;
  readonly extraMints: number;
  readonly recoveryP50Ms: number;
  readonly recoveryP99Ms: number;
  /** Points after which a consumer was made to read the same value twice. */
  readonly refreshedTwice: number;
  /** Points after which a credential was found where it must not be. */
  readonly shown: number;
  /** Points after which a file, a label, an open rotation or a hold was left. */
  readonly leftBehind: number;
  /** Points of the undisturbed life that no other life came to. */
  readonly unreached: number;
}

/** From here on a recovery has waited for a mint of unknown outcome to settle. */
const SETTLED_FROM_MS = 100_000;

export function numbersOf({ struck, unreached }: RunResult): Numbers {
  const count = (fault: string) =>
    struck.filter(({ findings }) => findings.some((each) => each.fault === fault)).length;
  const times = struck.map(({ recoveryMs }) => recoveryMs);
  return {
    points: struck.length,
    lost: count('lost'),
    stale: count('stale'),
    extraMints: struck.reduce((sum, { extraMints }) => sum + extraMints, 0),
    recoveryP50Ms: Math.round(percentile(times, 0.5)),
    recoveryP99Ms: Math.round(percentile(times, 0.99)),
    refreshedTwice: count('refreshed twice'),
    shown: count('shown'),
    leftBehind: count('left behind'),
    unreached: unreached.length,
  };
}

/** Lives differ a little, so a few points are not come to. Of more than this share nobody can say that they were tried. */
const UNREACHED_SHARE_MAX = 0.02;

/** Whether everything is as promised, and was tried. */
export function isGood(numbers: Numbers): boolean {
  const { points, lost, stale, extraMints, refreshedTwice, shown, leftBehind, unreached } = numbers;
  if (points === 0 || unreached > UNREACHED_SHARE_MAX * (points + unreached)) return false;
  return lost + stale + extraMints + refreshedTwice + shown + leftBehind === 0;
}

/** What was struck, how, and one row for all points of one sort with one outcome. `how`: the options of the run that leave points out. */
export function pageOf({ struck, unreached }: RunResult, how: readonly string[]): string {
  const command = ['npm run kill', ...(how.length === 0 ? [] : ['--', ...how])].join(' ');
  const which = how.length === 0 ? 'all points of all scenarios' : 'some of the points';
  const missed =
    unreached.length === 0 ? '' : `; ${unreached.length} more were in no life but the undisturbed one`;
  const head = `\`${command}\`, ${which}: ${struck.length} struck${missed}.`;
  return `${head}\n\n${tableOf(struck)}`;
}

/** One row for all points of one sort with one outcome. */
export function tableOf(struck: readonly Struck[]): string {
  const groups = Map.groupBy(
    struck,
    (each) => `${each.by === KILLED ? sortOf(each.point) : each.by}|${outcomeOf(each)}`,
  );
  const rows = [...groups].map(([key, some]) => {
    const [sort = '', outcome = ''] = key.split('|');
    const times = some.map(({ recoveryMs }) => recoveryMs);
    const extra = some.reduce((sum, { extraMints }) => sum + extraMints, 0);
    const time = `${seconds(percentile(times, 0.5))} (${seconds(Math.max(...times))})`;
    return `| ${[sort, some.length, outcome, extra, time].join(' | ')} |`;
  });
  return [
    '| struck at | points | outcome | extra mints | recovery: median (longest) |',
    '| --- | ---: | --- | ---: | ---: |',
    ...rows.toSorted(),
  ].join('\n');
}

function outcomeOf({ findings, valueLost, isUnsynced, recoveryMs, endedWith }: Struck): string {
  const faults = [...new Set(findings.map(({ fault }) => fault))];
  if (faults.length > 0) return faults.join(', ').toUpperCase();
  const ended = endedWith === undefined ? '' : `ended with exit code ${endedWith}; `;
  if (valueLost) return `${ended}converged; the value was lost and hidden, minted anew`;
  if (isUnsynced) return `${ended}converged; the disk lost what it had acknowledged`;
  return `${ended}converged${recoveryMs >= SETTLED_FROM_MS ? ', after settling' : ''}`;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
