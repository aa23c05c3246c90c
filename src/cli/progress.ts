/** How far a command that takes a while has come, and how it is stopped. */
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';

export interface Progress extends Disposable {
  show(done: number, of: number): void;
}

/** One line on the terminal that errors go to, removed at the end; nothing where that is no terminal. */
export function progressOn(host: Pick<Host, 'errors'>, verb: string, noun: string): Progress {
  const { errors } = host;
  let shown = false;
  return {
    show(done, of) {
      if (!errors.isTerminal) return;
      shown = true;
      errors.write(`\r${verb} ${done} of ${of} ${noun}\u001b[K`);
    },
    [Symbol.dispose]() {
      if (shown) errors.write('\r\u001b[K');
    },
  };
}

/** Does it with a signal that SIGINT and SIGTERM abort; rejects with a `CommandError` where they did. */
export async function untilSignal<T>(host: Host, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopped = new AbortController();
  const { signal } = stopped;
  using _listening = host.onSignal(['SIGINT', 'SIGTERM'], () => stopped.abort(new Error('stopped')));
  try {
    const answer = await work(signal);
    signal.throwIfAborted();
    return answer;
  } catch (error) {
    if (signal.aborted) throw new CommandError('stopped before it was finished', EXIT.failed);
    throw error;
  }
}
