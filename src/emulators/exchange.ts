/**
 * One request from arrival to answer: the faults that come before the effect, who calls and whether they may, the
 * effect, its way to the disk, the faults that come after it, and what is put on the wire.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import { isCommon, rewritten, statusAnswer, withContentType } from './common-faults.ts';
import type { Arrival, FaultBook, FaultMatch, Struck } from './faults.ts';
import { tooManyAnswer } from './rate.ts';
import type { RateLimit } from './rate.ts';
import { jsonAnswer, sendHalf, sendNothing, sendTrickling, sendWhole } from './wire.ts';
import type { Answer, WireAnswer } from './wire.ts';
import type { CalledEvent } from './witness.ts';

/** A fault: a common one, or one of the emulator's own. */
export interface Rule extends FaultMatch {
  readonly kind: string;
}

/** A request that has arrived. */
export interface Asked<Operation, OwnRule> {
  readonly operation: Operation;
  readonly request: FastifyRequest;
  readonly arrival: Arrival;
  readonly struck: readonly Struck<OwnRule>[];
}

/** Whether a request may be done: what it does, or the refusal. */
export type Admission =
  | { readonly ok: true; readonly operate: () => Answer | Promise<Answer> }
  | { readonly ok: false; readonly answer: Answer };

/** What an emulated API does with requests; of faults it knows those of its own. */
export interface EmulatedApi<Operation extends string, OwnRule extends Rule> {
  readonly arrivalOf: (operation: Operation, request: FastifyRequest) => Arrival;
  /** The answer that a fault of its own gives at once, without any effect; `undefined` where it gives none. */
  readonly answerAtOnce: (rule: OwnRule, asked: Asked<Operation, OwnRule>) => Answer | undefined;
  /** Who calls, counted. */
  readonly admit: (asked: Asked<Operation, OwnRule>) => Admission | Promise<Admission>;
  /** What a fault of its own makes of an answer. */
  readonly twist: (rule: OwnRule, answer: Answer) => Answer | Promise<Answer>;
  /** The body of an error with this status; `undefined` where the API has none. */
  readonly errorBody: (status: number, id: string | undefined) => unknown;
  /** That of too many requests in a second. */
  readonly tooManyBody: unknown;
  /** Resolves when all that was done would be found again after a crash. */
  readonly settle: () => Promise<void>;
}

export interface ExchangeOptions<Operation extends string, OwnRule extends Rule> {
  readonly api: EmulatedApi<Operation, OwnRule>;
  readonly clock: Clock;
  readonly faults: FaultBook<OwnRule>;
  readonly witness: { arrived(arrival: Arrival): void; record(event: CalledEvent): void };
  /** Aborted when the emulator ends: nobody waits any longer. */
  readonly signal: AbortSignal;
  readonly rate: RateLimit;
}

interface Exchange<Operation extends string, OwnRule extends Rule> extends Asked<Operation, OwnRule> {
  readonly options: ExchangeOptions<Operation, OwnRule>;
  readonly reply: FastifyReply;
}

/** What goes out, or that nothing does. */
type Outcome = WireAnswer | 'lost';

/** Resolves when the request and all its effects are over, late ones too. */
export async function exchange<Operation extends string, OwnRule extends Rule>(
  options: ExchangeOptions<Operation, OwnRule>,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const arrival = options.api.arrivalOf(operation, request);
  const arrivedAt = options.clock.now();
  options.witness.arrived(arrival);
  const struck = options.faults.strike(arrival);
  const all = { options, operation, request, reply, arrival, struck };
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

async function answerFor<Operation extends string, OwnRule extends Rule>(
  all: Exchange<Operation, OwnRule>,
): Promise<Outcome> {
  const { options, struck } = all;
  const { api, clock, signal } = options;
  if (!options.rate.take()) return tooManyAnswer(api.tooManyBody, clock.now());
  for (const { rule } of struck) {
    if (isCommon(rule, 'latency') && rule.when === 'before') await clock.sleep(rule.ms, { signal });
    if (isCommon(rule, 'status') && rule.when === 'before') {
      return statusAnswer(rule, api.errorBody, clock.now());
    }
    if (isCommon(rule, 'lost-answer') && rule.when === 'before') return 'lost';
    const atOnce = api.answerAtOnce(rule, all);
    if (atOnce !== undefined) return jsonAnswer(atOnce.status, atOnce.body, clock.now());
  }
  const admitted = await api.admit(all);
  for (const { rule } of struck) {
    if (!isCommon(rule, 'late-effect')) continue;
    sendNothing(all.reply);
    await clock.sleep(rule.ms, { signal });
  }
  let answer = admitted.ok ? await admitted.operate() : admitted.answer;
  for (const { rule } of struck) {
    answer = isCommon(rule, 'rewrite') ? rewritten(rule, answer) : await api.twist(rule, answer);
  }
  await api.settle();
  return await spoil(all, jsonAnswer(answer.status, answer.body, clock.now()));
}

/** The faults that come after the effect. */
async function spoil<Operation extends string, OwnRule extends Rule>(
  { options, struck }: Exchange<Operation, OwnRule>,
  whole: WireAnswer,
): Promise<Outcome> {
  const { api, clock, signal } = options;
  let outcome = whole;
  for (const { rule } of struck) {
    if (isCommon(rule, 'latency') && rule.when === 'after') await clock.sleep(rule.ms, { signal });
    if (isCommon(rule, 'status') && rule.when === 'after') {
      outcome = statusAnswer(rule, api.errorBody, clock.now());
    }
    if (isCommon(rule, 'content-type')) outcome = withContentType(rule, outcome);
    if (isCommon(rule, 'late-effect')) return 'lost';
    if (isCommon(rule, 'lost-answer') && rule.when === 'after') return 'lost';
  }
  return outcome;
}

async function deliver<Operation extends string, OwnRule extends Rule>(
  { options, reply, struck }: Exchange<Operation, OwnRule>,
  outcome: Outcome,
): Promise<void> {
  if (outcome === 'lost') {
    if (!reply.sent) sendNothing(reply);
    return;
  }
  const { clock, signal } = options;
  for (const { rule } of struck) {
    if (isCommon(rule, 'cut-body')) return sendHalf(reply, outcome);
    if (isCommon(rule, 'trickle')) {
      return sendTrickling(reply, outcome, { everyMs: rule.everyMs, bytes: rule.bytes, clock, signal });
    }
  }
  await sendWhole(reply, outcome);
}
