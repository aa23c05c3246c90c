/** One round: does what is due, waits for what is tried again, and says how it went. */
import type { Engine } from '../engine/loop.ts';
import { dueReport } from '../http/due-report.ts';
import type { DueReport } from '../http/due-report.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';

/** Between two looks, at least, in ms. */
const PAUSE_MS = 100;

interface Parts {
  readonly journal: Journal;
  readonly engine: Engine;
  readonly clock: Clock;
}

interface DueOptions {
  readonly until: number;
  readonly signal: AbortSignal;
}

/** As `doDue`, for a process that ends then: nothing more is minted from the moment at which the signal is aborted. */
export async function doDueAndEnd(
  parts: Parts,
  options: DueOptions & {
    /** What was minted is carried through for so long at most, in ms. */
    readonly graceMs: number;
  },
): Promise<DueReport> {
  const { signal, graceMs } = options;
  // What ended the loop is told where its end is waited for.
  const stop = () => void parts.engine.stop(graceMs).catch(() => undefined);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await doDue(parts, options);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Resolves when nothing is left that a try before `until` could finish, or when the signal is aborted. */
export async function doDue(parts: Parts, options: DueOptions): Promise<DueReport> {
  const { journal, engine, clock } = parts;
  const { until, signal } = options;
  const since = clock.now();
  using ended = abortOf(signal);
  for (;;) {
    await Promise.race([engine.idle(), engine.ended, ended.promise]);
    const report = await dueReport(journal, { since, now: clock.now() });
    const { nextTryAt } = report;
    if (signal.aborted || nextTryAt === undefined || nextTryAt > until) return report;
    await clock.sleep(Math.max(PAUSE_MS, nextTryAt - clock.now()), { signal }).catch(() => undefined);
  }
}

function abortOf(signal: AbortSignal): Disposable & { readonly promise: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const abort = () => resolve();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return { promise, [Symbol.dispose]: () => signal.removeEventListener('abort', abort) };
}
