/**
 * Holds that many accounts share: a manager credential that is refused, a store that is down, a consumer that is not well. Set and
 * lifted by what calls show.
 */
import type { ConsumerId } from '../domain/consumer.ts';
import type { Failure } from '../domain/failure.ts';
import type { HoldKind } from '../domain/hold.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { createHoldBoard } from './hold-board.ts';
import type { HoldBoard } from './hold-board.ts';

export interface SharedHolds extends HoldBoard {
  /** The provider refused the manager credential. */
  managerRefused(provider: string, failure: Failure): Promise<void>;
  /** The provider accepted the manager credential. */
  managerAccepted(provider: string): Promise<void>;
  /** The provider refuses the live credentials of several accounts, though it shows them as live. */
  manyRefused(provider: string, message: string): Promise<void>;
  /** Those of several accounts were tried, and none was refused. */
  manyAccepted(provider: string): Promise<void>;
  /** A store did not take a delivery of something that was minted. */
  storeFailed(store: string, failure: Failure): Promise<void>;
  /** A real write to the store succeeded. */
  storeWrote(store: string): Promise<void>;
  /** A consumer of an account that waits for it is not well. */
  consumerUnhealthy(consumer: ConsumerId, message: string): Promise<void>;
  /** The consumer is through, or nobody waits for it any more. */
  consumerReleased(consumer: ConsumerId): Promise<void>;
}

export async function createSharedHolds(options: {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}): Promise<SharedHolds> {
  const { clock, telemetry } = options;
  const board = await createHoldBoard(options);

  function set(kind: HoldKind, subject: string, reason: string): Promise<boolean> {
    return board.put({ kind, subject, since: clock.now(), by: 'rekeyd', reason });
  }

  return {
    ...board,
    async managerRefused(provider, { message }) {
      if (await set('manager-refused', provider, message))
        telemetry.event('manager-refused', { provider, message });
    },
    async managerAccepted(provider) {
      const heldMs = await board.lift('manager-refused', provider);
      if (heldMs !== undefined) telemetry.event('manager-accepted', { provider, heldMs });
    },
    async storeFailed(store, { message }) {
      if (await set('store-down', store, message)) telemetry.event('store-down', { store, message });
    },
    async storeWrote(store) {
      const downMs = await board.lift('store-down', store);
      if (downMs !== undefined) telemetry.event('store-up', { store, downMs });
    },
    async consumerUnhealthy(consumer, message) {
      if (await set('consumer-unhealthy', consumer, message))
        telemetry.event('consumer-holds', { consumer, message });
    },
    async consumerReleased(consumer) {
      const heldMs = await board.lift('consumer-unhealthy', consumer);
      if (heldMs !== undefined) telemetry.event('consumer-released', { consumer, heldMs });
    },
    async manyRefused(provider, message) {
      if (await set('many-refused', provider, message))
        telemetry.event('many-refused', { provider, message });
    },
    async manyAccepted(provider) {
      const heldMs = await board.lift('many-refused', provider);
      if (heldMs !== undefined) telemetry.event('many-accepted', { provider, heldMs });
    },
  };
}
