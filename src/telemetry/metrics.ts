/**
 * The metrics of the daemon, in a registry of their own. Series of the configured providers and stores are there from the
 * start; those of single accounts are written at each scrape and never kept.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Hold } from '../domain/hold.ts';
import type { AccountGauges } from '../ports/telemetry.ts';
import { renderAccounts } from './account-gauges.ts';
import { measureLoopLag } from './loop-lag.ts';
import { METRICS, type Configured, type Labels, type Metric, type MetricName } from './metric-table.ts';

/** The media type of what `render` yields. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Counts over configured accounts, as the journal answers them. */
export interface AccountSummary {
  readonly accounts: number;
  readonly overdue: number;
  readonly held: Readonly<Record<string, number>>;
  readonly notConverged: number;
  readonly consumersBehind: number;
}

export interface ConfiguredMetrics extends Configured {
  /** Calls left today of each provider that counts them. */
  readonly callsLeft?: () => Iterable<readonly [provider: string, calls: number | undefined]>;
  /** The clock of each service that has told it, less ours, in ms. */
  readonly clockSkews?: () => Iterable<readonly [service: string, skewMs: number]>;
}

/** What a scrape is told of the accounts. */
export interface Scrape {
  readonly now: number;
  /** `metrics.maxAccounts` of the configuration. */
  readonly accountsMax: number;
  /** All accounts in pages; with more than `accountsMax` of them, it is enough to bring those in trouble. */
  readonly pages: AsyncIterable<readonly AccountGauges[]>;
  readonly summary?: AccountSummary;
  /** Holds of providers and stores that are in force: gauges follow them, also where another process set them. */
  readonly holds?: readonly Hold[];
}

export interface Metrics extends Disposable {
  /** Says what is configured: new series appear at zero, gauges of what is gone disappear. Counts go on. */
  declare(configured: ConfiguredMetrics): void;
  /** Labels that the metric does not have are left out. */
  add(name: MetricName, labels: Labels, by?: number): void;
  set(name: MetricName, labels: Labels, value: number): void;
  observe(name: MetricName, labels: Labels, seconds: number): void;
  /** Everything, in the text format of Prometheus, in pieces. */
  render(scrape: Scrape): AsyncIterable<string>;
}

type Instrument = Counter | Gauge | Histogram;

/** Of the runtime's metrics, those that are worth a place. */
const PROCESS_METRICS = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'process_open_fds',
  'process_max_fds',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
];

/** Asked for at each scrape; what is gone by then disappears. */
const MEASURED_AT_SCRAPE: readonly MetricName[] = ['rekeyd_provider_calls_left', 'rekeyd_clock_skew_seconds'];

export function createMetrics(options: { readonly process: boolean }): Metrics {
  const registry = new Registry();
  const instruments = new Map<MetricName, Instrument>();
  for (const name of metricNames()) instruments.set(name, createInstrument(name, registry));
  const ofProcess = options.process ? processMetrics() : () => Promise.resolve('');
  const loopLag = measureLoopLag();
  const known = new Map<string, readonly [MetricName, Labels]>();
  let asked: ConfiguredMetrics | undefined;

  /** Notes the series, and answers whether it is new. */
  const note = (name: MetricName, labels: Labels): boolean => {
    // The labels of a metric are always the same, in the same order.
    const key = `${name}\0${Object.values(labels).join('\0')}`;
    if (known.has(key)) return false;
    known.set(key, [name, labels]);
    return true;
  };
  const metrics: Metrics = {
    declare(configured) {
      asked = configured;
      removeGone(known, instruments, configured);
      for (const name of metricNames()) {
        for (const labels of METRICS[name].series(configured)) {
          const picked = pick(name, labels);
          if (note(name, picked)) start(instruments.get(name), picked, METRICS[name]);
        }
      }
    },
    add(name, labels, by = 1) {
      const picked = pick(name, labels);
      note(name, picked);
      (instruments.get(name) as Counter).inc(picked, by);
    },
    set(name, labels, value) {
      const picked = pick(name, labels);
      note(name, picked);
      (instruments.get(name) as Gauge).set(picked, value);
    },
    observe(name, labels, seconds) {
      const picked = pick(name, labels);
      note(name, picked);
      (instruments.get(name) as Histogram).observe(picked, seconds);
    },
    async *render({ summary, holds, ...accounts }) {
      for (const { quantile, seconds } of loopLag.read()) {
        metrics.set('rekeyd_event_loop_lag_seconds', { quantile }, seconds);
      }
      for (const name of MEASURED_AT_SCRAPE) (instruments.get(name) as Gauge).reset();
      measure(metrics, asked);
      if (summary !== undefined) summarise(metrics, summary);
      if (holds !== undefined) setHeld(metrics, [...known.values()], holds);
      yield `${await registry.metrics()}\n`;
      yield `${await ofProcess()}\n`;
      yield* renderAccounts(accounts.pages, { ...accounts, ...(summary && { total: summary.accounts }) });
    },
    [Symbol.dispose]: () => {
      loopLag[Symbol.dispose]();
      registry.clear();
    },
  };
  metrics.declare({ providers: [], stores: [] });
  return metrics;
}

