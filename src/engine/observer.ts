/**
 * Looks at accounts on behalf of many sessions with few calls: those who ask while a look is under way go together in
 * the next one. Nobody gets an answer whose request was sent before they asked.
 */
import type { Result } from '../domain/failure.ts';
import { succeeded } from '../domain/failure.ts';
import type { AccountRef, Provider, SeenAccount } from '../ports/provider.ts';

export interface Look {
  readonly requestedAt: number;
  readonly account: SeenAccount;
}

interface Asking {
  readonly ref: AccountRef;
  readonly answer: (result: Result<Look>) => void;
  readonly fail: (reason: unknown) => void;
}

/** Accounts that one look takes, at most. */
const BATCH_MAX = 1_500;

export interface Observer {
  look(provider: Provider, ref: AccountRef, options: { readonly signal: AbortSignal }): Promise<Result<Look>>;
}

/** `signal` ends looks that are under way for several sessions at once. */
export function createObserver({ signal }: { readonly signal: AbortSignal }): Observer {
  const queues = new Map<string, Asking[]>();
  const busy = new Set<string>();

  async function run(key: string, provider: Provider): Promise<void> {
    busy.add(key);
    // Sessions that were started together ask in the same turn: let them all in.
    await Promise.resolve();
    for (let batch = take(key); batch.length > 0; batch = take(key)) {
      await lookAt(provider, batch, signal);
    }
    busy.delete(key);
  }

  function take(key: string): Asking[] {
    return queues.get(key)?.splice(0, BATCH_MAX) ?? [];
  }

  return {
    look(provider, ref, options) {
      const key = `${provider.name} ${ref.organisation}`;
      if (options.signal.aborted) return Promise.reject(options.signal.reason as Error);
      const queue = queues.get(key) ?? [];
      queues.set(key, queue);
      const answer = new Promise<Result<Look>>((resolve, reject) => {
        queue.push({ ref, answer: resolve, fail: reject });
      });
      if (!busy.has(key)) void run(key, provider);
      return untilAborted(answer, options.signal);
    },
  };
}

async function lookAt(provider: Provider, batch: readonly Asking[], signal: AbortSignal): Promise<void> {
  try {
    const result = await provider.observe(
      batch.map(({ ref }) => ref),
      { signal },
    );
    for (const { ref, answer } of batch) {
      if (!result.ok) {
        answer(result);
        continue;
      }
      const account = result.value.accounts.get(ref.accountId) ?? { state: 'absent', certain: false };
      answer(succeeded({ requestedAt: result.value.requestedAt, account }));
    }
  } catch (reason) {
    for (const { fail } of batch) fail(reason);
  }
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
