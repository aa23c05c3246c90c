/** What happened in a history, line by line: virtual time, who, what. Costs nothing where nobody reads it. */
import type { Timeline } from './timeline.ts';

export interface Trace {
  readonly lines: readonly string[];
  /** Adds a line where somebody reads them. */
  add(who: string, what: () => string): void;
}

export function traceOf(timeline: Timeline, wanted: boolean): Trace {
  const lines: string[] = [];
  return {
    lines,
    add(who, what) {
      if (wanted) lines.push(`${new Date(timeline.now).toISOString()}  ${who.padEnd(9)}  ${what()}`);
    },
  };
}
