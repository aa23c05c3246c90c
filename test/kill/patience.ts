/** Limits for what is waited for, and places that are not kept while nothing is done in them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './places.ts';

/** What takes longer than this, once a daemon has started, is waiting for something, and needs no core. */
const WAITS_FROM_MS = 10_000;

/**
 * Lets others have the place while this only waits. `started` resolves when the daemon is at work: on a busy machine its start alone
 * takes longer than all that waits, and giving the place away meanwhile would make the machine busier still.
 */
export async function patiently(
  place: Place,
  work: Promise<unknown>,
  started: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const over = new AbortController();
  const late = started
    .catch(() => undefined)
    .then(() => sleep(WAITS_FROM_MS, false, { signal: over.signal }))
    .catch(() => true);
  try {
    const done = await Promise.race([work.then(() => true), late]);
    if (!done) await place.leaveFor(() => work);
  } finally {
    over.abort();
  }
}

/** Rejects when this takes longer. */
export async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const late = sleep(limitMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`it took longer than ${limitMs} ms`);
  });
  // What comes after the race was lost is nobody's.
  late.catch(() => undefined);
  work.catch(() => undefined);
  try {
    await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
