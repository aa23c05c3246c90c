/**
 * Follows the machine's wall clock beside the one that only goes forward: it is set now and then, and goes on while the process
 * stands still.
 */
import { LIMITS } from '../domain/limits.ts';
import type { EngineParts } from './parts.ts';

/** The longest sleep of the loop, so that a jump of the clock or a suspended machine is noticed, in ms. */
export const SLEEP_MAX_MS = 30_000;
/** A loop that did not turn for longer was not running: the process was stopped, or starved. */
const PAUSE_MIN_MS = SLEEP_MAX_MS + LIMITS.missedAfterMs;

export interface WallClock {
  /**
   * At each turn of the loop. Where the clock was put back, when accounts are looked at next was planned by one that was ahead, and
   * whoever waits would wait for as long as that: all are made due.
   */
  turn(): Promise<void>;
  /** Since when the process has run without a pause, by the wall clock as it is set now; 0: nothing counts as missed. */
  runningSince(): number;
  /** Since when the wall clock has not been set, as far as this process has seen; 0: never. */
  steadySince(): number;
}

export function createWallClock({
  clock,
  journal,
  telemetry,
  settings,
}: Pick<EngineParts, 'clock' | 'journal' | 'telemetry' | 'settings'>): WallClock {
  const offset = () => clock.now() - clock.elapsed();
  /** The wall clock less the other, as it was when last looked at. */
  let offsetMs = offset();
  /** The same for `runningSince`: a clock that is set ahead jumps over slots, and none of them is missed by that. */
  let runningOffsetMs = offsetMs;
  /** By how much the clock was put back since the last turn. */
  let backMs = 0;
  /** Both on the clock that only goes forward. */
  let runningFrom = settings.runningSince > 0 ? settings.runningSince - offsetMs : undefined;
  let setAt: number | undefined;
  let turnedAt: number | undefined;

  function look(): void {
    const byMs = offset() - offsetMs;
    offsetMs += byMs;
    runningOffsetMs = Math.min(runningOffsetMs, offsetMs);
    if (Math.abs(byMs) <= LIMITS.clockStepMs) return;
    setAt = clock.elapsed();
    backMs = Math.max(0, backMs - byMs);
  }

  return {
    async turn() {
      const elapsed = clock.elapsed();
      const isFirst = turnedAt === undefined;
      look();
      if (runningFrom !== undefined && elapsed - (turnedAt ?? elapsed) > PAUSE_MIN_MS) {
        runningFrom = elapsed;
        runningOffsetMs = offsetMs;
      }
      turnedAt = elapsed;
      const byMs = isFirst ? ((await journal.newestAt()) ?? 0) - clock.now() : backMs;
      backMs = 0;
      if (byMs <= LIMITS.clockStepMs) return;
      telemetry.event('clock-put-back', { byMs: Math.round(byMs) });
      await journal.wakeAll(clock.now());
    },
    runningSince() {
      look();
      return runningFrom === undefined ? 0 : runningFrom + runningOffsetMs;
    },
    steadySince() {
      look();
      return setAt === undefined ? 0 : setAt + offset();
    },
  };
}
