/** One read, write or preflight: its time, shared by all the calls that it makes, and what becomes of their errors. */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Budget, Urgency } from './budget.ts';
import type { Clients, Connection } from './connection.ts';
import { raced } from '../../system/raced.ts';
import { createTurns } from '../../system/turns.ts';
import { failureOf, isBrokenConnection, timeoutFailure } from './failures.ts';
import type { Doing } from './failures.ts';

/** Of writes upon a version, by secret: of several at once only one could go through. For the process: two stores may reach one. */
const turns = createTurns();

export interface Means {
  readonly clock: Clock;
  readonly connection: Connection;
  readonly budget: Budget;
  readonly timeoutMs: number;
  readonly ratePerSecond: number;
}

/** What a call is made with. */
export interface Line extends Clients {
  readonly options: { readonly abortSignal: AbortSignal };
}

export interface Session {
  /** One call that changes nothing. `action` is the permission that it takes, such as `secretsmanager:GetSecretValue`. */
  look<T>(action: string, send: (line: Line) => Promise<T>): Promise<Result<T>>;
  /** One call that changes something: it waits for its turn in the store's budget. Safe to repeat, as all of them are. */
  change<T>(action: string, send: (line: Line) => Promise<T>): Promise<Result<T>>;
  /** Does all of `write` while no other write of this process to the secret at this location goes on. */
  alone<T>(location: string, write: () => Promise<Result<T>>): Promise<Result<T>>;
}

/**
 * Runs `work` with a session that ends after the store's timeout. Rejects with the reason of `signal` when that is aborted
 * first; the work's calls are given up then as well.
 */
export async function within<T>(
  means: Means,
  where: string,
  { urgency, signal }: { readonly urgency: Urgency; readonly signal: AbortSignal },
  work: (session: Session) => Promise<Result<T>>,
): Promise<Result<T>> {
  signal.throwIfAborted();
  using deadline = means.clock.deadline(means.timeoutMs, signal);

  const look = async <Answer>(action: string, send: (line: Line) => Promise<Answer>) => {
    const doing = { action, where };
    try {
      const clients = await means.connection.clients();
      if (!clients.ok) return clients;
      const line = { ...clients.value, options: { abortSignal: deadline.signal } };
      const once = () => raced(deadline.signal, () => send(line));
      // A socket that was kept open may be closed by the other side just when it is used again.
      const answer = await once().catch((error: unknown) => {
        if (isBrokenConnection(error) && !deadline.signal.aborted) return once();
        throw error;
      });
      return succeeded(answer);
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.expired) return timeoutFailure(doing, means.timeoutMs);
      const failure = failureOf(error, doing);
      if (failure.failure.kind === 'credential-refused') means.connection.forget();
      return failure;
    }
  };

  return await work({
    look,
    async change(action, send) {
      try {
        await means.budget.take(urgency, deadline.signal);
      } catch {
        signal.throwIfAborted();
        return overBudget(means, { action, where });
      }
      return look(action, send);
    },
    async alone(location, write) {
      const turn = await turns.at(location, deadline.signal).catch(() => undefined);
      if (turn === undefined) {
        signal.throwIfAborted();
        return behindOthers(means, where);
      }
      using _ = turn;
      return await write();
    },
  });
}

function behindOthers({ timeoutMs }: Means, where: string): Result<never> {
  return failed(
    'rate-limited',
    `${where} was not written: other writes to it took the whole ${timeoutMs} ms; it is tried again; raise the store’s timeout ` +
      'where many accounts share one secret',
  );
}

function overBudget({ ratePerSecond, timeoutMs }: Means, { action, where }: Doing): Result<never> {
  return failed(
    'rate-limited',
    `${action} on ${where} was not sent: the store’s rate of ${ratePerSecond} a second left no room within ` +
      `${timeoutMs} ms; it is tried again; raise the store’s rate if AWS allows more`,
    { retryAfterMs: timeoutMs },
  );
}
