/** How a request to a service fares: when it takes effect, when its answer comes, and what can be lost on the way. */
import type { Failure, Result } from '../../src/domain/failure.ts';
import type { Dice } from './dice.ts';
import type { Host } from './host.ts';
import type { Timeline } from './timeline.ts';

/** How likely each trouble is, from 0 to 1. What is absent does not happen. */
export interface Conditions {
  /** No connection is made. */
  readonly unreachable?: number;
  /** The request is lost before it has an effect. */
  readonly lostGoing?: number;
  /** The answer is lost after the effect. */
  readonly lostComing?: number;
  /** The effect comes after whoever asked has given up. */
  readonly late?: number;
  /** Refused with a 5xx, before or after the effect. */
  readonly storm?: number;
  /** 429. */
  readonly limited?: number;
  readonly slow?: number;
}

/** `out` and `back` are ms; an absent one: it never gets there. */
interface Fate {
  readonly out?: number;
  readonly back?: number;
  /** Answered in place of what the effect answers. */
  readonly failure?: Failure;
}

/** The most that an effect comes after the time limit, in ms. */
const LATE_MS_MAX = 400_000;

function fateOf(dice: Dice, conditions: Conditions, limitMs: number): Fate {
  const slow = dice.chance(conditions.slow ?? 0.02);
  const wayMs = () => (slow ? dice.between(50, Math.floor(limitMs / 2) - 1) : dice.between(1, 40));
  const drawn = dice.fraction();
  let sum = 0;
  const isDrawn = (probability: number | undefined) => {
    sum += probability ?? 0;
    return drawn < sum;
  };
  if (isDrawn(conditions.unreachable)) {
    return {
      back: wayMs(),
      failure: {
        kind: 'not-connected',
        message: 'no connection was made: nobody listens; it is asked again',
      },
    };
  }
  if (isDrawn(conditions.limited)) {
    const retryAfterMs = dice.chance(0.5) ? { retryAfterMs: dice.between(1_000, 600_000) } : {};
    return {
      back: wayMs(),
      failure: { kind: 'rate-limited', message: 'too many requests', ...retryAfterMs },
    };
  }
  const noAnswer: Failure = { kind: 'no-answer', message: 'there was no answer to use' };
  if (isDrawn(conditions.lostGoing)) return dice.chance(0.5) ? {} : { back: wayMs(), failure: noAnswer };
  if (isDrawn(conditions.lostComing)) {
    return dice.chance(0.5) ? { out: wayMs() } : { out: wayMs(), back: wayMs(), failure: noAnswer };
  }
  if (isDrawn(conditions.late)) return { out: limitMs + dice.between(1, LATE_MS_MAX) };
  if (isDrawn(conditions.storm)) {
    const out = dice.chance(0.5) ? { out: wayMs() } : {};
    return { ...out, back: wayMs(), failure: { ...noAnswer, status: 503 } };
  }
  return { out: wayMs(), back: wayMs() };
}

export interface Travel<T> {
  readonly conditions: Conditions;
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Aborted when the port is disposed of. */
  readonly ended?: AbortSignal;
  /** Done at the service, whether or not whoever asked still lives. `late`: it has given up already. */
  readonly effect: (late: boolean) => Result<T>;
  /** What whoever asked has when it gives up. */
  readonly onTimeout: () => Result<T>;
  /** What it has when it is stopped; throws where the port wants that. */
  readonly onAbort: (reason: unknown) => Result<T>;
  /** The kind of a failure as this service's adapter names it. */
  readonly failed: (failure: Failure) => Failure;
}

/** Sends a request from a host. Everything about it is decided now, by the dice. */
export function travel<T>(
  { timeline, dice }: { readonly timeline: Timeline; readonly dice: Dice },
  host: Host,
  given: Travel<T>,
): Promise<Result<T>> {
  const fate = fateOf(dice, given.conditions, given.limitMs);
  return new Promise((resolve) => {
    let isOver = false;
    const end = (result: () => Result<T>) => {
      if (isOver) return;
      isOver = true;
      limit.cancel();
      given.signal.removeEventListener('abort', stop);
      given.ended?.removeEventListener('abort', stop);
      resolve(Promise.try(result));
    };
    const stop = () => end(() => given.onAbort(given.signal.reason));
    const limit = host.after(given.limitMs, () => end(given.onTimeout));
    if (given.signal.aborted) {
      stop();
      return;
    }
    given.signal.addEventListener('abort', stop, { once: true });
    given.ended?.addEventListener('abort', stop, { once: true });
    const { out, back, failure } = fate;
    const arrive = (value: Result<T>) => {
      if (back === undefined) return;
      const result: Result<T> = failure === undefined ? value : { ok: false, failure: given.failed(failure) };
      timeline.after(back, () => host.answer(() => end(() => result)));
    };
    if (out !== undefined) timeline.after(out, () => arrive(given.effect(out > given.limitMs)));
    else if (failure !== undefined) arrive({ ok: false, failure });
  });
}
