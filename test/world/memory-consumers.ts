/** Consumers in memory: a connection that begins what is needed once, as the real ones do, and that a test slows down or breaks. */
import type { Failure, Result } from '../../src/domain/failure.ts';
import { failed, succeeded } from '../../src/domain/failure.ts';
import type { ConsumerConnection, Progress, Refresh } from '../../src/ports/consumer.ts';

const PASSES_MS = 5;

interface Known {
  /** Up to when values were confirmed that it has taken up, or is taking up. */
  neededAt: number;
  begunAt: number;
}

export class MemoryConsumers {
  /** What was begun, in order. */
  readonly begun: Refresh[] = [];
  /** Every call, in order. */
  readonly asked: Refresh[] = [];
  /** How far those are that were begun. Absent: through at once. */
  readonly progress = new Map<string, Exclude<Progress, { readonly state: 'through' }>>();
  /** Calls fail with this. */
  down: Failure | undefined;
  /** Called once, when a refresh has begun and nobody has been told. */
  onceBegun: (() => Promise<void> | void) | undefined;
  readonly #known = new Map<string, Known>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The addresses of what was begun, in order. */
  addresses(): string[] {
    return this.begun.map(({ address }) => address);
  }

  connection(name: string): ConsumerConnection {
    return {
      name,
      kind: 'memory',
      timeLimitMs: 10_000,
      refresh: (refresh, { signal }) => this.#within(signal, () => this.#refresh(refresh)),
      preflight: ({ does, address }, { signal }) =>
        this.#within(signal, () => Promise.resolve(this.#answer(`may ${does} ${address}`))),
      whoAmI: ({ signal }) => this.#within(signal, () => Promise.resolve(this.#answer('a test'))),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  #answer<T>(value: T): Result<T> {
    return this.down === undefined ? succeeded(value) : failed(this.down.kind, this.down.message);
  }

  /** An answer takes a moment, in which a signal may come. */
  async #within<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, PASSES_MS));
    signal.throwIfAborted();
    return act();
  }

  async #refresh(refresh: Refresh): Promise<Result<Progress>> {
    const { does, address, neededAt } = refresh;
    this.asked.push(refresh);
    if (this.down !== undefined) return failed(this.down.kind, this.down.message);
    const key = does === 'webhook' ? `${does} ${refresh.token}` : `${does} ${address}`;
    let known = this.#known.get(key);
    if (known === undefined || (does !== 'webhook' && known.neededAt < neededAt)) {
      known = { neededAt, begunAt: this.#now() };
      this.#known.set(key, known);
      this.begun.push(refresh);
      const act = this.onceBegun;
      this.onceBegun = undefined;
      await act?.();
    }
    return succeeded(this.progress.get(address) ?? { state: 'through', at: known.begunAt });
  }
}
