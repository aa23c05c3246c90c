/** Process in, exit code out: the only file that touches `process`. */
import { hostname, userInfo } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { crash } from './cli/crash.ts';
import { forTerminal } from './cli/text.ts';
import { EXIT } from './ports/host.ts';
import type { Host, Output } from './ports/host.ts';
import { systemClock } from './system/clock.ts';
import { systemRandom } from './system/random.ts';

function output(stream: NodeJS.WriteStream): Output {
  return {
    isTerminal: stream.isTTY,
    ...(stream.isTTY ? { columns: stream.columns } : {}),
    write: (text) => {
      stream.write(stream.isTTY ? forTerminal(text) : text);
    },
  };
}

/** A container may run under a number that no user of its system has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid:${process.getuid?.() ?? 0}`;
  }
}

const host: Host = {
  clock: systemClock(),
  random: systemRandom(),
  arguments: process.argv.slice(2),
  environment: process.env,
  directory: process.cwd(),
  pid: process.pid,
  userId: process.getuid?.() ?? 0,
  userName: userName(),
  hostname: hostname(),
  nodeVersion: process.version,
  timeZoneData: process.versions['tz'] ?? 'unknown',
  input: {
    isTerminal: process.stdin.isTTY,
    async line(question) {
      const reader = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await reader.question(question);
      } finally {
        reader.close();
      }
    },
  },
  output: output(process.stdout),
  errors: output(process.stderr),
  onSignal(signals, listener) {
    const listeners = signals.map((signal) => [signal, () => listener(signal)] as const);
    for (const [signal, handle] of listeners) process.on(signal, handle);
    return {
      [Symbol.dispose]() {
        for (const [signal, handle] of listeners) process.off(signal, handle);
      },
    };
  },
  onExit(listener) {
    process.on('exit', listener);
    return { [Symbol.dispose]: () => void process.off('exit', listener) };
  },
  exitNow: (code) => process.exit(code),
};

// What cannot be said ends no work that is under way. An answer that is lost is a failure all the same, unless its reader has gone, as in
// `rekeyd status | head`.
let answered = true;
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE' || !answered) return;
  answered = false;
  process.exitCode = EXIT.failed;
  host.errors.write(`rekeyd: the answer cannot be written: ${message}\n`);
});
process.stderr.on('error', () => undefined);

// Node would open a debugger: to every user of the machine, and with all that is in memory. Many know this signal as one to open logs anew.
process.on('SIGUSR1', () => undefined);

// Node would print whatever hangs on the error: requests with their headers, for one.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => host.exitNow(crash(host, error)));
}

const { runCommand } = await import('./cli/program.ts');
const code = await runCommand(host);
process.exitCode = answered ? code : code || EXIT.failed;
