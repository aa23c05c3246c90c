/** The API under `/v1`, without a listener: the same routes on the socket, on TCP and in process. */
import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { RequestListener, Server } from 'node:http';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sanitiseText } from '../domain/credential-shapes.ts';
import { actorOf, addressOf } from './caller.ts';
import { guard, isAct, pathOf } from './guard.ts';
import type { GuardOptions } from './guard.ts';
import { accountRoutes } from './routes/accounts.ts';
import { providerRoutes } from './routes/providers.ts';
import { requestRoutes } from './routes/requests.ts';
import { rotationRoutes } from './routes/rotations.ts';
import { rowRoutes } from './routes/rows.ts';
import { statusRoutes } from './routes/status.ts';
import type { ApiServices } from './services.ts';
import { validationWords } from './words.ts';

const BODY_BYTES_MAX = 1_048_576;
const CONNECTIONS_MAX = 256;
const REQUEST_TIME_LIMIT_MS = 15_000;
const NAME_LENGTH_MAX = 512;
const KEEP_ALIVE_MS = 5_000;
/** How long requests under way have to be answered when the listener closes. */
const LAST_ANSWERS_MS = 2_000;

export type Api = FastifyInstance;

export interface ApiOptions {
  readonly onError: (error: Error) => void;
  /** Asks for tokens; absent where the listener itself lets nobody in who may not come. */
  readonly guard?: GuardOptions;
  /** Makes the server, with limits of its own; absent: a plain one. */
  readonly serverFactory?: (handler: RequestListener) => Server;
}

export function createApi(services: ApiServices, options: ApiOptions): Api {
  const app = fastify({
    ...(options.serverFactory && { serverFactory: options.serverFactory }),
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIME_LIMIT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: NAME_LENGTH_MAX },
    frameworkErrors: (_error, _request, reply) => {
      // Not a generic reply: its types leave out what every reply has.
      void (reply as unknown as FastifyReply).code(400).send({ error: 'that is no path of the API' });
    },
  });
  if (options.serverFactory === undefined) app.server.maxConnections = CONNECTIONS_MAX;
  app.decorateRequest('caller', null);
  if (options.guard !== undefined) guard(app, options.guard);
  tellOfActs(app, services);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: sanitiseText(`there is nothing at ${request.method} ${request.url}`) }),
  );
  app.setErrorHandler((error, _request, reply) => {
    const { statusCode, message } = answerOf(error);
    if (statusCode >= 500) options.onError(error as Error);
    return reply.code(statusCode).send({ error: message });
  });
  const routes = app.withTypeProvider<ZodTypeProvider>();
  statusRoutes(routes, services);
  accountRoutes(routes, services);
  providerRoutes(routes, services);
  rotationRoutes(routes, services);
  rowRoutes(routes, services);
  requestRoutes(routes, services);
  answerBeforeClosing(app, services);
  return app;
}

/** Whoever does more than read is named with what became of it; what the guard refused is told by the guard. */
function tellOfActs(app: Api, services: ApiServices): void {
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode: status } = reply;
    if (!isAct(request.method) || [401, 403, 429].includes(status)) return;
    const about = { method: request.method, path: pathOf(request), status };
    services.called({ ...about, by: actorOf(request), from: addressOf(request) });
  });
}

function answerOf(error: unknown): { readonly statusCode: number; readonly message: string } {
  const { statusCode = 500, message, validation, validationContext } = error as Partial<FastifyError>;
  if (validation !== undefined) {
    return { statusCode: 400, message: sanitiseText(validationWords({ validation, validationContext })) };
  }
  if (statusCode < 500) return { statusCode, message: sanitiseText(message ?? 'refused') };
  return { statusCode: 500, message: 'an internal error; the daemon has logged what it was' };
}

/** A listener that closes lets the requests under way have their answers, which a stopping daemon gives without waiting. */
function answerBeforeClosing(app: Api, { clock }: Pick<ApiServices, 'clock'>): void {
  let underWay = 0;
  let over: (() => void) | undefined;
  app.addHook('onRequest', async (_request, reply) => {
    underWay += 1;
    reply.raw.once('close', () => {
      underWay -= 1;
      if (underWay === 0) over?.();
    });
  });
  app.addHook('preClose', async () => {
    if (underWay === 0) return;
    using deadline = clock.deadline(LAST_ANSWERS_MS);
    await new Promise<void>((resolve) => {
      over = resolve;
      deadline.signal.addEventListener('abort', () => resolve());
    });
  });
}
