/** What came of striking a daemon at one point. */
import type { Finding } from './judge.ts';
import type { Point } from './point.ts';

export interface Struck {
  readonly scenario: string;
  readonly point: Point;
  readonly findings: readonly Finding[];
  /** Mints since the life, or the rotation, began. */
  readonly mints: number;
  /** Mints that nothing allows. */
  readonly extraMints: number;
  /** A minted value was in nobody's hands when the daemon died, so that another mint is allowed. */
  readonly valueLost: boolean;
  /** From the new start until the daemon was done with what was begun. */
  readonly recoveryMs: number;
}
