/**
 * Virtual time. Whatever happens in the world is an event at an instant; when nothing can run any more, time jumps to the next
 * one. Each event belongs to a host, or to the world itself.
 */

/** The real one, before the simulation takes its place for the code under test. */
const realImmediate = globalThis.setImmediate;

/** Events that are run in one turn of Node's loop. */
const EVENTS_AT_ONCE = 256;

/** Whoever runs code: what it planned waits while it stands still, and is dropped when it is dead. */
export interface Owner {
  readonly state: 'running' | 'paused' | 'dead';
  /** Keeps what came while it stood still. */
  keep(run: () => void): void;
}

export interface Planned {
  cancel(): void;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly owner: Owner | undefined;
  run: (() => void) | undefined;
}

export class Timeline {
  /** ms since the epoch, as a perfect clock would show it. Whole. */
  now: number;
  /** Events that were run. */
  steps = 0;
  #owner: Owner | undefined;
  #orders = 0;
  readonly #heap: Event[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** Plans what happens after so many ms. Without an owner it happens whoever lives. */
  after(ms: number, run: () => void, owner?: Owner): Planned {
    const at = this.now + Math.max(0, Math.round(ms));
    const event: Event = { at, order: this.#orders++, owner, run };
    push(this.#heap, event);
    return {
      cancel() {
        event.run = undefined;
      },
    };
  }

  /** Runs events up to this instant, until `isOver` says so. Each begins when all that the one before caused has been done. */
  async runUntil(end: number, isOver: () => boolean = () => false): Promise<void> {
    await turn();
    while (await this.#runSome(end, isOver));
  }

  /**
   * Runs a number of events. Between two immediates Node runs all that is ready, and that is cheaper than a turn of its loop for each
   * event. Answers whether there may be more to run.
   */
  #runSome(end: number, isOver: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let isDone = false;
      let hasRun = false;
      const finish = (isMore: boolean) => {
        isDone = true;
        resolve(isMore);
      };
      const step = () => {
        if (isDone) return;
        if (hasRun && isOver()) {
          finish(false);
          return;
        }
        try {
          hasRun = this.#runNext(end);
          if (!hasRun) finish(false);
        } catch (error) {
          isDone = true;
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      for (let left = EVENTS_AT_ONCE; left > 0; left--) realImmediate(step);
      realImmediate(() => {
        if (!isDone) finish(!isOver());
      });
    });
  }

  /** Runs the next event up to this instant; where there is none, it is that instant now. */
  #runNext(end: number): boolean {
    for (let event = this.#heap[0]; event !== undefined && event.at <= end; event = this.#heap[0]) {
      pop(this.#heap);
      const { run, owner } = event;
      if (run === undefined || owner?.state === 'dead') continue;
      this.now = event.at;
      if (owner?.state === 'paused') {
        owner.keep(run);
        continue;
      }
      this.#owner = owner;
      this.steps++;
      run();
      return true;
    }
    if (this.now < end) this.now = end;
    return false;
  }

  /** While this runs, `setImmediate` is an event like any other: of whoever is running, at the same instant. */
  takeTurns(): Disposable {
    const immediate = (run: () => void) => void this.after(0, run, this.#owner);
    globalThis.setImmediate = immediate as unknown as typeof setImmediate;
    return {
      [Symbol.dispose]() {
        globalThis.setImmediate = realImmediate;
      },
    };
  }
}

/** Resolves when everything that is ready to run has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    realImmediate(resolve);
  });
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function push(heap: Event[], event: Event): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || isBefore(above, event)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    const left = heap[child];
    if (left === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && isBefore(right, left)) child++;
    const least = heap[child];
    if (least === undefined || isBefore(last, least)) break;
    heap[index] = least;
    index = child;
  }
  heap[index] = last;
}
