/**
 * One request from arrival to answer: the faults that come before the effect, who calls and whether they may, the
 * effect, its way to the disk, the faults that come after it, and what is put on the wire.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { Arrival, FaultBook, Struck } from '../faults.ts';
import { jsonAnswer, sendHalf, sendNothing, sendTrickling, sendWhole } from '../wire.ts';
import type { WireAnswer } from '../wire.ts';
import { API_ERRORS, answerError } from './answer.ts';
import type { Answer } from './answer.ts';
import { authenticate, readBearer } from './authenticate.ts';
import type { Authenticated, Bearer } from './authenticate.ts';
import type { KronupFaultRule } from './fault.ts';
import type { Memory } from './memory.ts';
import { OPERATIONS } from './operations.ts';
import type { OperationId } from './operations.ts';
import { tooManyAnswer } from './rate.ts';
import type { RateLimit } from './rate.ts';
import type { ServiceAccount } from './service-account.ts';
import { statusAnswer, twistAnswer, withContentType } from './twist.ts';
import { dateKey } from './views.ts';
import type { Witness } from './witness.ts';

export interface ExchangeOptions {
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: FaultBook<KronupFaultRule>;
  readonly witness: Witness;
  /** Aborted when the emulator ends: nobody waits any longer. */
  readonly signal: AbortSignal;
  readonly hideTokens: boolean;
  readonly keepOldTokens: boolean;
  readonly movePages: boolean;
  readonly rate: RateLimit;
  readonly dailyLimit: number;
  readonly accountLimit: number;
}

interface Exchange {
  readonly options: ExchangeOptions;
  readonly operation: OperationId;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly bearer: Bearer;
  readonly arrival: Arrival;
  readonly struck: readonly Struck<KronupFaultRule>[];
}

/** What goes out, or that nothing does. */
type Outcome = WireAnswer | 'lost';

const DAYS_KEPT = 31;

/** Resolves when the request and all its effects are over, late ones too. */
export async function exchange(
  options: ExchangeOptions,
  operation: OperationId,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const bearer = readBearer(request.headers.authorization);
  const arrival = arrivalOf(operation, request, bearer);
  const arrivedAt = options.clock.now();
  options.witness.arrived(arrival);
  const struck = options.faults.strike(arrival);
  const all: Exchange = { options, operation, request, reply, bearer, arrival, struck };
  let outcome: Outcome = 'lost';
  try {
    outcome = await answerFor(all);
    await deliver(all, outcome);
  } catch (error) {
    // Waits end with the emulator, and so do their requests.
    if (!options.signal.aborted) throw error;
    if (!reply.sent) sendNothing(reply);
  } finally {
    const { credentialId: _, ...known } = arrival;
    const status = outcome === 'lost' ? outcome : outcome.status;
    options.witness.record({ kind: 'called', arrivedAt, at: options.clock.now(), ...known, status });
    for (const fault of struck) fault.over();
  }
}

async function answerFor(all: Exchange): Promise<Outcome> {
  const { options, struck } = all;
  const { clock, signal } = options;
  if (!options.rate.take()) return tooManyAnswer(clock.now());
  for (const { rule } of struck) {
    if (rule.kind === 'latency' && rule.when === 'before') await clock.sleep(rule.ms, { signal });
    if (rule.kind === 'status' && rule.when === 'before') return statusAnswer(rule, clock.now());
    if (rule.kind === 'lost-answer' && rule.when === 'before') return 'lost';
    if (rule.kind === 'refused-caller' || rule.kind === 'refused-token') {
      const [status, message] = API_ERRORS[rule.id];
      return jsonAnswer(status, { id: rule.id, message }, clock.now());
    }
  }
  const authenticated = await admit(all);
  for (const { rule } of struck) {
    if (rule.kind !== 'late-effect') continue;
    sendNothing(all.reply);
    await clock.sleep(rule.ms, { signal });
  }
  let answer = authenticated.ok ? await operate(all, authenticated.caller) : authenticated.answer;
  for (const { rule } of struck) answer = await twistAnswer(rule, answer, options.memory);
  await options.memory.settle();
  let outcome: Outcome = jsonAnswer(answer.status, answer.body, clock.now());
  for (const { rule } of struck) {
    if (rule.kind === 'latency' && rule.when === 'after') await clock.sleep(rule.ms, { signal });
    if (rule.kind === 'status' && rule.when === 'after') outcome = statusAnswer(rule, clock.now());
    if (rule.kind === 'content-type') outcome = withContentType(rule, outcome);
    if (rule.kind === 'late-effect' || (rule.kind === 'lost-answer' && rule.when === 'after')) return 'lost';
  }
  return outcome;
}

