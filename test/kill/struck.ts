/** What came of striking a daemon at one point. */
import type { RunningProcess } from '../world/daemon-process.ts';
import type { Finding } from './judge.ts';
import type { Point } from './point.ts';

export const KILLED = 'SIGKILL';

/** What came of it. */
export interface Struck {
  /** What it was struck by. */
  readonly by: string;
  readonly scenario: string;
  readonly point: Point;
  readonly findings: readonly Finding[];
  /** Mints since the life, or the rotation, began. */
  readonly mints: number;
  /** Mints that nothing allows. */
  readonly extraMints: number;
  /** A minted value was in nobody's hands when the daemon died, so that another mint is allowed. */
  readonly valueLost: boolean;
  /** A disk that was made to fail lost what it had acknowledged, so that another mint is allowed. */
  readonly isUnsynced?: true;
  /** The code with which it ended because of what it was struck by; absent where it was killed, or went on. */
  readonly endedWith?: number;
  /** From the new start, or from when all was right again, until the daemon was done with what was begun. */
  readonly recoveryMs: number;
}

const SHOWN_CHARACTERS = 4_000;

/** A life did not go as it should: with what the daemon said last. */
export function stuck(daemon: RunningProcess, error: unknown): Finding {
  return {
    fault: 'lost',
    what: `${String(error)}; it said last:\n${daemon.output().slice(-SHOWN_CHARACTERS)}`,
  };
}

/** What comes of a life in which something went wrong before it was struck. */
export function neverStruck(by: string, scenario: string, point: Point, finding: Finding): Struck {
  const nothing = { mints: 0, extraMints: 0, valueLost: false, recoveryMs: 0 };
  return { by, scenario, point, findings: [finding], ...nothing };
}