function metricNames(): MetricName[] {
  return Object.keys(METRICS) as MetricName[];
}

function createInstrument(name: MetricName, registry: Registry): Instrument {
  const { type, help, labels, buckets }: Metric = METRICS[name];
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'counter') return new Counter(options);
  if (type === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, ...(buckets && { buckets: [...buckets] }) });
}

function start(instrument: Instrument | undefined, labels: Labels, metric: Metric): void {
  if (instrument instanceof Counter) instrument.inc(labels, 0);
  if (instrument instanceof Gauge) instrument.set(labels, metric.start ?? 0);
  if (instrument instanceof Histogram) instrument.zero(labels);
}

/** A store that left the configuration while it was down would be down for ever. */
function removeGone(
  known: Map<string, readonly [MetricName, Labels]>,
  instruments: ReadonlyMap<MetricName, Instrument>,
  { providers, stores }: Configured,
): void {
  const here = new Set([...providers.map(({ name }) => name), ...stores]);
  for (const [key, [name, labels]] of known) {
    const instrument = instruments.get(name);
    const subject = labels['provider'] ?? labels['store'];
    if (!(instrument instanceof Gauge) || subject === undefined || here.has(subject)) continue;
    instrument.remove(labels);
    known.delete(key);
  }
}

/** The labels that the metric has, each with a value. */
function pick(name: MetricName, labels: Labels): Labels {
  const wanted: readonly string[] = METRICS[name].labels;
  const picked: Record<string, string> = {};
  for (const label of wanted) picked[label] = labels[label] ?? '';
  return picked;
}

function measure(metrics: Metrics, asked: ConfiguredMetrics | undefined): void {
  for (const [provider, calls] of asked?.callsLeft?.() ?? []) {
    if (calls !== undefined) metrics.set('rekeyd_provider_calls_left', { provider }, calls);
  }
  for (const [service, skewMs] of asked?.clockSkews?.() ?? []) {
    metrics.set('rekeyd_clock_skew_seconds', { service }, skewMs / 1_000);
  }
}

function setHeld(
  metrics: Metrics,
  series: readonly (readonly [MetricName, Labels])[],
  holds: readonly Hold[],
): void {
  for (const [name, labels] of series) {
    const { held, start = 0 }: Metric = METRICS[name];
    if (held === undefined) continue;
    const of = labels['provider'] ?? labels['store'];
    const isHeld = holds.some(({ kind, subject }) => kind === held.by && subject === of);
    metrics.set(name, labels, isHeld ? held.is : start);
  }
}

function summarise(metrics: Metrics, summary: AccountSummary): void {
  metrics.set('rekeyd_accounts', {}, summary.accounts);
  metrics.set('rekeyd_accounts_overdue', {}, summary.overdue);
  metrics.set('rekeyd_accounts_not_converged', {}, summary.notConverged);
  metrics.set('rekeyd_accounts_consumers_behind', {}, summary.consumersBehind);
  for (const { hold = '' } of METRICS.rekeyd_accounts_held.series()) {
    metrics.set('rekeyd_accounts_held', { hold }, summary.held[hold] ?? 0);
  }
}

/** Answers the metrics of the process as text. */
function processMetrics(): () => Promise<string> {
  const registry = new Registry();
  // Its measuring of the loop is not used: ours begins anew at each scrape.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1_000 });
  const isWanted = (block: string): boolean =>
    PROCESS_METRICS.some((name) => block.startsWith(`# HELP ${name} `));
  return async () => (await registry.metrics()).split('\n\n').filter(isWanted).join('\n\n');
}
