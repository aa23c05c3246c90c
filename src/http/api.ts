/** The API under `/v1`, without a listener: the same routes on the socket and in process. */
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { scrub } from '../domain/secret.ts';
import { accountRoutes } from './routes/accounts.ts';
import { rotationRoutes } from './routes/rotations.ts';
import { statusRoutes } from './routes/status.ts';
import type { ApiServices } from './services.ts';

const BODY_BYTES_MAX = 1_048_576;
const CONNECTIONS_MAX = 256;
const REQUEST_TIME_LIMIT_MS = 15_000;
const NAME_LENGTH_MAX = 512;

export type Api = FastifyInstance;

export function createApi(services: ApiServices, options: { readonly onError: (error: Error) => void }): Api {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIME_LIMIT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: NAME_LENGTH_MAX },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `there is nothing at ${request.method} ${request.url}` }),
  );
  app.setErrorHandler((error, _request, reply) => {
    const { statusCode = 500, message } = error as Error & { readonly statusCode?: number };
    if (statusCode < 500) return reply.code(statusCode).send({ error: scrub(message) });
    options.onError(error as Error);
    return reply.code(500).send({ error: 'internal error; the daemon has logged it' });
  });
  const routes = app.withTypeProvider<ZodTypeProvider>();
  statusRoutes(routes, services);
  accountRoutes(routes, services);
  rotationRoutes(routes, services);
  return app;
}
