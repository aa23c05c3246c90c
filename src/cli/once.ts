/** `rekeyd once`: does what is due and ends, for a CronJob. Where a daemon runs, that one is asked to. */
import { startDaemon } from '../app.ts';
import { loadForDaemon } from '../app/journal.ts';
import { formatProblem } from '../config/problem.ts';
import { formatDuration } from '../domain/duration.ts';
import type { DueReport } from '../http/due-report.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { JournalError } from '../ports/journal.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { CommandError } from './explain.ts';
import { dueText } from './once-text.ts';
import { configPath } from './places.ts';
import type { CommonOptions } from './program.ts';
import { reachDaemon } from './reach.ts';
import type { Reached } from './reach.ts';
import { problemsOf } from './serve.ts';
import { stoppedBy, stopSignals } from './stop-signals.ts';
import { json } from './text.ts';

export interface OnceOptions extends CommonOptions {
  /** How long tries go on, in ms. */
  readonly timeout: number;
}

/** Beyond the waiting itself, for the answer, in ms. */
const ANSWER_MS = 15_000;
/** The longest that one call may wait; whoever waits for longer asks again, in ms. */
const CALL_WAIT_MS = 600_000;

export async function once(host: Host, options: OnceOptions): Promise<number> {
  const path = configPath(host, options);
  const report = await byOneself(host, options, path).catch((error: unknown) => {
    if (!(error instanceof JournalError) || error.code !== 'held') throw error;
    return handedOver(host, { ...options, config: path }, error);
  });
  host.output.write(options.output === 'json' ? json(report) : dueText(report, host.clock.now()));
  return exitOf(report);
}

/** Logs go to standard error: standard output has the answer. */
async function byOneself(host: Host, { timeout }: OnceOptions, configPath: string): Promise<DueReport> {
  using stopping = stopSignals(host);
  await using found = await loadForDaemon({ host, configPath, once: true });
  const { loaded, journal } = found;
  if (!loaded.ok) throw new CommandError(problemsOf(configPath, loaded.problems.map(formatProblem)));
  const { config } = loaded;
  const { clock, errors } = host;
  using telemetry = await createTelemetry({ level: config.settings.log.level, output: errors, clock });
  const { signal } = stopping;
  await using daemon = await startDaemon({
    host,
    telemetry,
    configPath,
    config,
    signal,
    once: true,
    ...(journal && { journal }),
  }).catch((error: unknown) => {
    if (!signal.aborted || error !== signal.reason) throw error;
    // What was due still is, and whoever starts this again has to know.
    const what = `${stoppedBy(stopping)} came before anything was begun; what is due waits for the next run`;
    throw new CommandError(what, EXIT.timeout);
  });
  using deadline = clock.deadline(timeout, signal);
  return await daemon.doDue({ until: clock.now() + timeout, signal: deadline.signal });
}

/** The daemon that holds the journal does what is due in any case; this waits for it. */
async function handedOver(host: Host, options: OnceOptions, held: JournalError): Promise<DueReport> {
  await using reached = await reachDaemon(host, options).catch((error: unknown) => {
    if (error instanceof CommandError)
      throw new CommandError(`${held.message}\n${error.message}`, EXIT.journal);
    throw error;
  });
  host.errors.write(`rekeyd: a daemon runs and holds the journal; it does what is due (${reached.where})\n`);
  return await askUntilDone(host, reached, options.timeout);
}

/** One that answers before it had to has nothing left that a later try could finish. */
async function askUntilDone({ clock }: Host, reached: Reached, timeoutMs: number): Promise<DueReport> {
  const from = clock.elapsed();
  let before: DueReport | undefined;
  for (;;) {
    const askedAt = clock.elapsed();
    const waitMs = Math.min(CALL_WAIT_MS, Math.max(0, timeoutMs - (askedAt - from)));
    const report = await reached.ask<DueReport>({
      method: 'POST',
      path: `/v1/due?wait=${formatDuration(waitMs)}`,
      timeoutMs: waitMs + ANSWER_MS,
    });
    const both = before === undefined ? report : inAll(before, report);
    const isOver = clock.elapsed() - askedAt < waitMs || clock.elapsed() - from >= timeoutMs;
    if (isOver) return both;
    before = both;
  }
}

/** What is unfinished is what the later one says. */
function inAll(before: DueReport, later: DueReport): DueReport {
  const rotated = [...new Set([...before.rotated, ...later.rotated])];
  const twice = before.rotated.length + later.rotated.length - rotated.length;
  return { ...later, rotated, rotatedCount: before.rotatedCount + later.rotatedCount - twice };
}

function exitOf({ unfinishedCount: { failed, held, waiting } }: DueReport): number {
  if (failed > 0) return EXIT.failed;
  if (held > 0) return EXIT.held;
  return waiting > 0 ? EXIT.timeout : EXIT.ok;
}
