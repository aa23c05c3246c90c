/** One call, sent once: credential, headers, limits of time and size, and what came of it. */
import type { z } from 'zod';
import { fingerprintOf } from '../../domain/credential.ts';
import { formatDuration } from '../../domain/duration.ts';
import { failed, succeeded, type Failure, type Result } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Clock, Deadline, ToldTime } from '../../ports/clock.ts';
import type { SecretSource } from '../../ports/settings.ts';
import { dateOf, readAnswer } from './answer.ts';
import type { CallCounter } from './calls.ts';
import type { Connection } from './connection.ts';
import type { Doing } from './errors.ts';
import type { Pause } from './pause.ts';
import { originOf, type KronupConfig } from './schema.ts';
import { organisationOf, TOKEN_PATTERN } from './token.ts';
import { exchange, type Exchange, type Outgoing } from './transport.ts';
import { within } from './within.ts';

/** The name under which calls of the manager credential are counted. Calls of others go by their fingerprint. */
const MANAGER_CALLER = 'manager';

/** What a call is made with. */
export interface Line {
  readonly where: string;
  readonly config: KronupConfig;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly source: SecretSource;
  readonly calls: CallCounter;
  readonly pause: Pause;
  readonly connection: Connection;
  /** Told of each answer that asks the manager credential to wait. */
  readonly onRateLimited?: ((told: { readonly retryAfterMs: number }) => void) | undefined;
  /** Told of each answer that says what time it is at the service. */
  readonly onTime?: ((told: ToldTime) => void) | undefined;
  onCall(call: { readonly caller: string; readonly at: number }): void;
}

/** What came back, and when it was asked for. */
export interface Reply<T> {
  readonly value: T;
  /** When the request was written, in ms since the epoch. */
  readonly sentAt: number;
  /** The service's clock minus ours, in ms, where the answer had a date. */
  readonly clockOffsetMs?: number;
}

export interface Call<T> {
  /** An infinitive, for messages. */
  readonly what: string;
  readonly method: Outgoing['method'];
  /** Below the base URL, beginning with a slash. */
  readonly path: string;
  readonly model: z.ZodType<T>;
  readonly payload?: unknown;
  readonly bytesMax?: number;
  /** In place of the manager credential. */
  readonly as?: Secret | undefined;
  /** Goes before others, and its time limit includes its waiting. */
  readonly urgent?: boolean;
  readonly signal: AbortSignal;
  /** Asked just before the request is written: why it may not be, if so. */
  readonly maySend?: (() => string | undefined) | undefined;
  readonly onSent?: ((sentAt: number) => void) | undefined;
}

const BYTES_MAX = 1_048_576;

/** A day's limit is not over in a moment: whoever asks again is not asked to be quick. */
const PAUSE_MS_OF_DAY = 60_000;

export function organisationFor(config: KronupConfig, token: Secret): string | undefined {
  return config.organisation ?? organisationOf(token);
}

export async function send<T>(line: Line, call: Call<T>, deadline: Deadline): Promise<Result<Reply<T>>> {
  const { clock } = line;
  const isManager = call.as === undefined;
  const doing: Doing = {
    what: call.what,
    where: line.where,
    caller: isManager ? 'manager' : 'account',
    source: line.source.description,
  };
  const token = await credentialOf(line, call, doing, deadline);
  if (!token.ok) return token;
  const dispatcher = await within(line.connection.dispatcher(), deadline.signal);
  if (dispatcher === undefined) return notSent(line, doing, deadline, 'it was stopped');
  if (!dispatcher.ok) return dispatcher;
  let sent = { at: clock.now(), elapsed: clock.elapsed() };
  const onWriting = () => {
    sent = { at: clock.now(), elapsed: clock.elapsed() };
    if (isManager) line.calls.sent();
    line.onCall({ caller: callerOf(call), at: sent.at });
    call.onSent?.(sent.at);
  };
  const outcome = await exchange(dispatcher.value, outgoingOf(line, call, token.value, deadline, onWriting));
  if (outcome.kind !== 'answered') return unanswered(line, outcome, doing, deadline);
  const read = readAnswer(outcome, call.model, doing, clock.now());
  if (isManager) note(line, read);
  const date = dateOf(outcome, read);
  if (date !== undefined) line.onTime?.({ date, sentAt: sent.elapsed, receivedAt: clock.elapsed() });
  if (!read.ok) return read;
  const reply = { value: read.value, sentAt: sent.at };
  if (date === undefined) return succeeded(reply);
  return succeeded({ ...reply, clockOffsetMs: Math.round(date - (sent.at + clock.now()) / 2) });
}

