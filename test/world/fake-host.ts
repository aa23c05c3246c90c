/** The process as a command sees it, with what it wrote kept as text, and signals that a test sends. */
import type { Host, Output } from '../../src/ports/host.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';

export type FakeHost = Host & {
  /** What was written to standard output so far. */
  readonly written: () => string;
  /** What was written to standard error so far. */
  readonly complained: () => string;
  /** Sends a signal to whoever listens for it now. */
  readonly signal: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void;
};

/** On the real clock and with real dice, unless `more` says otherwise. */
export function fakeHost(more: Partial<Host> = {}): FakeHost {
  const output = keptOutput();
  const errors = keptOutput();
  const listeners = new Set<(signal: string) => void>();
  return {
    clock: systemClock(),
    random: systemRandom(),
    arguments: [],
    environment: {},
    directory: '/',
    pid: 4711,
    userId: 1000,
    userName: 'ada',
    hostname: 'test-host',
    nodeVersion: 'v24.0.0',
    timeZoneData: '2026a',
    input: { isTerminal: false, line: () => Promise.resolve('') },
    output,
    errors,
    onSignal(signals, listener) {
      const handle = (signal: string) => {
        if ((signals as readonly string[]).includes(signal)) listener(signal);
      };
      listeners.add(handle);
      return { [Symbol.dispose]: () => void listeners.delete(handle) };
    },
    onExit: () => ({ [Symbol.dispose]: () => undefined }),
    exitNow(code) {
      throw new Error(`the process would end at once with code ${code}`);
    },
    ...more,
    written: output.text,
    complained: errors.text,
    signal: (signal) => {
      for (const listener of listeners) listener(signal);
    },
  };
}

function keptOutput(): Output & { readonly text: () => string } {
  let text = '';
  return {
    isTerminal: false,
    write(more) {
      text += more;
    },
    text: () => text,
  };
}
