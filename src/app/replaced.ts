/** Closes connections that a reload has replaced, once nobody uses them any more. It does not know what they connect to. */
import type { Clock } from '../ports/clock.ts';

/** Whoever began to work on an account before it was replaced is between two calls of it for less than this, in ms. */
const UNUSED_MS = 120_000;

/** A connection whose calls are counted. */
export interface Counted<T> {
  /** The connection, for whoever calls it. */
  readonly it: T;
  /** Calls that are under way. */
  underWay(): number;
  /** Goes up whenever a call begins or ends. */
  turns(): number;
}

/** Counts the calls of all methods that answer promises, until these are settled. */
export function counted<T extends AsyncDisposable>(connection: T): Counted<T> {
  let underWay = 0;
  let turns = 0;
  const began = () => {
    underWay += 1;
    turns += 1;
  };
  const ended = () => {
    underWay -= 1;
    turns += 1;
  };
  const it = new Proxy(connection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === Symbol.asyncDispose) return value;
      return (...given: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, given);
        if (answer instanceof Promise) {
          began();
          answer.then(ended, ended);
        }
        return answer;
      };
    },
  });
  return { it, underWay: () => underWay, turns: () => turns };
}

/** Closes it when it has not been used for a while, or at once when the signal is aborted. */
export async function closeUnused(
  connection: Counted<AsyncDisposable>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  let before: number | undefined;
  while (!signal.aborted && (connection.underWay() > 0 || connection.turns() !== before)) {
    before = connection.turns();
    await clock.sleep(UNUSED_MS, { signal }).catch(() => undefined);
  }
  await connection.it[Symbol.asyncDispose]();
}
