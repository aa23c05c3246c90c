/** Answers that are wrong though the request went well: what a fault makes of an answer before it is sent. */
import type { Answer } from '../wire.ts';
import { answerInvalidArgument, API_ERRORS } from './answer.ts';
import type { ApiErrorId } from './answer.ts';
import type { KronupFaultRule } from './fault.ts';
import type { Memory } from './memory.ts';
import { ISSUER } from './tokens.ts';
import { viewAccount, viewServiceAccount } from './views.ts';

type RuleOf<Kind extends KronupFaultRule['kind']> = Extract<KronupFaultRule, { readonly kind: Kind }>;

/** The answer that this fault puts in place of a good one; only JSON objects are changed. */
export async function twistAnswer(rule: KronupFaultRule, answer: Answer, memory: Memory): Promise<Answer> {
  const { body } = answer;
  if (answer.status !== 200 || typeof body !== 'object' || body === null) return answer;
  if (rule.kind === 'other-account') return { ...answer, body: await otherAccount(rule, body, memory) };
  if (rule.kind === 'other-organisation') {
    return { ...answer, body: await otherOrganisation(rule, body, memory) };
  }
  return answer;
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

export function errorBody(status: number, said: string | undefined): unknown {
  const id = said ?? STATUS_IDS[status];
  if (id !== undefined && isErrorId(id)) return { id, message: API_ERRORS[id][1] };
  return status === 400 ? answerInvalidArgument('body').body : undefined;
}

function isErrorId(id: string): id is ApiErrorId {
  return id in API_ERRORS;
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
