/** Keycard as the shared exchange serves it: who calls, what each call does, and how it says what went wrong. */
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../ports/clock.ts';
import type { Admission, EmulatedApi } from '../exchange.ts';
import type { Arrival } from '../faults.ts';
import type { Route } from '../server.ts';
import type { Answer } from '../wire.ts';
import { answerError, answerTokenError, errorBody } from './answer.ts';
import { authenticate, claimsOf, clientIn, grant } from './authenticate.ts';
import type { Sender } from './authenticate.ts';
import type { KeycardFaultRule } from './fault.ts';
import type { Claims } from './keys.ts';
import type { Memory } from './memory.ts';
import type { Credential } from './model.ts';
import { OPERATIONS } from './operations.ts';

export interface KeycardApiOptions {
  readonly memory: Memory;
  readonly clock: Clock;
  /** How long a new credential is refused at the token endpoint. */
  readonly consistencyMs: number;
  /** How long an access token lives. */
  readonly tokenLifetimeMs: number;
  /** Leaves `expires_in` out of the answers of the token endpoint. */
  readonly hideLifetime: boolean;
  /** The access tokens of a deleted credential die with it. */
  readonly revokesAccessTokens: boolean;
}

export type OperationId = keyof typeof OPERATIONS | 'tokenCreate';

export const OPERATION_IDS: readonly string[] = ['tokenCreate', ...Object.keys(OPERATIONS)];

const ACCOUNTS = '/organizations/:organisation/service-accounts';
const ACCOUNT = `${ACCOUNTS}/:accountId`;
const CREDENTIALS = `${ACCOUNT}/credentials`;
const CREDENTIAL = `${CREDENTIALS}/:credentialId`;

export const ROUTES: readonly Route<OperationId>[] = [
  ['POST', '/service-account-token', 'tokenCreate'],
  ['GET', '/organizations', 'organisationList'],
  ['POST', ACCOUNTS, 'accountCreate'],
  ['GET', ACCOUNTS, 'accountList'],
  ['GET', ACCOUNT, 'accountRetrieve'],
  ['PATCH', ACCOUNT, 'accountUpdate'],
  ['DELETE', ACCOUNT, 'accountDelete'],
  ['POST', CREDENTIALS, 'credentialCreate'],
  ['GET', CREDENTIALS, 'credentialList'],
  ['GET', CREDENTIAL, 'credentialRetrieve'],
  ['PATCH', CREDENTIAL, 'credentialUpdate'],
  ['DELETE', CREDENTIAL, 'credentialDelete'],
];

export function keycardApi(options: KeycardApiOptions): EmulatedApi<OperationId, KeycardFaultRule> {
  const { memory, clock } = options;
  return {
    arrivalOf: (operation, request) => arrivalOf(memory, operation, request),
    answerAtOnce(rule, { operation, request }) {
      if (rule.kind === 'refused-caller') return refusal(operation);
      if (operation === 'tokenCreate') return undefined;
      const claims = claimsOf(request.headers.authorization, memory.keys);
      return isRefused(rule, claims, clock.now()) ? answerError(401) : undefined;
    },
    admit({ operation, request }) {
      return operation === 'tokenCreate' ? admitClient(options, request) : admit(options, operation, request);
    },
    twist(rule, answer) {
      if (rule.kind !== 'other-organisation' || answer.status !== 200) return answer;
      return otherOrganisation(answer, rule.organisation);
    },
    errorBody,
    tooManyBody: answerError(429).body,
    settle: () => memory.settle(),
  };
}

/** Whether this fault strikes an access token that says this. */
function isRefused(rule: KeycardFaultRule, claims: Claims | undefined, now: number): boolean {
  if (rule.kind === 'refused-access-token') return Number(claims?.tokenId ?? 0) <= rule.given;
  if (rule.kind !== 'young-access-token') return false;
  return now < (claims?.issuedAtSeconds ?? 0) * MS_PER_S + rule.ms;
}

function refusal(operation: OperationId): Answer {
  if (operation !== 'tokenCreate') return answerError(401);
  return answerTokenError(401, 'invalid_client', 'The client id or the client secret is not valid');
}

function admit(
  options: KeycardApiOptions,
  operation: Exclude<OperationId, 'tokenCreate'>,
  request: FastifyRequest,
): Admission {
  const { memory, clock, consistencyMs, revokesAccessTokens: revokes } = options;
  const { organisation, keys } = memory;
  const claims = claimsOf(request.headers.authorization, keys);
  const authenticated = authenticate(claims, { organisation, revokes, now: clock.now() });
  if (!authenticated.ok) return authenticated;
  const { caller } = authenticated;
  const { organisation: named = '', accountId = '', credentialId = '' } = paramsOf(request);
  const { body, contentType } = senderOf(request);
  return {
    ok: true,
    operate: () =>
      OPERATIONS[operation](
        { organisation, keys, caller, now: clock.now(), consistencyMs },
        {
          organisation: named,
          accountId,
          credentialId,
          query: { ...(request.query as object) },
          body,
          contentType,
        },
      ),
  };
}

function admitClient(options: KeycardApiOptions, request: FastifyRequest): Admission {
  const { memory, clock } = options;
  const { organisation, keys } = memory;
  const granted = grant(senderOf(request), { organisation, keys, now: clock.now() });
  return granted.ok ? { ok: true, operate: () => answerToken(options, granted.credential) } : granted;
}

const MS_PER_S = 1_000;

function answerToken(options: KeycardApiOptions, credential: Credential): Answer {
  const { memory, clock, tokenLifetimeMs, hideLifetime } = options;
  const now = clock.now();
  credential.lastUsedAt = now;
  const lifetimeSeconds = Math.ceil(tokenLifetimeMs / MS_PER_S);
  const issuedAtSeconds = Math.floor(now / MS_PER_S);
  const accessToken = memory.keys.accessToken({
    organisation: memory.organisation.id,
    accountId: credential.accountId,
    credentialId: credential.id,
    tokenId: String(memory.nextToken()),
    issuedAtSeconds,
    expiresAtSeconds: issuedAtSeconds + lifetimeSeconds,
  });
  const lifetime = hideLifetime ? {} : { expires_in: lifetimeSeconds };
  return { status: 200, body: { access_token: accessToken, token_type: 'Bearer', ...lifetime } };
}

function arrivalOf({ organisation, keys }: Memory, operation: OperationId, request: FastifyRequest): Arrival {
  const sender = senderOf(request);
  const client = operation === 'tokenCreate' ? clientIn(sender) : undefined;
  const credential = client && organisation.withClientId(client.id);
  const claims = claimsOf(sender.authorization, keys);
  return {
    operation,
    method: request.method,
    path: request.url.split('?')[0] ?? '',
    accountId: paramsOf(request)['accountId'] ?? credential?.accountId,
    caller: credential?.accountId ?? claims?.accountId,
    credentialId: credential?.id ?? claims?.credentialId,
  };
}

function senderOf({ headers, body }: FastifyRequest): Sender {
  const { authorization, 'content-type': contentType } = headers;
  return { authorization, contentType, body: typeof body === 'string' ? body : '' };
}

function paramsOf(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return { ...(request.params as Record<string, string>) };
}

/** The list of organisations with another one in it. */
function otherOrganisation(answer: Answer, id: string): Answer {
  const body = answer.body as { readonly items?: readonly object[] };
  return {
    ...answer,
    body: { ...body, items: (body.items ?? []).map((item) => ({ ...item, id, label: id })) },
  };
}
