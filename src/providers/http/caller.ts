/** Calls to an API: each in its turn, within its time, and repeated only where that is safe. It knows no endpoint. */
import { formatDuration } from '../../domain/duration.ts';
import { failed, type Failure, type Result } from '../../domain/failure.ts';
import type { Clock, ToldTime } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { Api } from './answer.ts';
import type { Call, Reply } from './call.ts';
import { connection } from './connection.ts';
import { gate, type Gate } from './gate.ts';
import { createPause } from './pause.ts';
import { send, type Counting, type Line } from './send.ts';

/** What every connection by HTTP is configured with. */
export interface ConnectionConfig {
  readonly baseUrl: string;
  /** In ms. */
  readonly timeout: number;
  readonly tls?: { readonly ca?: string | undefined } | undefined;
  /** Calls in any second. */
  readonly rate: number;
  readonly concurrency: number;
}

/** What a client of an API is opened with. */
export interface ClientOptions<Config extends ConnectionConfig> {
  /** Of the provider, for messages. */
  readonly name: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  /** For `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  /** Told of each answer that asks the manager credential to wait. */
  readonly onRateLimited?: ((told: { readonly retryAfterMs: number }) => void) | undefined;
  /** Told of each answer that says what time it is at the service. */
  readonly onTime?: ((told: ToldTime) => void) | undefined;
  /** `caller`: `manager`, or the fingerprint of another credential that was used. */
  onCall(call: { readonly caller: string; readonly at: number }): void;
}

export interface CallerOptions extends ClientOptions<ConnectionConfig> {
  readonly api: Api;
  /** Where the manager credential comes from, for messages. */
  readonly source: string;
  /** Told of the manager credential's calls, where the service counts them. */
  readonly counting?: Counting;
}

export interface Caller extends AsyncDisposable {
  call<T>(call: Call<T>): Promise<Result<Reply<T>>>;
}

const ATTEMPTS_MAX = 3;
const BACK_OFF_MS_FIRST = 250;
const BACK_OFF_MS_MAX = 2_000;

export function caller(options: CallerOptions): Caller {
  const { config, clock, name } = options;
  const where = whereOf(name, config);
  const connected = connection({
    where,
    caFile: config.tls?.ca,
    connectTimeoutMs: config.timeout,
    environment: options.environment,
  });
  const turns = gate({ clock, callsPerSecond: config.rate, concurrency: config.concurrency });
  const pause = createPause(clock);
  const line: Line = { ...options, where, pause, connection: connected };
  return {
    async call(call) {
      const isRepeatable = call.repeatable ?? call.method === 'GET';
      for (let tried = 1; ; tried++) {
        const result = await inTurn(line, turns, call);
        if (result.ok || !isRepeatable || tried >= ATTEMPTS_MAX) return result;
        if (!(await backOff(options, result.failure, tried, call.signal))) return result;
      }
    },
    async [Symbol.asyncDispose]() {
      turns[Symbol.dispose]();
      await connected[Symbol.asyncDispose]();
    },
  };
}

/** The provider as messages name it. */
export function whereOf(name: string, { baseUrl }: { readonly baseUrl: string }): string {
  return `${name} (${baseUrl})`;
}

async function inTurn<T>(line: Line, turns: Gate, call: Call<T>): Promise<Result<Reply<T>>> {
  const { clock, config } = line;
  const urgent = call.urgent === true;
  // A mint's time limit holds from here on, because stopping waits for it; how long others queue depends on the rate alone.
  using own = urgent && !call.deadline ? clock.deadline(config.timeout, call.signal) : undefined;
  const whole = call.deadline ?? own;
  const signal = whole?.signal ?? call.signal;
  for (;;) {
    const told = await sitOut(line, call, signal);
    if (told !== undefined) return told;
    using turn = await turns.enter({ urgent, signal });
    if (turn === undefined) return turnedAway(line, call, whole?.expired === true);
    // It may have begun while this one waited for its turn.
    if (isPaused(line, call)) continue;
    if (whole !== undefined) return await send(line, call, { turn, deadline: whole });
    using deadline = clock.deadline(config.timeout, call.signal);
    return await send(line, call, { turn, deadline });
  }
}

function isPaused({ pause }: Line, { as }: Call<unknown>): boolean {
  return as === undefined && pause.leftMs() > 0;
}

/** Waits until the manager credential may be used again, where that is soon. Else nobody waits, and each comes back then. */
async function sitOut(
  line: Line,
  call: Call<unknown>,
  signal: AbortSignal,
): Promise<Result<never> | undefined> {
  while (isPaused(line, call)) {
    const leftMs = line.pause.leftMs();
    if (leftMs > BACK_OFF_MS_MAX) {
      const why = `it asked to be left alone for ${formatDuration(Math.ceil(leftMs / 1_000) * 1_000)} more`;
      const message = `${line.where} was not asked to ${call.what}: ${why}. It is tried again then.`;
      return failed('rate-limited', message, { retryAfterMs: leftMs });
    }
    try {
      await line.clock.sleep(leftMs, { signal });
    } catch {
      return turnedAway(line, call, !call.signal.aborted);
    }
  }
  return undefined;
}

function turnedAway({ where }: Line, { what }: Call<unknown>, late: boolean): Result<never> {
  const why = late ? 'its turn did not come in time; raise rate or concurrency' : 'it was stopped';
  return failed('not-connected', `${where} was not asked to ${what}: ${why}.`);
}

/** Waits before another try, with full jitter; false where another try is of no use. */
async function backOff(
  { clock, random }: Pick<CallerOptions, 'clock' | 'random'>,
  failure: Failure,
  tried: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (failure.kind !== 'not-connected' && failure.kind !== 'no-answer') return false;
  const told = failure.retryAfterMs ?? 0;
  if (told > BACK_OFF_MS_MAX) return false;
  const span = Math.min(BACK_OFF_MS_FIRST * 2 ** tried, BACK_OFF_MS_MAX);
  try {
    await clock.sleep(Math.max(told, random.fraction() * span), { signal });
    return true;
  } catch {
    return false;
  }
}
