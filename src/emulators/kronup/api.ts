/** Kronup as the shared exchange serves it: who calls, what each call does, and how it says what went wrong. */
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { Admission, Asked, EmulatedApi } from '../exchange.ts';
import type { Arrival } from '../faults.ts';
import type { Route } from '../server.ts';
import { answerError } from './answer.ts';
import { authenticate, readBearer } from './authenticate.ts';
import type { KronupFaultRule } from './fault.ts';
import type { Memory } from './memory.ts';
import { OPERATIONS } from './operations.ts';
import type { OperationId } from './operations.ts';
import type { ServiceAccount } from './service-account.ts';
import { errorBody, twistAnswer } from './twist.ts';
import { dateKey } from './views.ts';

export interface KronupApiOptions {
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
  readonly hideTokens: boolean;
  readonly keepOldTokens: boolean;
  readonly movePages: boolean;
  readonly dailyLimit: number;
  readonly accountLimit: number;
}

/** Source: OpenAPI document, paths. */
export const ROUTES: readonly Route<OperationId>[] = [
  ['GET', '/v1/account', 'accountRead'],
  ['POST', '/v1/account', 'accountUpdate'],
  ['DELETE', '/v1/account', 'accountClose'],
  ['GET', '/v1/service-accounts', 'serviceAccountList'],
  ['POST', '/v1/service-accounts', 'serviceAccountCreate'],
  ['GET', '/v1/service-accounts/:accountId', 'serviceAccountRead'],
  ['POST', '/v1/service-accounts/:accountId', 'serviceAccountUpdate'],
  ['PUT', '/v1/service-accounts/:accountId', 'serviceAccountRegenerate'],
  ['DELETE', '/v1/service-accounts/:accountId', 'serviceAccountClose'],
];

const DAYS_KEPT = 31;

export function kronupApi(options: KronupApiOptions): EmulatedApi<OperationId, KronupFaultRule> {
  const { memory } = options;
  return {
    arrivalOf,
    answerAtOnce(rule) {
      if (rule.kind !== 'refused-caller' && rule.kind !== 'refused-token') return undefined;
      return answerError(rule.id);
    },
    admit: (asked) => admit(options, asked),
    twist: (rule, answer) => twistAnswer(rule, answer, memory),
    errorBody,
    tooManyBody: { id: 'too-many-requests', message: 'Too many requests' },
    settle: () => memory.settle(),
  };
}

type AskedHere = Asked<OperationId, KronupFaultRule>;

/** Who calls, with the call counted, or the refusal. */
async function admit(options: KronupApiOptions, asked: AskedHere): Promise<Admission> {
  const { memory, keepOldTokens, dailyLimit, clock } = options;
  const { operation, request } = asked;
  const { organisation, tokens } = memory;
  const now = clock.now();
  const bearer = readBearer(request.headers.authorization);
  const authenticated = await authenticate(bearer, { organisation, tokens, keepOldTokens, now });
  if (!authenticated.ok) return authenticated;
  if (!countCall(authenticated.caller, dailyLimit, now)) {
    return { ok: false, answer: answerError('auth-api-limited') };
  }
  // The calling account's own endpoints never looked at the organisation.
  const named = operation.startsWith('serviceAccount') ? request.headers['x-org-id'] : undefined;
  const isOther = named !== undefined && named !== '' && named !== organisation.id;
  if (isOther) return { ok: false, answer: answerError('not-allowed') };
  return { ok: true, operate: () => operate(options, asked, authenticated.caller) };
}

function operate(options: KronupApiOptions, asked: AskedHere, caller: ServiceAccount) {
  const { memory, clock, hideTokens, accountLimit } = options;
  const { operation, request, arrival, struck } = asked;
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
  });
}

function arrivalOf(operation: OperationId, request: FastifyRequest): Arrival {
  const bearer = readBearer(request.headers.authorization);
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
function moved({ memory, random }: KronupApiOptions): readonly ServiceAccount[] {
  const { accounts } = memory.organisation;
  const shift = Math.floor(random.fraction() * accounts.length);
  return [...accounts.slice(shift), ...accounts.slice(0, shift)];
}
