/** What came of striking a daemon at one point. */
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
  /** The code with which it ended because of what it was struck by; absent where it was killed, or went on. */
  readonly endedWith?: number;
  /** From the new start, or from when all was right again, until the daemon was done with what was begun. */
  readonly recoveryMs: number;
}
