/** A clock that stands still until a test moves it, and that a test can wait upon until somebody sleeps. */
import type { Clock, Deadline } from '../../src/ports/clock.ts';

interface Sleeper {
  readonly at: number;
  readonly kind: 'sleep' | 'deadline';
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  #elapsed = 0;
  #sleepers: Sleeper[] = [];
  #watchers: (() => void)[] = [];

  constructor(now: number | string = '2026-01-05T00:00:00Z') {
    this.#now = typeof now === 'string' ? Date.parse(now) : now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  sleep(ms: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#forget(sleeper);
        reject(signal?.reason as Error);
      };
      const wake = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const sleeper = this.#add({ at: this.#elapsed + Math.max(0, ms), kind: 'sleep', wake });
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  deadline(ms: number, parent?: AbortSignal): Deadline {
    const controller = new AbortController();
    let expired = false;
    const follow = () => controller.abort(parent?.reason);
    if (parent?.aborted) follow();
    else parent?.addEventListener('abort', follow, { once: true });
    const expire = () => {
      expired = true;
      controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
    };
    const sleeper = this.#add({ at: this.#elapsed + ms, kind: 'deadline', wake: expire });
    return {
      signal: controller.signal,
      get expired() {
        return expired;
      },
      [Symbol.dispose]: () => {
        this.#forget(sleeper);
        parent?.removeEventListener('abort', follow);
      },
    };
  }

  /** Moves both clocks on, waking sleepers in order, each with time for what it causes. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#move(next.at - this.#elapsed);
      this.#forget(next);
      next.wake();
    }
    this.#move(end - this.#elapsed);
    await settle();
  }

  /**
   * Moves on to the first that sleeps, if any does for at most `withinMs` more; deadlines in between expire only if they
   * come first.
   */
  async wakeSleepers(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    const next = this.#sleepers.filter(({ kind }) => kind === 'sleep').toSorted((a, b) => a.at - b.at)[0];
    if (next === undefined || next.at - this.#elapsed > withinMs) return;
    await this.advance(Math.max(0, next.at - this.#elapsed));
  }

  /** Moves on to the first that sleeps or has a deadline, and wakes it. */
  wakeNext(): void {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) if (next === undefined || sleeper.at < next.at) next = sleeper;
    if (next === undefined) return;
    this.#move(Math.max(0, next.at - this.#elapsed));
    this.#forget(next);
    next.wake();
  }

  /** The wall clock alone jumps, as when somebody sets it. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Both clocks move on, and nobody is woken by it. */
  pass(ms: number): void {
    this.#move(ms);
  }

  /** How many are asleep, deadlines included. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Resolves as soon as at least `count` are asleep. */
  async sleepers(count = 1): Promise<void> {
    while (this.#sleepers.length < count) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  #move(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
  }

  #add(sleeper: Sleeper): Sleeper {
    this.#sleepers.push(sleeper);
    for (const watcher of this.#watchers.splice(0)) watcher();
    return sleeper;
  }

  #forget(sleeper: Sleeper): void {
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
  }
}

/** Lets everything that is ready to run, run. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}