/** An answer 429 belongs to the credential that made the call: an account's own says nothing of the manager's. */
function note({ calls, pause, onRateLimited }: Line, read: Result<unknown>): void {
  if (read.ok) {
    calls.accepted();
    pause.accepted();
  } else if (read.failure.kind === 'rate-limited') {
    const { id, retryAfterMs } = read.failure;
    const isDaily = id === 'auth-api-limited';
    if (isDaily) calls.limited(retryAfterMs);
    const ms = pause.begin(retryAfterMs ?? (isDaily ? PAUSE_MS_OF_DAY : undefined));
    onRateLimited?.({ retryAfterMs: ms });
  }
}

async function credentialOf(
  line: Line,
  call: Call<unknown>,
  doing: Doing,
  deadline: Deadline,
): Promise<Result<Secret>> {
  if (call.as !== undefined) return checked(call.as, doing);
  const read = await within(line.source.read(), deadline.signal);
  if (read === undefined) return notSent(line, doing, deadline, `${doing.source} was not read in time`);
  return read.ok ? checked(read.value, doing) : read;
}

/** What is no token must not get as far as a header: an error about it could quote it. */
function checked(token: Secret, doing: Doing): Result<Secret> {
  if (TOKEN_PATTERN.test(token.reveal())) return succeeded(token);
  const whose =
    doing.caller === 'manager' ? `the credential in ${doing.source}` : 'the credential of the account';
  return failed(
    'credential-refused',
    `${doing.where} was not asked to ${doing.what}: ${whose} is empty or has spaces or line breaks in it. Correct it.`,
  );
}

function outgoingOf(
  { config, userAgent }: Line,
  call: Call<unknown>,
  token: Secret,
  deadline: Deadline,
  onWriting: () => void,
): Outgoing {
  const organisation = organisationFor(config, token);
  return {
    origin: originOf(config),
    path: new URL(config.baseUrl).pathname.replace(/\/$/, '') + call.path,
    method: call.method,
    headers: {
      authorization: `Bearer ${token.reveal()}`,
      accept: 'application/json',
      'user-agent': userAgent,
      ...(organisation === undefined ? {} : { 'x-org-id': organisation }),
      ...(call.payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(call.payload === undefined ? {} : { body: JSON.stringify(call.payload) }),
    ...(call.maySend === undefined ? {} : { mayWrite: call.maySend }),
    bytesMax: call.bytesMax ?? BYTES_MAX,
    signal: deadline.signal,
    onWriting,
  };
}

function callerOf(call: Call<unknown>): string {
  return call.as === undefined ? MANAGER_CALLER : fingerprintOf({ kind: 'token', token: call.as });
}

interface Failed {
  readonly ok: false;
  readonly failure: Failure;
}

function notSent({ config }: Line, doing: Doing, deadline: Deadline, why: string): Failed {
  const reason = deadline.expired ? `no connection within ${formatDuration(config.timeout)}` : why;
  return failed(
    'not-connected',
    `${doing.where} was not asked to ${doing.what}: ${reason}. Check baseUrl, tls.ca, the proxy and the network.`,
  );
}

function unanswered(
  line: Line,
  outcome: Exclude<Exchange, { kind: 'answered' }>,
  doing: Doing,
  deadline: Deadline,
): Failed {
  const asked = `${doing.where} was asked to ${doing.what}`;
  switch (outcome.kind) {
    case 'not-sent':
      return notSent(line, doing, deadline, outcome.why);
    case 'withheld':
      return failed('not-connected', `${line.where} was not asked to ${doing.what}: ${outcome.why}.`);
    case 'broken': {
      const why = deadline.expired
        ? `no whole answer came within ${formatDuration(line.config.timeout)}`
        : outcome.why;
      return failed(
        'no-answer',
        `${asked}, but the answer was lost: ${why}. Whether it was done is unknown, and is found out by looking.`,
      );
    }
    case 'too-long':
      return failed('answer-invalid', `${asked}, but its answer is longer than allowed. Check baseUrl.`, {
        status: outcome.status,
      });
  }
}
