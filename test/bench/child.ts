// Parts of the bench as processes of their own, so that none shares another's event loop.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Child<Said> extends AsyncDisposable {
  /** Sends a message and answers the next one that comes back. */
  ask(message: unknown): Promise<Said>;
}

export interface Started<Ready, Said> {
  /** What it said first. */
  readonly ready: Ready;
  readonly child: Child<Said>;
}

/** Starts a file of this folder with one argument; resolves when it has said something. */
export async function startChild<Ready, Said = unknown>(
  file: string,
  argument: unknown,
  environment: Readonly<Record<string, string>> = {},
): Promise<Started<Ready, Said>> {
  const child = fork(join(import.meta.dirname, file), [JSON.stringify(argument)], {
    execArgv: [],
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new AbortController();
  child.once('exit', (code, signal) => ended.abort(new Error(`${file} ended with ${code ?? signal}`)));
  const next = async <T>(): Promise<T> => {
    try {
      const [message] = (await once(child, 'message', { signal: ended.signal })) as [T];
      return message;
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error;
    }
  };
  const ready = await next<Ready>();
  return {
    ready,
    child: {
      ask(message) {
        const answer = next<Said>();
        child.send(message as object);
        return answer;
      },
      async [Symbol.asyncDispose]() {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const over = once(child, 'exit');
        child.kill('SIGTERM');
        await over;
      },
    },
  };
}

/** What a child was started with. From here on it ends with whoever started it. */
export function givenToChild(): unknown {
  process.once('disconnect', () => process.exit(1));
  return JSON.parse(process.argv[2] ?? '');
}

/** Says something to whoever started this process. */
export function tellParent(message: object): void {
  process.send?.(message);
}
