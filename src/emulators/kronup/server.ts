/** The HTTP side of the Kronup emulator: routes, headers, the quota, and the answer on the wire. */
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { answerError, answerInvalidArgument } from './answer.ts';
import type { Answer } from './answer.ts';
import { authenticate } from './authenticate.ts';
import type { Memory } from './memory.ts';
import { OPERATIONS } from './operations.ts';
import type { OperationContext, OperationId } from './operations.ts';
import type { ServiceAccount } from './service-account.ts';
import { dateKey } from './views.ts';

export interface ServerOptions {
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
  readonly hideTokens: boolean;
  readonly keepOldTokens: boolean;
  readonly movePages: boolean;
  readonly dailyLimit: number;
  readonly accountLimit: number;
}

export interface Server {
  listen(host: string, port: number): Promise<{ readonly origin: string; readonly port: number }>;
  close(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const ROUTES: readonly (readonly [Method, string, OperationId])[] = [
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

const BODY_BYTES_MAX = 65_536;
const DAYS_KEPT = 31;

export function createServer(options: ServerOptions): Server {
  const app = fastify({ bodyLimit: BODY_BYTES_MAX, exposeHeadRoutes: false, forceCloseConnections: true });
  acceptAnyBody(app);
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('date', new Date(options.clock.now()).toUTCString());
    done(null, payload);
  });
  app.setNotFoundHandler((_request, reply) => send(reply, answerError('not-found')));
  app.setErrorHandler((error, _request, reply) => send(reply, answerThrown(error)));
  for (const [method, url, operation] of ROUTES) {
    app.route({
      method,
      url,
      handler: async (request, reply) => {
        const answer = await perform(options, operation, request);
        await options.memory.settle();
        return send(reply, answer);
      },
    });
  }
  return {
    async listen(host, port) {
      await app.listen({ host, port });
      const [bound] = app.addresses();
      if (bound === undefined || typeof bound === 'string') throw new Error(`nothing listens on ${host}`);
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
      return { origin: `http://${name}:${bound.port}`, port: bound.port };
    },
    close: () => app.close(),
  };
}

async function perform(
  options: ServerOptions,
  operation: OperationId,
  request: FastifyRequest,
): Promise<Answer> {
  const { memory, clock } = options;
  const now = clock.now();
  const { organisation, tokens } = memory;
  const { keepOldTokens } = options;
  const context = { organisation, tokens, keepOldTokens, now };
  const authenticated = await authenticate(request.headers.authorization, context);
  if (!authenticated.ok) return authenticated.answer;
  const { caller } = authenticated;
  if (!admit(caller, options.dailyLimit, now)) return answerError('auth-api-limited');
  const organisationAsked = request.headers['x-org-id'];
  const isScoped = operation.startsWith('service');
  if (isScoped && organisationAsked && organisationAsked !== organisation.id)
    return answerError('not-allowed');
  return OPERATIONS[operation](operationContext(options), caller, {
    accountId: stringOf(request.params, 'accountId'),
    query: { ...(request.query as object) },
    body: typeof request.body === 'string' ? request.body : '',
  });
}

function operationContext(options: ServerOptions): OperationContext {
  const { memory, clock } = options;
  return {
    organisation: memory.organisation,
    tokens: memory.tokens,
    hideTokens: options.hideTokens,
    accountLimit: options.accountLimit,
    now: () => clock.now(),
    listOrder: () => (options.movePages ? moved(options) : memory.organisation.accounts),
    onMinted: (account) => void (account.mints += 1),
  };
}

function moved(options: ServerOptions): readonly ServiceAccount[] {
  const { accounts } = options.memory.organisation;
  const shift = Math.floor(options.random.fraction() * accounts.length);
  return [...accounts.slice(shift), ...accounts.slice(0, shift)];
}

/** Counts the call; `false` where the day's calls are used up. */
function admit(caller: ServiceAccount, dailyLimit: number, now: number): boolean {
  const day = dateKey(now);
  const calls = (caller.calls ??= {});
  const count = calls[day] ?? 0;
  if (count >= dailyLimit) return false;
  calls[day] = count + 1;
  const days = Object.keys(calls);
  if (days.length > DAYS_KEPT) delete calls[days.toSorted()[0] ?? day];
  return true;
}

/** The vendor's own client sends `content-type: application/json` with empty bodies, so nothing is parsed here. */
function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply
    .code(answer.status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(answer.body));
}

function answerThrown(error: unknown): Answer {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status < 500) return answerInvalidArgument('body');
  return { status: 500, body: { id: 'internal', message: 'Something went wrong' } };
}

function stringOf(of: unknown, key: string): string | undefined {
  if (typeof of !== 'object' || of === null) return undefined;
  const value: unknown = Reflect.get(of, key);
  return typeof value === 'string' ? value : undefined;
}
