/** The faults that the Kronup emulator can make, as data: the same in process and over the control path. */
import { z } from 'zod';
import type { Arrival } from '../faults.ts';
import { API_ERRORS } from './answer.ts';
import type { ApiErrorId } from './answer.ts';
import type { Memory } from './memory.ts';
import { OPERATION_IDS } from './operations.ts';
import { tokenIdOf } from './tokens.ts';

const DELAY_MS_MAX = 24 * 60 * 60 * 1_000;

const ms = z.number().min(0).max(DELAY_MS_MAX);
const when = z.enum(['before', 'after']).meta({ description: 'Before or after the effect.' });
const errorId = z.enum(Object.keys(API_ERRORS) as [ApiErrorId, ...ApiErrorId[]]);

/** Which requests it strikes. `caller` and `accountId` may be `manager`. */
const match = {
  operation: z.enum(OPERATION_IDS).optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  accountId: z.string().optional(),
  caller: z.string().optional(),
  times: z.number().int().min(1).optional(),
  share: z.number().min(0).max(1).optional(),
};

/**
 * One fault. With no part of the match given it strikes every request, with no `times` until it is lifted. Several
 * strike one request together, in the order of their making, up to the first that settles how it ends.
 */
export const kronupFault = z.discriminatedUnion('kind', [
  /** The answer, or the effect and the answer, come so much later. */
  z.strictObject({ kind: z.literal('latency'), ...match, ms, when: when.default('before') }),
  /** An answer with this status: instead of the effect, or after it. */
  z.strictObject({
    kind: z.literal('status'),
    ...match,
    status: z.number().int().min(200).max(599),
    when: when.default('before'),
    /** A documented error id for the body; the one that goes with the status by default. */
    id: errorId.optional(),
    /** The body itself: text as it is, anything else as JSON. */
    body: z.unknown().optional(),
    /** Seconds, or an HTTP date. */
    retryAfter: z.union([z.number(), z.string()]).optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  /** The connection is torn down without an answer: before the effect, which then never happens, or after it. */
  z.strictObject({ kind: z.literal('lost-answer'), ...match, when }),
  /** The connection is torn down at once; the effect happens so much later. */
  z.strictObject({ kind: z.literal('late-effect'), ...match, ms }),
  /** Half of the body, then the connection is torn down. The effect has happened. */
  z.strictObject({ kind: z.literal('cut-body'), ...match }),
  /** The body comes in small pieces. The effect has happened. */
  z.strictObject({
    kind: z.literal('trickle'),
    ...match,
    everyMs: ms,
    bytes: z.number().int().min(1).default(1),
  }),
  /** Every call of `caller` is refused. */
  z.strictObject({
    kind: z.literal('refused-caller'),
    ...match,
    caller: z.string(),
    id: errorId.default('auth-api-expired'),
  }),
  /** The token of `caller` that is live now is refused; the next one is accepted. */
  z.strictObject({
    kind: z.literal('refused-token'),
    ...match,
    caller: z.string(),
    id: errorId.default('auth-api-expired'),
  }),
  /** The right answer under another content type, or with another text under it. */
  z.strictObject({
    kind: z.literal('content-type'),
    ...match,
    contentType: z.string().default('text/html'),
    text: z.string().optional(),
  }),
  /** The effect happens as asked; the answer is that of another account: the one named, else the next in the list. */
  z.strictObject({ kind: z.literal('other-account'), ...match, answerId: z.string().optional() }),
  /** The effect happens as asked; the answer's token names this organisation. */
  z.strictObject({
    kind: z.literal('other-organisation'),
    ...match,
    organisation: z.string().default('ffffffffffffffffffffffff'),
  }),
  /** A regenerate that does not: it answers 200 with the token as before, which stays live. */
  z.strictObject({ kind: z.literal('same-token'), ...match }),
  /** The effect happens as asked; fields of the answer are replaced or left out. */
  z.strictObject({
    kind: z.literal('rewrite'),
    ...match,
    set: z.record(z.string(), z.unknown()).default({}),
    omit: z.array(z.string()).default([]),
  }),
]);

/** As somebody writes it. */
export type KronupFault = z.input<typeof kronupFault>;

/** With all defaults, and bound to one credential where it is about one. */
export type KronupFaultRule = z.output<typeof kronupFault> & Pick<Partial<Arrival>, 'credentialId'>;

/**
 * With all defaults; `manager` becomes its id, and a fault of a token is bound to the one that is live now. Throws
 * where it is no fault.
 */
export function ruleOf(fault: KronupFault, { organisation, manager }: Memory): KronupFaultRule {
  const idOf = (name: string) => (name === 'manager' ? manager.id : name);
  const rule = kronupFault.parse(fault);
  const { accountId, caller } = rule;
  const bound = rule.kind === 'refused-token' ? organisation.find(idOf(rule.caller)) : undefined;
  return {
    ...rule,
    ...(accountId === undefined ? {} : { accountId: idOf(accountId) }),
    ...(caller === undefined ? {} : { caller: idOf(caller) }),
    ...(bound === undefined ? {} : { credentialId: tokenIdOf(bound) }),
  };
}

/** Whether this fault settles how a request ends, as opposed to delaying it or changing what it shows. */
export function settlesRequest(rule: KronupFaultRule): boolean {
  switch (rule.kind) {
    case 'status':
    case 'lost-answer':
    case 'late-effect':
    case 'cut-body':
    case 'trickle':
    case 'refused-caller':
    case 'refused-token':
      return true;
    case 'latency':
    case 'content-type':
    case 'other-account':
    case 'other-organisation':
    case 'same-token':
    case 'rewrite':
      return false;
  }
}
