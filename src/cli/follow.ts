/** Waits for rotations that were asked for, showing how far they have come. */
import type { RequestView, Until } from '../http/requests.ts';
import type { AskedRotation } from '../http/routes/rotations.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';
import { progressOn } from './progress.ts';
import type { Reached } from './reach.ts';
import { count, rough } from './text.ts';

/** How long one call waits at most, so that a daemon that goes away is noticed, in ms. */
const CALL_WAIT_MS = 10_000;
/** Between two calls that the daemon answered before it had to, in ms. */
const PAUSE_MS = 200;

/**
 * Resolves when each has come so far, or as they are when the time is over. A signal ends the waiting with a `CommandError`
 * that says `again`; the requests go on.
 */
export async function follow(
  host: Host,
  reached: Reached,
  asked: readonly AskedRotation[],
  options: { readonly until: Until; readonly waitMs: number; readonly again: string },
): Promise<readonly AskedRotation[]> {
  const stopped = new AbortController();
  using _signals = host.onSignal(['SIGINT', 'SIGTERM'], () => stopped.abort(new Error('stopped')));
  using progress = progressOn(host, options.until === 'ended' ? 'rotated' : 'answered', 'accounts');
  using deadline = host.clock.deadline(options.waitMs, stopped.signal);
  const followed: AskedRotation[] = [];
  try {
    for (const one of asked) {
      progress.show(followed.length, asked.length);
      followed.push(await followOne(host, reached, one, { until: options.until, deadline, stopped }));
    }
    return followed;
  } catch (error) {
    if (stopped.signal.aborted) throw new CommandError(`stopped waiting; ${options.again}`, EXIT.failed);
    if (error instanceof CommandError)
      throw new CommandError(`${error.message}; ${options.again}`, error.exitCode);
    throw error;
  }
}

async function followOne(
  { clock }: Host,
  reached: Reached,
  asked: AskedRotation,
  options: {
    readonly until: Until;
    readonly deadline: { readonly signal: AbortSignal };
    readonly stopped: AbortController;
  },
): Promise<AskedRotation> {
  const { until, deadline, stopped } = options;
  if (asked.request === undefined) return asked;
  const path = `/v1/requests/${encodeURIComponent(asked.request)}?until=${until}`;
  for (;;) {
    stopped.signal.throwIfAborted();
    const late = deadline.signal.aborted;
    const { signal } = late ? stopped : deadline;
    const call = { method: 'GET', path: late ? path : `${path}&wait=${CALL_WAIT_MS}ms`, signal } as const;
    const view = await reached.ask<RequestView>(call).catch((error: unknown) => {
      // The time ran out in the middle of a call: one more is made that does not wait.
      if (!late && deadline.signal.aborted && !stopped.signal.aborted) return undefined;
      throw error;
    });
    if (view === undefined) continue;
    if (late || isOver(view, until)) return { account: asked.account, ...view };
    await clock.sleep(PAUSE_MS, { signal: deadline.signal }).catch(() => undefined);
  }
}

function isOver({ state, rotation }: RequestView, until: Until): boolean {
  return state === 'refused' || (until === 'answered' ? state === 'taken' : rotation?.outcome !== undefined);
}

/** What to say on standard error when not all have ended. */
export function settledText(rotations: readonly AskedRotation[], waitMs: number, key: string): string {
  const open = rotations.filter(
    ({ state, rotation }) => state !== 'refused' && rotation?.outcome === undefined,
  );
  if (open.length === 0) return '';
  const [first] = open;
  return (
    `rekeyd: ${count(open.length, 'account')} not rotated within ${rough(waitMs)}; it goes on without this command. ` +
    `rekeyd status ${first?.account ?? ''} shows what holds it up; the same command with --request-id ${key} waits again\n`
  );
}
