/** Runs a daemon until a signal or a failure ends it: what `run` and `demo` have in common. */
import { startDaemon } from '../app.ts';
import { loadForDaemon } from '../app/journal.ts';
import type { Daemon } from '../app.ts';
import { formatProblem } from '../config/problem.ts';
import { EXIT } from '../ports/host.ts';
import type { Fact } from '../domain/fact.ts';
import type { Host } from '../ports/host.ts';
import type { Subject } from '../ports/telemetry.ts';
import { openDestination } from '../telemetry/destination.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { CommandError } from './explain.ts';
import { reloadSignals } from './reload-signals.ts';
import { stoppedBy, stopSignals } from './stop-signals.ts';
import type { StopSignals } from './stop-signals.ts';

const STANDARD_OUTPUT = 1;

export interface ServeOptions {
  readonly host: Host;
  readonly configPath: string;
  /** Called when the daemon runs. */
  onStarted?(daemon: Daemon): void;
  /** Told of each committed fact. */
  readonly onFact?: (subject: Subject, fact: Fact) => void;
}

/** Resolves with the exit code. A signal that comes while the daemon starts ends it as one that comes later. */
export async function serve(options: ServeOptions): Promise<number> {
  using stopping = stopSignals(options.host);
  try {
    return await serveUntil(stopping, options);
  } catch (error) {
    if (stopping.signal.aborted && error === stopping.signal.reason) return EXIT.ok;
    throw error;
  }
}

async function serveUntil(stopping: StopSignals, options: ServeOptions): Promise<number> {
  const { host, configPath } = options;
  const { clock } = host;
  using reloads = reloadSignals(host);
  await using found = await loadForDaemon({ host, configPath });
  const { loaded, journal } = found;
  if (!loaded.ok) throw new CommandError(problemsOf(configPath, loaded.problems.map(formatProblem)));
  using destination = openDestination(STANDARD_OUTPUT, clock);
  using _flush = host.onExit(() => destination.flush());
  using telemetry = await createTelemetry({
    level: loaded.config.settings.log.level,
    output: destination,
    clock,
    process: true,
    ...(host.output.isTerminal ? { pretty: { colour: host.environment['NO_COLOR'] === undefined } } : {}),
  });
  const onFact = options.onFact && { onFact: options.onFact };
  const { config } = loaded;
  const { signal } = stopping;
  const daemon = await startDaemon({
    host,
    telemetry,
    configPath,
    config,
    signal,
    ...(journal && { journal }),
    ...onFact,
  });
  // Whatever it comes upon is told below, where its end is waited for.
  const stop = () => void daemon.stop(stoppedBy(stopping) ?? 'stopped').catch(() => undefined);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  reloads.started(daemon);
  options.onStarted?.(daemon);
  try {
    await daemon.ended;
    await daemon.stop('ended');
    return EXIT.ok;
  } catch (error) {
    // What ended it is what has to be told, whatever the stop comes upon.
    await daemon.stop('the daemon cannot go on').catch(() => undefined);
    throw error;
  }
}

export function problemsOf(path: string, problems: readonly string[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return `the configuration ${path} has ${count}; nothing was started\n${problems.join('\n')}`;
}
