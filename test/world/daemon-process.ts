/** The program as a process of its own, as its users run it: lines of its log as events, signals, exit codes. */
import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Of what was said last, this much is shown when what is waited for can no longer come. */
const SHOWN_CHARACTERS = 6_000;
/** A process that another one left behind may hold its outputs for ever: what was written is read by then. */
const LEFT_OPEN_MS_MAX = 5_000;

/** One line of the log: `event`, `time`, `level`, `message` and the fields of the event. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event?: string };

/** Fields that a line must have with just these values, or a question that it must answer with yes. */
export type Wanted = Readonly<Record<string, unknown>> | ((line: LogLine) => boolean);

export interface Exit {
  /** Absent where a signal ended the process. */
  readonly code?: number;
  readonly signal?: string;
}

export interface RunningProcess {
  readonly pid: number;
  /** The lines of its log so far. */
  readonly log: readonly LogLine[];
  /** Everything that it wrote to standard output and standard error so far. */
  readonly output: () => string;
  /** What it wrote to standard error alone. */
  readonly errors: () => string;
  /**
   * The first line of the log that fits, of those from line number `from` on (0 by default) or to come. Rejects when the
   * process ends without it.
   */
  line(wanted: Wanted, from?: number): Promise<LogLine>;
  /** Resolves when it has written this, to either output. Rejects when the process ends without it. */
  says(text: string): Promise<void>;
  signal(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGUSR1' | 'SIGSTOP' | 'SIGCONT'): void;
  /** SIGKILL: what it was doing is cut off, and so is its group where it has one. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it is gone and all that it wrote has been read. */
  readonly ended: Promise<Exit>;
}

export interface ProcessOptions {
  readonly arguments: readonly string[];
  /** Its working directory. */
  readonly directory: string;
  /** Its whole environment: nothing of this process's own is passed on. */
  readonly environment: Readonly<Record<string, string>>;
  /** A command that becomes the program, such as `setpriv --reuid=1000`; absent: the program itself. */
  readonly through?: readonly string[];
  /** The program's main file; absent: the one of the source. */
  readonly main?: string;
  /** For Node, such as `--jitless`. */
  readonly flags?: readonly string[];
  /** It has a process group of its own, with all that `through` starts beside it: they are killed together. */
  readonly isGroup?: boolean;
  /** Told of what is written to its file descriptor 3, which is open only then. */
  readonly onThird?: (text: string) => void;
}

/** Starts the program, by the same Node as this process. */
export function startProcess(options: ProcessOptions): RunningProcess {
  const child = spawned(options);
  const { stdout, stderr } = child;
  const log: LogLine[] = [];
  let output = '';
  let errors = '';
  let over: Exit | undefined;
  let news = Promise.withResolvers<void>();
  const notify = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  const read = (text: string) => {
    output += text;
    notify();
  };
  stdout.setEncoding('utf8').on('data', read);
  stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
    read(text);
  });
  createInterface({ input: stdout }).on('line', (line) => {
    // Answers of commands in JSON are no lines of a log.
    if (!line.startsWith('{"level"')) return;
    log.push(JSON.parse(line) as LogLine);
    notify();
  });
  const ended = endOf(child, [stdout, stderr]).then((exit) => {
    over = exit;
    notify();
    return exit;
  });

  async function until<T>(what: string, look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (over !== undefined) {
        const how = `${JSON.stringify(over)}; what it wrote last:\n${output.slice(-SHOWN_CHARACTERS)}`;
        throw new Error(`the process ended without ${what}: ${how}`);
      }
      await news.promise;
    }
  }

  return {
    pid: child.pid ?? 0,
    log,
    output: () => output,
    errors: () => errors,
    line: (wanted, from = 0) =>
      until(`a line with ${nameOf(wanted)}`, () => log.slice(from).find((line) => fits(wanted, line))),
    async says(text) {
      await until(`saying “${text}”`, () => output.includes(text) || undefined);
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL');
      if (options.isGroup === true && over === undefined) killGroup(child);
      await ended;
    },
    ended,
  };
}

function spawned(options: ProcessOptions): ChildProcessByStdio<null, Readable, Readable> {
  const { through = [], main = MAIN, flags = [], onThird, isGroup = false } = options;
  const [command = '', ...words] = [...through, process.execPath, ...flags, main, ...options.arguments];
  const child = spawn(command, words, {
    cwd: options.directory,
    env: options.environment,
    detached: isGroup,
    stdio: ['ignore', 'pipe', 'pipe', ...(onThird === undefined ? [] : (['pipe'] as const))],
  });
  const third = child.stdio[3];
  if (onThird !== undefined && third instanceof Readable) third.setEncoding('utf8').on('data', onThird);
  return child as ChildProcessByStdio<null, Readable, Readable>;
}

async function endOf(child: ChildProcess, outputs: readonly Readable[]): Promise<Exit> {
  const closed = outputs.map((each) => new Promise((resolve) => each.once('close', resolve)));
  const exit = await new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) });
    });
  });
  await Promise.race([Promise.all(closed), sleep(LEFT_OPEN_MS_MAX, undefined, { ref: false })]);
  for (const each of outputs) each.destroy();
  return exit;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left of it.
  }
}

function fits(wanted: Wanted, line: LogLine): boolean {
  if (typeof wanted === 'function') return wanted(line);
  return Object.entries(wanted).every(([name, value]) => line[name] === value);
}

function nameOf(wanted: Wanted): string {
  return typeof wanted === 'function' ? 'what was asked for' : JSON.stringify(wanted);
}
