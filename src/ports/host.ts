/** The process as the rest of the program may see it. Only `main.ts` touches the real one. */

import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export interface Output {
  readonly isTerminal: boolean;
  /** Width in columns, where it is a terminal. */
  readonly columns?: number;
  write(text: string): void;
}

export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly pid: number;
  readonly userId: number;
  /** Of the user who runs this, such as `ada`; `uid:1000` where the system has no name. */
  readonly userName: string;
  readonly hostname: string;
  /** Such as `v24.21.0`. */
  readonly nodeVersion: string;
  /** Version of the time zone database, such as `2026a`. */
  readonly timeZoneData: string;
  readonly input: { readonly isTerminal: boolean; line(question: string): Promise<string> };
  readonly output: Output;
  readonly errors: Output;
  /** Calls `listener` at each of these signals until disposed. */
  onSignal(
    signals: readonly ('SIGINT' | 'SIGTERM' | 'SIGHUP')[],
    listener: (signal: string) => void,
  ): Disposable;
  /** Calls `listener` when the process ends of itself or at once, until disposed. It must not wait for anything. */
  onExit(listener: () => void): Disposable;
  /** Ends the process at once. For the second signal only. */
  exitNow(code: number): never;
}

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** Something was tried and failed. */
  failed: 1,
  /** Wrong arguments or a bad configuration; nothing was done. */
  usage: 2,
  /** The journal cannot be used: held by another process, full, read-only, damaged, too new, or writable by others. */
  journal: 3,
  /** No daemon answers. */
  unreachable: 4,
  /** What was asked for is held back. */
  held: 5,
  /** Waiting took longer than allowed. */
  timeout: 6,
} as const;
