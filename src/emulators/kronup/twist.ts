/** Answers that are wrong though the request went well: what a fault makes of an answer before it is sent. */
import type { WireAnswer } from '../wire.ts';
import { answerInvalidArgument, API_ERRORS } from './answer.ts';
import type { Answer, ApiErrorId } from './answer.ts';
import type { KronupFaultRule } from './fault.ts';
import type { Memory } from './memory.ts';
import { ISSUER } from './tokens.ts';
import { viewAccount, viewServiceAccount } from './views.ts';

type RuleOf<Kind extends KronupFaultRule['kind']> = Extract<KronupFaultRule, { readonly kind: Kind }>;

/** The answer that this fault puts in place of a good one; only JSON objects are changed. */
export async function twistAnswer(rule: KronupFaultRule, answer: Answer, memory: Memory): Promise<Answer> {
  const { body } = answer;
  if (answer.status !== 200 || typeof body !== 'object' || body === null) return answer;
  switch (rule.kind) {
    case 'other-account':
      return { ...answer, body: await otherAccount(rule, body, memory) };
    case 'other-organisation':
      return { ...answer, body: await otherOrganisation(rule, body, memory) };
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

/** The error that a status stands for where nothing else is said. */
const STATUS_IDS: Readonly<Record<number, ApiErrorId>> = {
  401: 'auth-api-expired',
  402: 'payment-required',
  403: 'not-allowed',
  404: 'not-found',
  409: 'cluster-not-configured',
  429: 'auth-api-limited',
};

/** 4xx answers are JSON. What a 5xx looks like is documented nowhere, and proxies answer in HTML. */
function statusContent(rule: RuleOf<'status'>): { readonly type: string; readonly text: string } {
  if (typeof rule.body === 'string') return { type: 'text/plain; charset=utf-8', text: rule.body };
  const body = rule.body ?? errorBody(rule);
  if (body === undefined) {
    return { type: 'text/html', text: `<html><body><h1>${rule.status}</h1></body></html>` };
  }
  return { type: 'application/json; charset=utf-8', text: JSON.stringify(body) };
}

function errorBody(rule: RuleOf<'status'>): unknown {
  const id = rule.id ?? STATUS_IDS[rule.status];
  if (id !== undefined) return { id, message: API_ERRORS[id][1] };
  return rule.status === 400 ? answerInvalidArgument('body').body : undefined;
}

/** The same kind of view, of another account; a list stays as it is. */
async function otherAccount(rule: RuleOf<'other-account'>, body: object, memory: Memory): Promise<object> {
  const { organisation, tokens } = memory;
  const index = organisation.accounts.findIndex(({ id }) => 'id' in body && body.id === id);
  const next = organisation.accounts[(index + 1) % organisation.accounts.length];
  const other = rule.answerId === undefined ? next : organisation.find(rule.answerId);
  if (index < 0 || other === undefined) return body;
  if ('orgs' in body) return viewAccount(other, organisation, organisation.accounts.length);
  return viewServiceAccount(other, 'serviceToken' in body ? await tokens.of(other) : undefined);
}

/** The view with a token of another organisation, where it shows a token. */
async function otherOrganisation(
  rule: RuleOf<'other-organisation'>,
  body: object,
  memory: Memory,
): Promise<object> {
  if (!('id' in body && 'serviceToken' in body)) return body;
  const claims = { org_id: rule.organisation, iss: ISSUER, sub: body.id };
  return { ...body, serviceToken: await memory.tokens.sign(claims) };
}

function rewritten(rule: RuleOf<'rewrite'>, body: object): object {
  const fields = Object.entries({ ...body, ...rule.set }).filter(([name]) => !rule.omit.includes(name));
  return Object.fromEntries(fields);
}
