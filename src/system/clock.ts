/** The machine's own clocks and timers. The only file that reads a clock or sets a timer. */
import { performance } from 'node:perf_hooks';
import type { Clock, Deadline } from '../ports/clock.ts';

/** The longest span a timer can take; longer sleeps are made of several. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export function systemClock(): Clock {
  return { now: () => Date.now(), elapsed: () => performance.now(), sleep, deadline };
}

async function sleep(ms: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
  let rest = ms;
  do {
    const span = Math.min(Math.max(rest, 0), TIMER_MS_MAX);
    await nap(span, signal);
    rest -= span;
  } while (rest > 0);
}

function nap(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function deadline(ms: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const follow = () => controller.abort(parent?.reason);
  const timer = setTimeout(
    () => {
      expired = true;
      controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
    },
    Math.min(ms, TIMER_MS_MAX),
  );
  if (parent?.aborted) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
    },
  };
}
