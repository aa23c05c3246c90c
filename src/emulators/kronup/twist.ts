/** Answers that are wrong though the request went well: what a fault makes of an answer before it is sent. */
import type { WireAnswer } from '../wire.ts';
import { API_ERRORS } from './answer.ts';
import type { Answer, ApiErrorId } from './answer.ts';
import type { KronupFaultRule } from './fault.ts';
import type { Memory } from './memory.ts';
import { ISSUER } from './tokens.ts';
import { viewServiceAccount } from './views.ts';

type RuleOf<Kind extends KronupFaultRule['kind']> = Extract<KronupFaultRule, { readonly kind: Kind }>;

/** The answer that this fault puts in place of a good one; only JSON objects are changed. */
export async function twistAnswer(rule: KronupFaultRule, answer: Answer, memory: Memory): Promise<Answer> {
  const { body } = answer;
  if (answer.status !== 200 || typeof body !== 'object' || body === null) return answer;
  switch (rule.kind) {
    case 'other-account':
      return { ...answer, body: await otherAccount(rule, body, memory) };
    case 'other-organisation':
      return { ...answer, body: { ...body, serviceToken: await otherToken(rule, body, memory) } };
    case 'rewrite':
      return { ...answer, body: rewritten(rule, body) };
    case 'latency':
    case 'status':
    case 'lost-answer':
    case 'late-effect':
    case 'cut-body':
    case 'trickle':
    case 'refused-caller':
    case 'refused-token':
    case 'content-type':
    case 'same-token':
      return answer;
  }
}

/** The answer of a `status` fault, whatever else would have been answered. */
export function statusAnswer(rule: RuleOf<'status'>, now: number): WireAnswer {
  const content = statusContent(rule);
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

export function withContentType(rule: RuleOf<'content-type'>, answer: WireAnswer): WireAnswer {
  return {
    ...answer,
    headers: { ...answer.headers, 'content-type': rule.contentType },
    text: rule.text ?? answer.text,
  };
}

/** 4xx answers are JSON. What a 5xx looks like is documented nowhere, and proxies answer in HTML. */
function statusContent(rule: RuleOf<'status'>): { readonly type: string; readonly text: string } {
  if (typeof rule.body === 'string') return { type: 'text/plain; charset=utf-8', text: rule.body };
  const id = rule.id ?? idFor(rule.status);
  if (rule.body === undefined && id === undefined) {
    return { type: 'text/html', text: `<html><body><h1>${rule.status}</h1></body></html>` };
  }
  const body = rule.body ?? { id, message: API_ERRORS[id ?? 'not-found'][1] };
  return { type: 'application/json; charset=utf-8', text: JSON.stringify(body) };
}

function idFor(status: number): ApiErrorId | undefined {
  // The last id of a status is its most general one, but for those that were refused.
  if (status === 401) return 'auth-api-expired';
  if (status === 403) return 'not-allowed';
  const ids = Object.keys(API_ERRORS) as ApiErrorId[];
  return ids.find((id) => API_ERRORS[id][0] === status);
}

async function otherAccount(rule: RuleOf<'other-account'>, body: object, memory: Memory): Promise<object> {
  const { organisation, tokens } = memory;
  const id: unknown = Reflect.get(body, 'id');
  const index = organisation.accounts.findIndex((account) => account.id === id);
  const next = organisation.accounts[(index + 1) % organisation.accounts.length];
  const other = rule.answerId === undefined ? next : organisation.find(rule.answerId);
  return other === undefined ? body : viewServiceAccount(other, await tokens.of(other));
}

function otherToken(rule: RuleOf<'other-organisation'>, body: object, memory: Memory): Promise<string> {
  const sub: unknown = Reflect.get(body, 'id');
  return memory.tokens.sign({ org_id: rule.organisation, iss: ISSUER, sub });
}

function rewritten(rule: RuleOf<'rewrite'>, body: object): object {
  const fields = Object.entries({ ...body, ...rule.set }).filter(([name]) => !rule.omit.includes(name));
  return Object.fromEntries(fields);
}
