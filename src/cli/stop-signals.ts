/** The signals that tell a process to end, from before anything is started until all of it has ended. */
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';

/** One press of Ctrl-C can arrive twice (terminal and npm): a second signal counts from here on, in ms. */
const SECOND_SIGNAL_MS = 1_000;

export interface StopSignals extends Disposable {
  /** Aborted by the first of them; the reason is an error that has the signal's name as its message. */
  readonly signal: AbortSignal;
}

/**
 * Listens from now on: in a container the first process has no default action, so that a signal to which nobody listens yet
 * would be lost. The first one only aborts, a second one ends the process.
 */
export function stopSignals(host: Host): StopSignals {
  const { clock } = host;
  const stopping = new AbortController();
  let firstAt: number | undefined;
  const listening = host.onSignal(['SIGINT', 'SIGTERM'], (signal) => {
    if (firstAt === undefined) {
      firstAt = clock.elapsed();
      stopping.abort(new Error(signal));
    } else if (clock.elapsed() - firstAt >= SECOND_SIGNAL_MS) {
      host.errors.write(
        'rekeyd: second signal, ending at once; what was begun is resumed at the next start\n',
      );
      host.exitNow(EXIT.failed);
    }
  });
  return { signal: stopping.signal, [Symbol.dispose]: () => listening[Symbol.dispose]() };
}

/** Which signal it was; `undefined`: none has come. */
export function stoppedBy({ signal }: StopSignals): string | undefined {
  return signal.aborted ? (signal.reason as Error).message : undefined;
}
