/** How a fact that was tried on a canary is written down: the same for each kind of provider. */
import type { Failure, Result } from '../domain/failure.ts';
import type { CanaryFact } from '../ports/canary.ts';
import type { Clock } from '../ports/clock.ts';

/** `holds`: whether what was seen is what was expected; `undefined` where that could not be found out. */
export function canaryFact(
  fact: string,
  expected: string,
  { seen, holds }: { readonly seen: string; readonly holds: boolean | undefined },
): CanaryFact {
  return { fact, expected, seen, verdict: holds === undefined ? 'unknown' : holds ? 'holds' : 'differs' };
}

/** A failure in a few words: its status and the service's own name for it. */
export function failureWords({ status, id, kind, message }: Failure): string {
  if (status === undefined) return `${kind}: ${message}`;
  return id === undefined ? `${status} (${kind})` : `${status} ${id}`;
}

/** Whether a failure is of this kind; `undefined` where the service could not be asked. */
export function failedAs(result: Result<unknown>, kind: Failure['kind']): boolean | undefined {
  if (result.ok) return false;
  if (result.failure.kind === kind) return true;
  return result.failure.status === undefined || result.failure.kind === 'rate-limited' ? undefined : false;
}

/** The clocks of a service and of this machine, where an answer had a date. */
export function clockFact(offsetMs: number | undefined): CanaryFact {
  const seen = offsetMs === undefined ? 'no date' : `the service is ${offsetMs} ms ahead`;
  const holds = offsetMs === undefined ? false : Math.abs(offsetMs) < CLOCK_OFFSET_MS_MAX;
  return canaryFact('Answers say what time it is (Date)', 'within 5 minutes of this clock', { seen, holds });
}

const CLOCK_OFFSET_MS_MAX = 300_000;

/** The first try is made at once, then after these, in ms: what takes longer than their sum has not happened. */
const TRIES_AFTER_MS = [250, 750, 1_000, 3_000, 5_000, 10_000, 10_000];

/** Tries until it is so; answers after how many ms that was, or `undefined` where it was not so until the end. */
export async function untilSo(
  clock: Clock,
  signal: AbortSignal,
  isSo: () => Promise<boolean>,
): Promise<number | undefined> {
  const from = clock.elapsed();
  if (await isSo()) return 0;
  for (const ms of TRIES_AFTER_MS) {
    await clock.sleep(ms, { signal });
    if (await isSo()) return Math.round(clock.elapsed() - from);
  }
  return undefined;
}

/** `at once`, `after 1234 ms`, `not within 30 s`. */
export function afterWords(ms: number | undefined): string {
  const total = TRIES_AFTER_MS.reduce((sum, each) => sum + each, 0);
  if (ms === undefined) return `not within ${Math.round(total / 1_000)} s`;
  return ms === 0 ? 'at once' : `after ${ms} ms`;
}
