/** Consumers: whoever reads a credential from a target. To refresh one is to make it read the new value; how far that is. */
import type { Fingerprint } from './credential.ts';

/** What is done so that a consumer reads anew: its pods are replaced, its controller is told to read, or somebody is called. */
export type ConsumerAction = 'restart' | 'forceSync' | 'webhook';

/** What people call it and records key it by: the connection, what it does, and where. Unique among all consumers. */
export type ConsumerId = string;

export interface Consumer {
  readonly id: ConsumerId;
  /** Name of a configured connection to consumers. */
  readonly connection: string;
  readonly does: ConsumerAction;
  /** In the connection's own words, such as `Deployment shop/checkout`. */
  readonly address: string;
  /** From when it was asked for the first time until it counts as unhealthy, in ms. It is waited for after that as well. */
  readonly timeLimitMs: number;
  /** What follows while it is unhealthy: accounts that name it wait with their next rotations, or nothing. */
  readonly onUnhealthy: 'report' | 'hold';
}

/** A webhook is its connection: there is nothing more to name. */
export function consumerId({
  connection,
  does,
  address,
}: Pick<Consumer, 'connection' | 'does' | 'address'>): ConsumerId {
  return does === 'webhook' ? `${connection} ${does}` : `${connection} ${does} ${address}`;
}

/** How far a consumer says that it is. */
export type Progress =
  /** It has the value. `at`: since when, in ms since the epoch, as far as that is shown, else now. */
  | { readonly state: 'through'; readonly at: number }
  /** `why`: what it still waits for, such as `2 of 3 pods are updated`. */
  | { readonly state: 'under-way'; readonly why: string }
  /** It says of itself that it failed, and why. It may become healthy later. */
  | { readonly state: 'unhealthy'; readonly why: string };

/** How far one consumer is with what a target was last made to hold. */
export interface Refreshing {
  /** As it was configured when the need arose: it is waited for also where its target has left the configuration. */
  readonly consumer: Consumer;
  /** When it was to be asked for the first time. */
  readonly begunAt?: number;
  /** What is asked for: that all is taken up that was confirmed until then. */
  readonly askedFor?: number;
  /** What a clock that was put back since asked for, for this need or one before, as that was dated then: it may show that still. */
  readonly askedAhead?: number;
  /** When it was seen to be through. */
  readonly throughAt?: number;
  /** From the store's acknowledgement until it was through, in ms. */
  readonly lagMs?: number;
  /** Calls that failed in a row. */
  readonly failures: number;
  /** When it is looked at next. No fact brings that of a look which showed nothing new; it is kept with what is committed next. */
  readonly checkAt: number;
  readonly lastWhy?: string;
  readonly unhealthySince?: number;
}

/** What a target was last confirmed to hold after we wrote it: its consumers have to take it up. */
export interface RefreshNeed {
  readonly version: string;
  readonly fingerprint: Fingerprint;
  /** When it was confirmed. */
  readonly neededAt: number;
  /** When the store acknowledged it, as far as that is known. */
  readonly writtenAt: number;
  /** The rotation that it came with; absent where a target was put right. */
  readonly rotation?: string;
  readonly consumers: Readonly<Record<ConsumerId, Refreshing>>;
}
