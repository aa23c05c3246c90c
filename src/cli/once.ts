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
import { problemsOf } from './serve.ts';
import { stoppedBy, stopSignals } from './stop-signals.ts';
import { json } from './text.ts';

export interface OnceOptions extends CommonOptions {
  /** How long tries go on, in ms. */
  readonly timeout: number;
}

/** Beyond the waiting itself, for the answer, in ms. */
const ANSWER_MS = 15_000;

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
  return await reached.ask<DueReport>({
    method: 'POST',
    path: `/v1/due?wait=${formatDuration(options.timeout)}`,
    timeoutMs: options.timeout + ANSWER_MS,
  });
}

function exitOf({ unfinishedCount: { failed, held, waiting } }: DueReport): number {
  if (failed > 0) return EXIT.failed;
  if (held > 0) return EXIT.held;
  return waiting > 0 ? EXIT.timeout : EXIT.ok;
}
