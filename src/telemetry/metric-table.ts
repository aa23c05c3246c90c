/** Every metric: its kind, labels, and the series that are there from the start. Labels have few values each. */
import { HOLDS } from '../domain/hold.ts';
import type { HoldKind } from '../domain/hold.ts';
import type { Trigger } from '../domain/fact.ts';
import { CONSUMER_METRICS } from './consumer-metrics.ts';
import { STEPS, type MovedMetric } from './entry.ts';
import { EVENTS } from './events.ts';
import { FACTS } from './facts.ts';

/** The providers and stores of the configuration: the values that labels will have. */
export interface Configured {
  readonly providers: readonly { readonly name: string; readonly strategies: readonly string[] }[];
  readonly stores: readonly string[];
  readonly consumers?: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** The series that are there from the start. */
  readonly series: (configured: Configured) => Labels[];
  /** What a gauge starts with; absent: 0. */
  readonly start?: number;
  /** What a gauge is while this hold is in force for its provider or store, whoever set it; otherwise it is what it starts with. */
  readonly held?: { readonly by: HoldKind; readonly is: number };
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

/** How a step ended well, as the label `outcome` has it; otherwise it has the kind of the failure. */
const STEP_OK = 'ok';

const TRIGGERS = [
  'schedule',
  'max-age',
  'expiry',
  'refused',
  'adopt',
  'manual',
] as const satisfies readonly Trigger[];
const STEPS_IN_STORES: readonly string[] = ['preflight', 'deliver', 'confirm'];

const SECONDS_OF_STEPS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const SECONDS_OF_DARK = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 21_600];
const SECONDS_LATE = [0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 21_600, 86_400];

const one = (): Labels[] => [{}];
const none = (): Labels[] => [];

const overProviders =
  (label?: string, values: readonly string[] = ['']) =>
  ({ providers }: Configured): Labels[] =>
    providers.flatMap(({ name, strategies }) =>
      strategies.flatMap((strategy) =>
        values.map((value) => ({ provider: name, strategy, ...(label !== undefined && { [label]: value }) })),
      ),
    );

const overStores =
  (outcomes: readonly string[]) =>
  ({ stores }: Configured): Labels[] =>
    stores.flatMap((store) => outcomes.map((outcome) => ({ store, outcome })));

const over = (label: string, values: readonly string[]) => (): Labels[] =>
  values.map((value) => ({ [label]: value }));

const overSteps = (configured: Configured): Labels[] =>
  overProviders(
    'step',
    STEPS,
  )(configured).flatMap((labels) => {
    const stores = STEPS_IN_STORES.includes(labels['step'] ?? '') ? configured.stores : [''];
    return stores.map((store) => ({ ...labels, store, outcome: STEP_OK }));
  });

