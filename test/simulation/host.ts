/**
 * A machine with one process of the daemon on it: it has a clock of its own, may stand still for a while, and dies. What
 * it has asked of others happens all the same.
 */
import type { Clock, Deadline } from '../../src/ports/clock.ts';
import type { Dice } from './dice.ts';
import type { Owner, Timeline } from './timeline.ts';

export class Host implements Owner {
  state: Owner['state'] = 'running';
  readonly name: string;
  readonly clock: HostClock;
  /** In true time. */
  readonly startedAt: number;
  readonly #timeline: Timeline;
  #kept: (() => void)[] = [];
  /** Answers that came: crashes are planned by their number. */
  #answersLeft = Number.POSITIVE_INFINITY;
  #onLast: (run: () => void) => void = (run) => run();

  constructor(name: string, timeline: Timeline, clock: HostClock) {
    this.name = name;
    this.clock = clock;
    this.startedAt = timeline.now;
    this.#timeline = timeline;
  }

  /** Plans something of this host's own. */
  after(ms: number, run: () => void): { cancel(): void } {
    return this.#timeline.after(ms, run, this);
  }

  /** An answer arrives, unless this host died first. */
  answer(run: () => void): void {
    if (this.state === 'dead') return;
    if (this.state === 'paused') {
      this.keep(() => this.answer(run));
      return;
    }
    if (--this.#answersLeft >= 0) {
      run();
      return;
    }
    this.#answersLeft = Number.POSITIVE_INFINITY;
    this.#onLast(run);
  }

  /** Hands the answer that comes after so many others over, to be heard or not. */
  atAnswer(answers: number, act: (run: () => void) => void): void {
    this.#answersLeft = answers;
    this.#onLast = act;
  }

  keep(run: () => void): void {
    this.#kept.push(run);
  }

  pause(): void {
    if (this.state === 'running') this.state = 'paused';
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    for (const run of this.#kept.splice(0)) this.after(0, run);
  }

  die(): void {
    this.state = 'dead';
    this.#kept = [];
  }
}

const HOUR_MS = 3_600_000;
/** Clocks that agree differ by less. */
const WRONG_MS = 5_000;

/** One for all: making an error costs more than all else about a deadline. */
const TIMED_OUT = new Error('no answer within the time limit');

/** What the engine and the simulated services use of an `AbortSignal`, at a tenth of its cost: there is one for each sleep. */
class QuickSignal implements Pick<AbortSignal, 'aborted' | 'reason' | 'throwIfAborted'> {
  aborted = false;
  reason: unknown;
  #listeners: (() => void)[] = [];

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** For `abort` alone, which comes once. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener);
  }
}

/** A clock that runs a little fast or slow, and that somebody sets. */
export class HostClock implements Clock {
  /** What the wall clock is ahead of true time, in ms. */
  ahead: number;
  /** Who runs on it; a new process on the same machine gets the same clock. */
  owner: Host | undefined;
  #setAt = Number.NEGATIVE_INFINITY;
  #wasWrongAt = Number.NEGATIVE_INFINITY;
  readonly #steps: { readonly at: number; readonly from: number; readonly byMs: number }[] = [];
  readonly #timeline: Timeline;
  readonly #rate: number;
  readonly #from: number;

  constructor(timeline: Timeline, { ahead, rate }: { readonly ahead: number; readonly rate: number }) {
    this.#timeline = timeline;
    this.#from = timeline.now;
    this.#rate = rate;
    this.ahead = ahead;
  }

  now(): number {
    return Math.floor(this.#from + this.elapsed() + this.ahead);
  }

  elapsed(): number {
    return (this.#timeline.now - this.#from) * this.#rate;
  }

  /** In true time: when it showed another time than most for the last time. */
  get wrongUntil(): number {
    return Math.abs(this.ahead) > WRONG_MS ? this.#timeline.now : this.#wasWrongAt;
  }

  set(ahead: number): void {
    if (Math.abs(this.ahead) > WRONG_MS) this.#wasWrongAt = this.#timeline.now;
    this.#steps.push({ at: this.#timeline.now, from: this.ahead, byMs: Math.abs(ahead - this.ahead) });
    this.ahead = ahead;
    this.#setAt = this.#timeline.now;
  }

  /** Whether somebody set it after that, in true time; of two things in the same millisecond either may have come first. */
  wasSetSince(at: number): boolean {
    return this.#setAt >= at;
  }

  /** What it was ahead of true time at that instant, in ms. */
  aheadAt(at: number): number {
    return this.#steps.find((step) => step.at > at)?.from ?? this.ahead;
  }

  /** By how much it was set in all since then, back and forth, in ms. */
  movedSince(at: number): number {
    return this.#steps.reduce((sum, step) => (step.at >= at ? sum + step.byMs : sum), 0);
  }

  #after(ms: number, run: () => void): { cancel(): void } {
    return this.#timeline.after(Math.ceil(Math.max(0, ms) / this.#rate), run, this.owner);
  }

  sleep(ms: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const stop = () => {
        planned.cancel();
        reject(signal?.reason as Error);
      };
      const planned = this.#after(ms, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  deadline(ms: number, parent?: AbortSignal): Deadline {
    const signal = new QuickSignal();
    let expired = false;
    const follow = () => signal.abort(parent?.reason);
    if (parent?.aborted === true) follow();
    else parent?.addEventListener('abort', follow, { once: true });
    const planned = this.#after(ms, () => {
      expired = true;
      signal.abort(TIMED_OUT);
    });
    return {
      // The parts of one that are used.
      signal: signal as unknown as AbortSignal,
      get expired() {
        return expired;
      },
      [Symbol.dispose]() {
        planned.cancel();
        parent?.removeEventListener('abort', follow);
      },
    };
  }
}

/** By how much a clock is wrong that is: hours behind, or days ahead. */
export function wrongMs(dice: Dice): number {
  return dice.chance(0.5) ? -dice.between(1, 6) * HOUR_MS : dice.between(1, 72) * HOUR_MS;
}
