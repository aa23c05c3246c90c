/** An account as the configuration gives it, with what a test changes. */
import type { Account } from '../../src/domain/account.ts';
import { consumerId } from '../../src/domain/consumer.ts';
import type { Consumer } from '../../src/domain/consumer.ts';
import type { Target } from '../../src/domain/target.ts';

export function target(id: string, changes: Partial<Target> = {}): Target {
  const [store = 'files', address = id] = id.split(':');
  return {
    id,
    location: `${store}://${address}`,
    store,
    address,
    options: {},
    format: { kind: 'raw', options: {} },
    required: true,
    overwrite: false,
    ...changes,
  };
}

export function account(changes: Partial<Account> = {}): Account {
  const name = changes.name ?? 'billing';
  return {
    name,
    labels: {},
    provider: 'kronup',
    origin: 'https://api.kronup.com',
    organisation: '',
    accountIds: ['a1'],
    strategy: 'in-place',
    jitterMs: 0,
    missed: 'run',
    allow: [],
    deny: [],
    maxAgeOverridesDeny: false,
    minIntervalMs: 600_000,
    rotateOnAdopt: false,
    reopenClosed: false,
    priority: 0,
    paused: false,
    onDrift: 'deliver',
    onRefused: 'park',
    targets: [target(`files:${name}/token`)],
    ...changes,
  };
}

/** A Deployment that is restarted through the connection `cluster`. */
export function restart(changes: Partial<Consumer> = {}): Consumer {
  const which = {
    connection: 'cluster',
    does: 'restart' as const,
    address: 'Deployment shop/checkout',
    ...changes,
  };
  return { timeLimitMs: 600_000, onUnhealthy: 'report', ...which, id: changes.id ?? consumerId(which) };
}
