/** The faults that every emulator can make, as data: the same in process and over the control path. */
import { z } from 'zod';
import type { Answer, WireAnswer } from './wire.ts';

const DELAY_MS_MAX = 24 * 60 * 60 * 1_000;

/** A duration. */
export const MS = z.number().min(0).max(DELAY_MS_MAX);
const when = z.enum(['before', 'after']).meta({ description: 'Before or after the effect.' });

/** Which requests a fault strikes. `caller` and `accountId` may be `manager`. */
export const MATCH = {
  operation: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  accountId: z.string().optional(),
  caller: z.string().optional(),
  times: z.number().int().min(1).optional(),
  share: z.number().min(0).max(1).optional(),
} as const;

/**
 * With no part of the match given a fault strikes every request, with no `times` until it is lifted. Several strike one request
 * together, in the order of their making, up to the first that settles how it ends.
 */
export const COMMON_FAULTS = [
  /** The answer, or the effect and the answer, come so much later. */
  z.strictObject({ kind: z.literal('latency'), ...MATCH, ms: MS, when: when.default('before') }),
  /** An answer with this status: instead of the effect, or after it. */
  z.strictObject({
    kind: z.literal('status'),
    ...MATCH,
    status: z.number().int().min(200).max(599),
    when: when.default('before'),
    /** An error id for the body; the one that goes with the status by default. */
    id: z.string().optional(),
    /** The body itself: text as it is, anything else as JSON. */
    body: z.unknown().optional(),
    /** Seconds, or an HTTP date. */
    retryAfter: z.union([z.number(), z.string()]).optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  /** The connection is torn down without an answer: before the effect, which then never happens, or after it. */
  z.strictObject({ kind: z.literal('lost-answer'), ...MATCH, when }),
  /** The connection is torn down at once; the effect happens so much later. */
  z.strictObject({ kind: z.literal('late-effect'), ...MATCH, ms: MS }),
  /** Half of the body, then the connection is torn down. The effect has happened. */
  z.strictObject({ kind: z.literal('cut-body'), ...MATCH }),
  /** The body comes in small pieces. The effect has happened. */
  z.strictObject({
    kind: z.literal('trickle'),
    ...MATCH,
    everyMs: MS,
    bytes: z.number().int().min(1).default(1),
  }),
  /** The right answer under another content type, or with another text under it. */
  z.strictObject({
    kind: z.literal('content-type'),
    ...MATCH,
    contentType: z.string().default('text/html'),
    text: z.string().optional(),
  }),
  /** The effect happens as asked; fields of the answer are replaced or left out. */
  z.strictObject({
    kind: z.literal('rewrite'),
    ...MATCH,
    set: z.record(z.string(), z.unknown()).default({}),
    omit: z.array(z.string()).default([]),
  }),
] as const;

/** One of them, with all defaults. */
export type CommonRule = z.output<(typeof COMMON_FAULTS)[number]>;

type RuleOf<Kind extends CommonRule['kind']> = Extract<CommonRule, { readonly kind: Kind }>;

/** Whether it is the common fault of this kind. */
export function isCommon<Kind extends CommonRule['kind']>(
  rule: { readonly kind: string },
  kind: Kind,
): rule is RuleOf<Kind> {
  return rule.kind === kind;
}

/** Those after which no other fault strikes, as opposed to those that delay a request or change what it shows. */
export const SETTLING: readonly string[] = [
  'status',
  'lost-answer',
  'late-effect',
  'cut-body',
  'trickle',
] satisfies CommonRule['kind'][];

/** The answer of a `status` fault, whatever else would have been answered. `errorBody`: what the API says with this status. */
export function statusAnswer(
  rule: RuleOf<'status'>,
  errorBody: (status: number, id: string | undefined) => unknown,
  now: number,
): WireAnswer {
  const content = statusContent(rule, errorBody);
  return {
    status: rule.status,
    headers: {
      'content-type': content.type,
      date: new Date(now).toUTCString(),
      ...(rule.retryAfter === undefined ? {} : { 'retry-after': String(rule.retryAfter) }),
      ...rule.headers,
    },
    text: content.text,
  };
}

/** 4xx answers are JSON. What a 5xx looks like is documented nowhere, and proxies answer in HTML. */
function statusContent(
  rule: RuleOf<'status'>,
  errorBody: (status: number, id: string | undefined) => unknown,
): { readonly type: string; readonly text: string } {
  if (typeof rule.body === 'string') return { type: 'text/plain; charset=utf-8', text: rule.body };
  const body = rule.body ?? errorBody(rule.status, rule.id);
  if (body === undefined) {
    return { type: 'text/html', text: `<html><body><h1>${rule.status}</h1></body></html>` };
  }
  return { type: 'application/json; charset=utf-8', text: JSON.stringify(body) };
}

export function withContentType(rule: RuleOf<'content-type'>, answer: WireAnswer): WireAnswer {
  return {
    ...answer,
    headers: { ...answer.headers, 'content-type': rule.contentType },
    text: rule.text ?? answer.text,
  };
}

/** A good answer with fields replaced or left out; only JSON objects are changed. */
export function rewritten(rule: RuleOf<'rewrite'>, answer: Answer): Answer {
  const { body, status } = answer;
  if (status >= 300 || typeof body !== 'object' || body === null) return answer;
  const fields = Object.entries({ ...body, ...rule.set }).filter(([name]) => !rule.omit.includes(name));
  return { status, body: Object.fromEntries(fields) };
}
