/** A target that was confirmed, and what its consumers have yet to take up from it. */
import type { Consumer, Refreshing, RefreshNeed } from '../../src/domain/consumer.ts';
import type { TargetRecord } from '../../src/domain/record.ts';
import type { Target } from '../../src/domain/target.ts';
import { restart, target } from './account.ts';
import { NOW } from './situation.ts';

export const CHECKOUT: Consumer = restart();
export const SYNC: Consumer = restart({ does: 'forceSync', address: 'ExternalSecret shop/payments' });
export const HOOK: Consumer = restart({ connection: 'deploys', does: 'webhook', address: 'deploys' });

/** How long ago the need arose, and how long before that it was written, in ms. */
export const NEEDED_MS = 10_000;
export const WRITTEN_MS = 2_000;

export const READ: Target = target('files:billing/token', { consumers: [CHECKOUT] });

export function readBy(...consumers: readonly Consumer[]): Target {
  return { ...READ, consumers };
}

export function refreshing(consumer: Consumer, changes: Partial<Refreshing> = {}): Refreshing {
  return { consumer, failures: 0, checkAt: NOW, ...changes };
}

export function needOf(states: readonly Refreshing[], changes: Partial<RefreshNeed> = {}): RefreshNeed {
  return {
    version: '2',
    fingerprint: 'live',
    neededAt: NOW - NEEDED_MS,
    writtenAt: NOW - NEEDED_MS - WRITTEN_MS,
    rotation: 'r1',
    consumers: Object.fromEntries(states.map((state) => [state.consumer.id, state])),
    ...changes,
  };
}

/** The record of a target that holds what is live, with these consumers having to take it up. */
export function confirmedWith(...states: readonly Refreshing[]): TargetRecord {
  return {
    failures: 0,
    accepted: false,
    confirmed: { fingerprint: 'live', version: '2', at: NOW - NEEDED_MS },
    refresh: needOf(states),
  };
}
