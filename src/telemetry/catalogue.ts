/** The pages of the documentation that list every event and metric, written from the same tables as the code uses. */
import { ACCOUNT_GAUGES, ACCOUNT_LABELS, LEFT_OUT } from './account-gauges.ts';
import type { AnyEntry } from './entry.ts';
import { EVENTS } from './events.ts';
import { FACTS } from './facts.ts';
import { METRICS, type Metric } from './metric-table.ts';

const GENERATED = '<!-- Generated from src/telemetry/ by `npm run generate`. -->';

/** `docs/events.md`. */
export function eventsMarkdown(): string {
  return `${GENERATED}

# Events in the log

The log is one JSON object a line on standard output (in colour on a terminal). Each has \`time\` (ISO 8601, UTC), \`level\`
(\`debug\`, \`info\`, \`warn\`, \`error\`), \`message\` (constant for each event) and \`event\` (its name, below). What it is about
stands in fields: \`account\`, \`rotation\`, \`step\`, \`target\` and \`attempt\` where they apply, \`provider\`, \`actor\` and
\`reason\` where a person asked, and those of the table. Fields ending in \`At\`, and \`slot\`, are instants; those
ending in \`Ms\` are milliseconds. A failure has its kind in \`failure\` and its words in \`detail\`. A credential is never
shown: it is told by its \`fingerprint\`.

What cannot be written, because a reader stalls or the disk is full, waits in memory; beyond 64 MiB lines are dropped. Nothing else
waits for the log, and nothing ends because of it.

## Of accounts

These are the facts that the journal keeps, each in the moment in which it became durable.

${entryTable(FACTS)}

## Of the daemon

${entryTable(EVENTS)}

\`call-failed\` (\`debug\`, \`call failed\`) is each call to a provider or store that failed and was handled on the spot, with
\`failure\`, \`detail\`, \`status\`, \`errorId\`, \`retryAfterMs\`
and, where the API takes one, \`requestId\`.
`;
}

/** `docs/metrics.md`. */
export function metricsMarkdown(): string {
  return `${GENERATED}

# Metrics

\`/metrics\` on the address of the probes, in the text format of Prometheus. Counters and histograms of every configured
provider, strategy and store are there from the start, at zero; the lag of consumers is there from the first one on. No
label has an account, but those of the gauges at the end.

${metricTable(Object.entries(METRICS))}

Beside them those of the process that have a customary name: \`process_cpu_seconds_total\`,
\`process_resident_memory_bytes\`, \`process_start_time_seconds\`, \`process_open_fds\`, \`process_max_fds\`,
\`nodejs_heap_size_used_bytes\` and \`nodejs_external_memory_bytes\`.

## Of single accounts

For up to \`metrics.maxAccounts\` accounts (1 000 by default). With more of them, only those that are held, overdue or
not converged have these series, and of them no more than \`metrics.maxAccounts\`, the first by name. A gauge that
does not apply to an account is absent.

${metricTable([
  ...ACCOUNT_GAUGES.map(({ name, help }) => [name, { type: 'gauge', help, labels: ACCOUNT_LABELS }] as const),
  [LEFT_OUT.name, { type: 'gauge', help: LEFT_OUT.help, labels: [] }],
])}
`;
}

function entryTable(entries: Readonly<Record<string, AnyEntry>>): string {
  const rows = Object.entries(entries).map(([kind, { level, message, step, fields, when }]) => {
    const all = [
      ...(step === undefined ? [] : ['step']),
      ...fields.map((field) => (field === 'message' ? 'detail' : field)),
    ];
    return `| \`${kind}\` | ${message} | ${level} | ${codes(all)} | ${when} |`;
  });
  return ['| event | message | level | fields | when |', '|---|---|---|---|---|', ...rows].join('\n');
}

function metricTable(
  metrics: readonly (readonly [string, Pick<Metric, 'type' | 'help' | 'labels'>])[],
): string {
  const rows = metrics.map(
    ([name, { type, help, labels }]) => `| \`${name}\` | ${type} | ${codes(labels)} | ${help} |`,
  );
  return ['| metric | type | labels | what |', '|---|---|---|---|', ...rows].join('\n');
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' ');
}
