/** The metrics of consumers: the counter of their refreshes, their lag, and the accounts of which some are behind. */
import type { Configured, Metric } from './metric-table.ts';

const SECONDS_OF_LAG = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600];

export const CONSUMER_METRICS = {
  rekeyd_consumer_refreshes_total: {
    type: 'counter',
    help: 'Consumers asked to take up a new value (begun): through, failed to be asked, unhealthy, or given up.',
    labels: ['connection', 'outcome'],
    series: ({ consumers = [] }: Configured) =>
      consumers.flatMap((connection) =>
        ['begun', 'through', 'failed', 'unhealthy', 'given-up'].map((outcome) => ({ connection, outcome })),
      ),
  },
  rekeyd_consumer_lag_seconds: {
    type: 'histogram',
    help: "From the store's acknowledgement of a new value until a consumer of it was through.",
    labels: ['connection', 'does'],
    series: () => [],
    buckets: SECONDS_OF_LAG,
  },
  rekeyd_accounts_consumers_behind: {
    type: 'gauge',
    help: 'Accounts of which some consumer has not taken up what its target holds.',
    labels: [],
    series: () => [{}],
  },
} as const satisfies Readonly<Record<string, Metric>>;
