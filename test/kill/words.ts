/** The configuration of a world, in its own words. */
import { join } from 'node:path';
import type { KillConsumers } from './consumers.ts';
import type { Placed } from './placing.ts';
import type { KillProvider } from './providers.ts';
import type { Scenario } from './scenario.ts';

/** The account under test, with its targets. */
export function accountOf(
  { strategy }: Scenario,
  { kind, account, ids, accountWords }: KillProvider,
  placed: readonly Placed[],
  consumers: KillConsumers | undefined,
): object {
  return {
    name: account.name,
    accountIds: ids,
    ...accountWords,
    provider: kind,
    strategy,
    targets: placed.map(({ at, address, shape }) => ({
      store: at.kind,
      address,
      format: shape.format,
      consumerLag: '0s',
      ...at.targetWords,
      ...consumers?.wordsFor(at.kind),
    })),
  };
}

/** All but the accounts. */
export function baseConfig(folder: string, more: object): object {
  return {
    installation: 'kill',
    journal: { path: join(folder, 'state/journal.db') },
    socket: { path: join(folder, 'rekeyd.sock') },
    probes: { address: '127.0.0.1:0' },
    log: { level: 'debug' },
    defaults: { minInterval: '1s' },
    ...more,
  };
}
