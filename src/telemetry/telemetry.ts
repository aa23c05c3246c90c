/** The Telemetry port: each piece of news becomes one line in the log and moves metrics, by the tables. */
import type { Fact } from '../domain/fact.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventBodies, EventKind, Measures, Subject, Telemetry } from '../ports/telemetry.ts';
import type { AnyEntry } from './entry.ts';
import { EVENTS } from './events.ts';
import { FACTS } from './facts.ts';
import { createLog, loadPrettify, type Log, type LogDestination, type LogLevel } from './logger.ts';
import type { Labels } from './metric-table.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export interface TelemetryOptions {
  readonly level: LogLevel;
  /** Where the log goes; a `Host`'s output will do, and `openDestination` never blocks. */
  readonly output: LogDestination;
  readonly clock: Pick<Clock, 'now'>;
  /** Lines for people instead of JSON, with or without colour. */
  readonly pretty?: { readonly colour: boolean };
  /** Also metrics of the process: CPU, memory, open files. */
  readonly process?: boolean;
}

export interface DaemonTelemetry extends Telemetry, Disposable {
  /** For lines that are no news of a kind: they move no metric. */
  readonly log: Log;
  readonly metrics: Metrics;
  /** An event that comes too often to be told: it moves its metrics, and there is no line. */
  count<Kind extends EventKind>(kind: Kind, body: EventBodies[Kind]): void;
}

/** What the fields of a body that would clash with a line's own are called there. */
const RENAMED: Readonly<Record<string, string>> = { message: 'detail' };

/** The fields that a line begins with, if it has them. */
const LEADING = ['account', 'rotation', 'step', 'target', 'attempt'];

export async function createTelemetry(options: TelemetryOptions): Promise<DaemonTelemetry> {
  const { level, output, clock, pretty } = options;
  const prettify = pretty && (await loadPrettify(pretty));
  const log = createLog({ level, destination: output, clock, ...(prettify && { prettify }) });
  const metrics = createMetrics({ process: options.process ?? false });
  return {
    log,
    metrics,
    fact: (subject, fact) => tellFact(log, metrics, subject, fact),
    event(kind, body) {
      countEvent(metrics, kind, body);
      logEvent(log, kind, body);
    },
    count: (kind, body) => countEvent(metrics, kind, body),
    measure: (kind, measure) => record(metrics, { kind, measure } as AnyMeasure),
    failure(where, { kind, message, status, id, retryAfterMs, requestId }) {
      metrics.add('rekeyd_call_failures_total', { step: where.step, kind });
      const what = { failure: kind, detail: message, status, errorId: id, retryAfterMs, requestId };
      log.debug('call failed', { event: 'call-failed', ...leading(where), ...what });
    },
    [Symbol.dispose]: () => metrics[Symbol.dispose](),
  };
}

function tellFact(log: Log, metrics: Metrics, subject: Subject, fact: Fact): void {
  const entry: AnyEntry = FACTS[fact.kind];
  const body: Readonly<Record<string, unknown>> = { ...fact };
  const { actor, reason } = fact.cause;
  const outcome = entry.outcomeOf?.(fact);
  const { target, consumer } = body;
  const labels: Labels = {
    ...texts(body),
    kind: fact.kind,
    provider: subject.provider,
    strategy: subject.strategy,
    ...(typeof target === 'string' && { store: storeOf(target) }),
    ...(typeof consumer === 'string' && { connection: connectionOf(consumer) }),
  };
  metrics.add('rekeyd_facts_total', labels);
  move(metrics, entry, labels, outcome);
  log.write(entry.levelOf?.(fact) ?? entry.level, entry.message, {
    event: fact.kind,
    ...leading({ ...body, account: subject.account, step: entry.step }),
    provider: subject.provider,
    ...shown(entry, body),
    ...(actor !== 'rekeyd' && { actor }),
    reason,
  });
}

function countEvent<Kind extends EventKind>(metrics: Metrics, kind: Kind, body: EventBodies[Kind]): void {
  const labels = { ...texts({ ...body }), kind };
  metrics.add('rekeyd_events_total', labels);
  move(metrics, EVENTS[kind], labels);
}

function logEvent<Kind extends EventKind>(log: Log, kind: Kind, body: EventBodies[Kind]): void {
  const entry: AnyEntry = EVENTS[kind];
  const fields: Readonly<Record<string, unknown>> = { ...body };
  log.write(entry.level, entry.message, { event: kind, ...shown(entry, fields) });
}

type AnyMeasure = {
  [Kind in keyof Measures]: { readonly kind: Kind; readonly measure: Measures[Kind] };
}[keyof Measures];

function record(metrics: Metrics, { kind, measure }: AnyMeasure): void {
  const labels = texts({ ...measure });
  const seconds = measure.ms / 1_000;
  switch (kind) {
    case 'step':
      return metrics.observe('rekeyd_step_duration_seconds', labels, seconds);
    case 'dark-window':
      return metrics.observe('rekeyd_dark_window_seconds', labels, seconds);
    case 'consumer-lag':
      return metrics.observe('rekeyd_consumer_lag_seconds', labels, seconds);
    case 'lateness':
      return metrics.observe('rekeyd_lateness_seconds', labels, seconds);
  }
}

function move(metrics: Metrics, entry: AnyEntry, labels: Labels, outcome?: string): void {
  for (const { metric, to, outcome: usual } of entry.moves ?? []) {
    const all = { ...labels, outcome: outcome ?? usual ?? '' };
    if (to === undefined) metrics.add(metric, all);
    else metrics.set(metric, all, to);
  }
}

/** The fields of a body that its entry shows, with instants as people read them. */
function shown(entry: AnyEntry, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const field of entry.fields) {
    if (!LEADING.includes(field)) fields[RENAMED[field] ?? field] = readable(field, body[field]);
  }
  return fields;
}

function leading(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const field of LEADING) fields[field] = body[field];
  return fields;
}

function readable(field: string, value: unknown): unknown {
  const isInstant = typeof value === 'number' && (field === 'slot' || field.endsWith('At'));
  return isInstant ? new Date(value).toISOString() : value;
}

/** Labels are texts. */
function texts(body: Readonly<Record<string, unknown>>): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    if (typeof value === 'string') labels[name] = value;
    else if (typeof value === 'boolean') labels[name] = String(value);
  }
  return labels;
}

/** A target's id begins with the name of its store. */
function storeOf(target: string): string {
  return target.slice(0, Math.max(0, target.indexOf(':')));
}

/** A consumer's id begins with the name of its connection. */
function connectionOf(consumer: string): string {
  return consumer.split(' ', 1)[0] ?? '';
}