export const METRICS = {
  rekeyd_build_info: {
    type: 'gauge',
    help: 'Always 1: the running version, and the versions of Node and of the time zone data.',
    labels: ['version', 'node', 'tzdata'],
    series: none,
  },
  rekeyd_facts_total: {
    type: 'counter',
    help: 'Facts written to the journal, by kind.',
    labels: ['kind', 'provider', 'strategy'],
    series: overProviders('kind', Object.keys(FACTS)),
  },
  rekeyd_events_total: {
    type: 'counter',
    help: 'Events of the daemon itself, by kind.',
    labels: ['kind'],
    series: over('kind', Object.keys(EVENTS)),
  },
  rekeyd_rotations_opened_total: {
    type: 'counter',
    help: 'Rotations begun, by what made them due.',
    labels: ['provider', 'strategy', 'trigger'],
    series: overProviders('trigger', TRIGGERS),
  },
  rekeyd_rotations_total: {
    type: 'counter',
    help: 'Rotations succeeded or abandoned, and failed attempts at them.',
    labels: ['provider', 'strategy', 'outcome'],
    series: overProviders('outcome', ['succeeded', 'failed', 'abandoned']),
  },
  rekeyd_mints_total: {
    type: 'counter',
    help: 'Mints by outcome; of an unknown one it is found out later whether it minted (recovered, lost) or not.',
    labels: ['provider', 'strategy', 'outcome'],
    series: overProviders('outcome', [
      'minted',
      'recovered',
      'refused',
      'unknown',
      'lost',
      'unusable',
      'mismatched',
    ]),
  },
  rekeyd_retirements_total: {
    type: 'counter',
    help: 'Old credentials retired, found gone, or not retired yet because something is against it (waited) or it failed.',
    labels: ['provider', 'strategy', 'outcome'],
    series: overProviders('outcome', ['retired', 'gone', 'waited', 'failed']),
  },
  rekeyd_deliveries_total: {
    type: 'counter',
    help: 'Deliveries to targets of a store: written, confirmed by reading back, or failed.',
    labels: ['store', 'outcome'],
    series: overStores(['written', 'confirmed', 'failed']),
  },
  rekeyd_targets_found_total: {
    type: 'counter',
    help: 'Targets found to hold something foreign, or changed by somebody (drifted), or changed again and again (contested).',
    labels: ['store', 'outcome'],
    series: overStores(['foreign', 'drifted', 'contested']),
  },
  ...CONSUMER_METRICS,
  rekeyd_slots_total: {
    type: 'counter',
    help: 'Slots that were missed, skipped or held.',
    labels: ['provider', 'strategy', 'outcome'],
    series: overProviders('outcome', ['missed', 'skipped', 'held']),
  },
  rekeyd_call_failures_total: {
    type: 'counter',
    help: 'Calls to providers and stores that failed, by step and kind of failure.',
    labels: ['step', 'kind'],
    series: none,
  },
  rekeyd_step_duration_seconds: {
    type: 'histogram',
    help: 'How long a step took; the outcome is ok, or the kind of failure.',
    labels: ['step', 'provider', 'strategy', 'store', 'outcome'],
    series: overSteps,
    buckets: SECONDS_OF_STEPS,
  },
  rekeyd_dark_window_seconds: {
    type: 'histogram',
    help: 'From the mint request having been written until the last required write was acknowledged.',
    labels: ['provider', 'strategy', 'estimated'],
    series: overProviders('estimated', ['false', 'true']),
    buckets: SECONDS_OF_DARK,
  },
  rekeyd_lateness_seconds: {
    type: 'histogram',
    help: 'From the instant at which a rotation was due until its mint was sent; of those that minted.',
    labels: ['provider', 'strategy', 'trigger'],
    series: overProviders('trigger', TRIGGERS),
    buckets: SECONDS_LATE,
  },
  rekeyd_provider_calls_left: {
    type: 'gauge',
    help: 'Calls that the provider still takes today; absent where it has no such limit.',
    labels: ['provider'],
    series: none,
  },
  rekeyd_provider_reserve_low: {
    type: 'gauge',
    help: '1 while no more calls are left than are kept for recovery, so that nothing is minted.',
    labels: ['provider'],
    series: ({ providers }) => providers.map(({ name }) => ({ provider: name })),
    held: { by: 'reserve-low', is: 1 },
  },
  rekeyd_provider_rate_limited_total: {
    type: 'counter',
    help: 'Answers of the provider that asked to be left alone for a while.',
    labels: ['provider'],
    series: ({ providers }) => providers.map(({ name }) => ({ provider: name })),
  },
  rekeyd_live_tries_total: {
    type: 'counter',
    help: 'Tries of live credentials that were refused, or had been refused before.',
    labels: ['provider', 'strategy', 'outcome'],
    series: overProviders('outcome', ['refused', 'accepted', 'inconclusive']),
  },
  rekeyd_live_credentials_accepted: {
    type: 'gauge',
    help: '0 while the provider refuses the live credentials of several accounts.',
    labels: ['provider'],
    series: ({ providers }) => providers.map(({ name }) => ({ provider: name })),
    start: 1,
  },
  rekeyd_manager_credential_accepted: {
    type: 'gauge',
    help: '0 from a refusal of the manager credential until it is accepted again.',
    labels: ['provider'],
    series: ({ providers }) => providers.map(({ name }) => ({ provider: name })),
    start: 1,
    held: { by: 'manager-refused', is: 0 },
  },
  rekeyd_provider_frozen: {
    type: 'gauge',
    help: '1 while the provider is frozen: nothing is minted there that nobody asks for.',
    labels: ['provider'],
    series: ({ providers }) => providers.map(({ name }) => ({ provider: name })),
    held: { by: 'frozen', is: 1 },
  },
  rekeyd_clock_skew_seconds: {
    type: 'gauge',
    help: "The clock of a provider or store less this machine's, as its last answer told.",
    labels: ['service'],
    series: none,
  },
  rekeyd_clock_skewed: {
    type: 'gauge',
    help: "1 while this machine's clock differs from those of the services, so that nothing is minted unasked.",
    labels: [],
    series: one,
  },
  rekeyd_store_up: {
    type: 'gauge',
    help: '0 while the store does not take writes.',
    labels: ['store'],
    series: ({ stores }) => stores.map((store) => ({ store })),
    start: 1,
    held: { by: 'store-down', is: 0 },
  },
  rekeyd_config_reloads_total: {
    type: 'counter',
    help: 'Configurations applied and refused.',
    labels: ['outcome'],
    series: over('outcome', ['applied', 'refused']),
  },
  rekeyd_config_last_reload_successful: {
    type: 'gauge',
    help: '0 while a changed configuration is refused and the last good one is in force.',
    labels: [],
    series: one,
    start: 1,
  },
  rekeyd_api_refused_total: {
    type: 'counter',
    help: 'Requests to the API on TCP that were turned away, by why; all, also those that are not logged.',
    labels: ['why'],
    series: over('why', ['no-token', 'unknown-token', 'role', 'too-many-attempts']),
  },
  rekeyd_journal_lost_total: {
    type: 'counter',
    help: 'Starts with a new journal although accounts were rotated before.',
    labels: [],
    series: one,
  },
  rekeyd_accounts: {
    type: 'gauge',
    help: 'Configured accounts.',
    labels: [],
    series: one,
  },
  rekeyd_accounts_overdue: {
    type: 'gauge',
    help: 'Accounts that should have been looked after by now.',
    labels: [],
    series: one,
  },
  rekeyd_accounts_not_converged: {
    type: 'gauge',
    help: 'Accounts of which some target does not hold the live credential.',
    labels: [],
    series: one,
  },
  rekeyd_accounts_held: {
    type: 'gauge',
    help: 'Accounts held, by hold.',
    labels: ['hold'],
    series: over('hold', Object.keys(HOLDS)),
  },
  rekeyd_event_loop_lag_seconds: {
    type: 'gauge',
    help: 'How late the event loop ran since the last scrape, by quantile (1 is the longest).',
    labels: ['quantile'],
    series: over('quantile', ['0.5', '0.99', '1']),
  },
} as const satisfies Readonly<Record<string, Metric>> & Readonly<Record<MovedMetric, Metric>>;

export type MetricName = keyof typeof METRICS;
