/** What each process has learnt from answers that reached it, and when the requests for them were sent, in true time. */
import type { SeenAccount } from '../../../src/ports/provider.ts';
import type { Host } from '../host.ts';

export interface Learnt<T> {
  readonly asked: number;
  readonly what: T;
}

/** Knowledge of one process. */
export interface Mind {
  /** Whose the manager credential is. */
  manager?: string;
  readonly accounts: Map<string, Learnt<SeenAccount>>;
  /** By account: when a look at it was begun last, whatever came of it. */
  readonly looks: Map<string, number>;
  /** By store and address: reads that succeeded. */
  readonly reads: Map<string, Learnt<void>>;
  /** By store and address: the identity for which a preflight succeeded. */
  readonly preflights: Map<string, Learnt<string>>;
  /** By account: when its last mint or delivery ended, as far as this process knows. */
  readonly effects: Map<string, number>;
  /** By store and address: when the last write ended. */
  readonly writes: Map<string, number>;
}

export class Knowledge {
  readonly #minds = new WeakMap<Host, Mind>();
  /** By store, address and identity: when a real write was last acknowledged to anybody. */
  readonly realWrites = new Map<string, number>();

  of(host: Host): Mind {
    const mind = this.#minds.get(host) ?? {
      accounts: new Map(),
      looks: new Map(),
      reads: new Map(),
      preflights: new Map(),
      effects: new Map(),
      writes: new Map(),
    };
    this.#minds.set(host, mind);
    return mind;
  }

  /** It begins to look at these accounts. */
  looking(host: Host, ids: readonly string[], now: number): void {
    for (const id of ids) this.of(host).looks.set(id, now);
  }
}

export function placeKey(store: string, address: string): string {
  return `${store}:${address}`;
}
