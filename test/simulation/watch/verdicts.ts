/** What was found wrong in a history. The first finding ends it. */
import type { Timeline } from '../timeline.ts';

/** Numbers are those of docs/reliability.md; `run` is for what no history may end in, such as an error of the engine's own. */
export type Invariant = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 'run';

export interface Violation {
  readonly invariant: Invariant;
  readonly at: number;
  readonly message: string;
}

export class Verdicts {
  readonly violations: Violation[] = [];
  readonly #timeline: Timeline;

  readonly #heeds: Invariant | undefined;

  constructor(timeline: Timeline, heeds?: Invariant) {
    this.#timeline = timeline;
    this.#heeds = heeds;
  }

  fail(invariant: Invariant, message: string): void {
    if (this.#heeds !== undefined && this.#heeds !== invariant) return;
    this.violations.push({ invariant, at: this.#timeline.now, message });
  }

  expect(isFine: boolean, invariant: Invariant, message: () => string): void {
    if (!isFine) this.fail(invariant, message());
  }
}
