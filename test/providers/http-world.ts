/** What the worlds of all providers' tests share: a clock that never keeps anybody waiting, and what is in a result. */
import type { Failure, Result } from '../../src/domain/failure.ts';
import { FakeClock } from '../world/fake-clock.ts';

/** Deadlines stand still as with any fake clock; waiting between two tries is over at once, and is written down. */
export class NapClock extends FakeClock {
  readonly naps: number[] = [];

  override sleep(ms: number): Promise<void> {
    this.naps.push(ms);
    this.pass(ms);
    return Promise.resolve();
  }
}

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** The value, where there has to be one. */
export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`a success was expected, not ${result.failure.kind}: ${result.failure.message}`);
}

/** The failure, where there has to be one. */
export function failureIn(result: Result<unknown>): Failure {
  if (!result.ok) return result.failure;
  throw new Error('a failure was expected');
}
