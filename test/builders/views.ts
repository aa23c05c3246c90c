/** What the API answers of a converged account and of a daemon, for tests of what commands make of it. */
import type { StatusView } from '../../src/http/routes/status.ts';
import type { AccountView } from '../../src/http/views.ts';

export const CONVERGED: AccountView = {
  name: 'billing',
  labels: {},
  provider: 'kronup',
  organisation: '',
  accountIds: ['a1'],
  strategy: 'in-place',
  configured: true,
  converged: true,
  holds: [],
  targets: [],
  failures: 0,
};

/** `now`: when it answered, in ms since the epoch. */
export function statusView(now: number): StatusView {
  return {
    installation: 'test',
    version: '1.2.3',
    pid: 1,
    host: 'here',
    running: true,
    startedAt: now,
    now,
    accounts: 1,
    overdue: 0,
    held: {},
    notConverged: 0,
    consumersBehind: 0,
    holds: [],
  };
}
