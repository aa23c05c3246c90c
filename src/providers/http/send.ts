/** One call, sent once: credential, headers, limits of time and size, and what came of it. */
import { formatDuration } from '../../domain/duration.ts';
import { failed, succeeded, type Failure, type Result } from '../../domain/failure.ts';
import type { Clock, Deadline, ToldTime } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { dateOf, readAnswer, type Api } from './answer.ts';
import type { Call, Reply } from './call.ts';
import type { ConnectionConfig } from './caller.ts';
import type { Connection } from './connection.ts';
import type { Doing } from './doing.ts';
import type { Turn } from './gate.ts';
import type { Pause } from './pause.ts';
import { originOf } from './settings.ts';
import { exchange, type Exchange, type Outgoing } from '../../system/exchange.ts';
import { within } from './within.ts';

/** The name under which calls of the manager credential are counted. Calls of others go by their fingerprint. */
const MANAGER_CALLER = 'manager';

/** Told of the manager credential's calls. */
export interface Counting {
  /** One more was written. */
  sent(): void;
  accepted(): void;
  /** It is limited. Answers for how long to pause, in ms, where that is known better than the answer says. */
  limited(failure: Failure): number | undefined;
}

/** What a call is made with. */
export interface Line {
  readonly where: string;
  readonly api: Api;
  readonly config: ConnectionConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: string;
  readonly source: string;
  readonly counting?: Counting;
  readonly pause: Pause;
  readonly connection: Connection;
  /** Told of each answer that asks the manager credential to wait. */
  readonly onRateLimited?: ((told: { readonly retryAfterMs: number }) => void) | undefined;
  /** Told of each answer that says what time it is at the service. */
  readonly onTime?: ((told: ToldTime) => void) | undefined;
  onCall(call: { readonly caller: string; readonly at: number }): void;
}

const BYTES_MAX = 1_048_576;

export async function send<T>(
  line: Line,
  call: Call<T>,
  { turn, deadline }: { readonly turn: Pick<Turn, 'written'>; readonly deadline: Deadline },
): Promise<Result<Reply<T>>> {
  const { clock, api } = line;
  const isManager = call.as === undefined;
  const doing: Doing = {
    what: call.what,
    where: line.where,
    caller: isManager ? 'manager' : 'account',
    source: line.source,
  };
  const credential = await call.authorise(doing, deadline.signal);
  if (credential === undefined) {
    return notSent(line, doing, deadline, `${doing.source} was not read in time`);
  }
  if (!credential.ok) return credential;
  const dispatcher = await within(line.connection.dispatcher(), deadline.signal);
  if (dispatcher === undefined) return notSent(line, doing, deadline, 'it was stopped');
  if (!dispatcher.ok) return dispatcher;
  let sent = { at: clock.now(), elapsed: clock.elapsed() };
  const onWriting = () => {
    sent = { at: clock.now(), elapsed: clock.elapsed() };
    turn.written();
    if (isManager) line.counting?.sent();
    line.onCall({ caller: call.as ?? MANAGER_CALLER, at: sent.at });
    call.onSent?.(sent.at);
  };
  const { requestIdHeader: header } = api;
  const requestId = header === undefined ? undefined : line.random.id(clock.now());
  const named = header === undefined || requestId === undefined ? {} : { [header]: requestId };
  const outgoing = outgoingOf(line, call, { ...credential.value, ...named });
  const outcome = await exchange(dispatcher.value, { ...outgoing, signal: deadline.signal, onWriting });
  if (outcome.kind !== 'answered') {
    const wasSent = outcome.kind === 'broken' || outcome.kind === 'too-long';
    return traced(unanswered(line, outcome, doing, deadline), wasSent ? requestId : undefined);
  }
  const read = traced(readAnswer(outcome, call, { api, doing, now: clock.now() }), requestId);
  if (isManager) note(line, read);
  const date = dateOf(outcome, read);
  if (date !== undefined) line.onTime?.({ date, sentAt: sent.elapsed, receivedAt: clock.elapsed() });
  if (!read.ok) return read;
  const reply = { value: read.value, sentAt: sent.at, ...(requestId === undefined ? {} : { requestId }) };
  if (date === undefined) return succeeded(reply);
  return succeeded({ ...reply, clockOffsetMs: Math.round(date - (sent.at + clock.now()) / 2) });
}

/** A failure with the id by which the service knows the call. */
function traced<T>(result: Result<T>, requestId: string | undefined): Result<T> {
  if (result.ok || requestId === undefined) return result;
  return { ok: false, failure: { ...result.failure, requestId } };
}

/** An answer 429 belongs to the credential that made the call: an account's own says nothing of the manager's. */
function note({ counting, pause, onRateLimited }: Line, read: Result<unknown>): void {
  if (read.ok) {
    counting?.accepted();
    pause.accepted();
  } else if (read.failure.kind === 'rate-limited') {
    const ms = pause.begin(counting?.limited(read.failure) ?? read.failure.retryAfterMs);
    onRateLimited?.({ retryAfterMs: ms });
  }
}

function outgoingOf(
  { config, userAgent }: Line,
  call: Call<unknown>,
  credential: Readonly<Record<string, string>>,
): Omit<Outgoing, 'signal' | 'onWriting'> {
  const body = bodyOf(call);
  return {
    origin: originOf(config),
    path: new URL(config.baseUrl).pathname.replace(/\/$/, '') + call.path,
    method: call.method,
    headers: {
      ...credential,
      accept: 'application/json',
      'user-agent': userAgent,
      ...(body === undefined ? {} : { 'content-type': body.type }),
    },
    ...(body === undefined ? {} : { body: body.text }),
    ...(call.maySend === undefined ? {} : { mayWrite: call.maySend }),
    bytesMax: call.bytesMax ?? BYTES_MAX,
  };
}

function bodyOf({
  payload,
  form,
}: Call<unknown>): { readonly type: string; readonly text: string } | undefined {
  if (form !== undefined) return { type: 'application/x-www-form-urlencoded', text: form.toString() };
  if (payload !== undefined) return { type: 'application/json', text: JSON.stringify(payload) };
  return undefined;
}

interface Failed {
  readonly ok: false;
  readonly failure: Failure;
}

function notSent({ config }: Line, doing: Doing, deadline: Deadline, why: string): Failed {
  const blocked =
    `no connection within ${formatDuration(config.timeout)}; it is blocked on the way, such as by a firewall or a ` +
    'network policy, or overloaded';
  const reason = deadline.expired ? blocked : why;
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