async function deliver({ options, reply, struck }: Exchange, outcome: Outcome): Promise<void> {
  if (outcome === 'lost') {
    if (!reply.sent) sendNothing(reply);
    return;
  }
  const { clock, signal } = options;
  for (const { rule } of struck) {
    if (rule.kind === 'cut-body') return sendHalf(reply, outcome);
    if (rule.kind === 'trickle') {
      return sendTrickling(reply, outcome, { everyMs: rule.everyMs, bytes: rule.bytes, clock, signal });
    }
  }
  await sendWhole(reply, outcome);
}

/** Who calls, with the call counted, or the refusal. */
async function admit({ options, operation, request, bearer }: Exchange): Promise<Authenticated> {
  const { memory, keepOldTokens, dailyLimit } = options;
  const { organisation, tokens } = memory;
  const now = options.clock.now();
  const authenticated = await authenticate(bearer, { organisation, tokens, keepOldTokens, now });
  if (!authenticated.ok) return authenticated;
  if (!countCall(authenticated.caller, dailyLimit, now)) {
    return { ok: false, answer: answerError('auth-api-limited') };
  }
  // The calling account's own endpoints never looked at the organisation.
  const asked = operation.startsWith('serviceAccount') ? request.headers['x-org-id'] : undefined;
  const isOther = asked !== undefined && asked !== '' && asked !== organisation.id;
  return isOther ? { ok: false, answer: answerError('not-allowed') } : authenticated;
}

function operate({ options, operation, request, arrival, struck }: Exchange, caller: ServiceAccount) {
  const { memory, clock, hideTokens, accountLimit } = options;
  const { organisation, tokens } = memory;
  const context = {
    organisation,
    tokens,
    hideTokens,
    accountLimit,
    now: () => clock.now(),
    listOrder: () => (options.movePages ? moved(options) : organisation.accounts),
    mints: struck.every(({ rule }) => rule.kind !== 'same-token'),
  };
  return OPERATIONS[operation](context, caller, {
    accountId: arrival.accountId,
    query: { ...(request.query as object) },
    body: typeof request.body === 'string' ? request.body : '',
  }) satisfies Answer | Promise<Answer>;
}

function arrivalOf(operation: OperationId, request: FastifyRequest, bearer: Bearer): Arrival {
  const caller = bearer.ok ? bearer.claims.accountId : undefined;
  const named: unknown = Reflect.get(request.params as object, 'accountId');
  const isOwn = operation.startsWith('account');
  return {
    operation,
    method: request.method,
    path: request.url.split('?')[0] ?? '',
    accountId: typeof named === 'string' ? named : isOwn ? caller : undefined,
    caller,
    credentialId: bearer.ok ? bearer.claims.tokenId : undefined,
  };
}

/** `false` where the day's calls are used up. */
function countCall(caller: ServiceAccount, dailyLimit: number, now: number): boolean {
  const day = dateKey(now);
  const calls = (caller.calls ??= {});
  const count = calls[day] ?? 0;
  if (count >= dailyLimit) return false;
  calls[day] = count + 1;
  const days = Object.keys(calls);
  if (days.length > DAYS_KEPT) delete calls[days.toSorted()[0] ?? day];
  return true;
}

/** The list as this call sees it: turned by chance. */
function moved({ memory, random }: ExchangeOptions): readonly ServiceAccount[] {
  const { accounts } = memory.organisation;
  const shift = Math.floor(random.fraction() * accounts.length);
  return [...accounts.slice(shift), ...accounts.slice(0, shift)];
}
