/** Waiting for something to happen on behalf of a caller: no longer than asked, and never past a hang-up or the daemon's stop. */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { formatDuration, parseDuration } from '../domain/duration.ts';
import type { ApiServices } from './services.ts';

/** The longest that one call waits, in ms. */
const WAIT_MS_MAX = 600_000;

/** A duration in a query, such as `30s`; in ms. */
export const waitWords = z
  .string()
  .transform(parseDuration)
  .pipe(
    z
      .number('give a duration such as 30s or 2m')
      .min(0)
      .max(WAIT_MS_MAX, `one call waits for ${formatDuration(WAIT_MS_MAX)} at most; ask again`),
  );

export interface Waiting extends Disposable {
  /** Aborted when the time is over, the caller has gone, or the daemon stops. */
  readonly signal: AbortSignal;
}

export function startWaiting(
  { clock, stopping }: Pick<ApiServices, 'clock' | 'stopping'>,
  response: ServerResponse,
  waitMs: number,
): Waiting {
  const over = new AbortController();
  const end = () => over.abort(new Error('nobody waits any more'));
  const deadline = clock.deadline(waitMs, over.signal);
  if (stopping.aborted || waitMs === 0) end();
  stopping.addEventListener('abort', end, { once: true });
  response.once('close', end);
  return {
    signal: deadline.signal,
    [Symbol.dispose]() {
      deadline[Symbol.dispose]();
      stopping.removeEventListener('abort', end);
      response.off('close', end);
    },
  };
}

/**
 * What `look` finds, as soon as `settled` says that it is final, else when the waiting ends. Looks again at each committed fact,
 * of which none is missed between a look and the next wait.
 */
export async function lookUntil<T>(
  { changed }: Pick<ApiServices, 'changed'>,
  waiting: Pick<Waiting, 'signal'>,
  options: { readonly look: () => Promise<T>; readonly settled: (found: T) => boolean },
): Promise<T> {
  for (;;) {
    const next = changed(waiting.signal);
    const found = await options.look();
    if (options.settled(found) || waiting.signal.aborted) return found;
    await next;
  }
}
