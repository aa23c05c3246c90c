/** What is said of an error that nobody foresaw: enough to find it, and nothing of what a library hangs on it. */
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { sanitiseValue } from '../telemetry/sanitise.ts';

/** As `sanitiseValue` describes an error. */
interface Described {
  readonly type?: string;
  readonly message?: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: Described;
}

/** Writes it to standard error, and answers the exit code for it. */
export function crash({ errors }: Pick<Host, 'errors'>, error: unknown): number {
  const words =
    error instanceof Error
      ? wordsOf(sanitiseValue(error) as Described)
      : JSON.stringify(sanitiseValue(error));
  errors.write(`rekeyd: an unexpected error; this is a bug, please report it\n${words}\n`);
  return EXIT.failed;
}

function wordsOf({ type = 'Error', message = '', code, stack, cause }: Described): string {
  const first = `${type}: ${message}${code === undefined ? '' : ` (${code})`}`;
  const lines = stack === undefined ? first : `${first}\n${stack}`;
  return cause === undefined ? lines : `${lines}\ncaused by ${wordsOf(cause)}`;
}
