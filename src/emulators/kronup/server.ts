/** The HTTP side of the Kronup emulator: its routes, and the life of its listener. */
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonAnswer, sendWhole } from '../wire.ts';
import { answerError, answerInvalidArgument } from './answer.ts';
import type { Answer } from './answer.ts';
import { addControl } from './control.ts';
import type { ControlOptions } from './control.ts';
import { exchange } from './exchange.ts';
import type { ExchangeOptions } from './exchange.ts';
import type { OperationId } from './operations.ts';

export interface Server {
  /** Throws, with a message for a person, where it cannot listen. */
  listen(host: string, port: number): Promise<{ readonly origin: string; readonly port: number }>;
  /** Ends every connection, and resolves when all requests are over. */
  close(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Source: OpenAPI document, paths. */
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

/** `stop` ends the waits of requests under way; without `control` there is no control path. */
export function createServer(
  options: ExchangeOptions,
  more: { readonly control: ControlOptions | undefined; readonly stop: () => void },
): Server {
  const whole = (answer: Answer) => jsonAnswer(answer.status, answer.body, options.clock.now());
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // A path that cannot be decoded is one more that is not there.
    frameworkErrors: (_error, _request, reply) => {
      void sendWhole(reply, whole(answerError('not-found')));
    },
  });
  const underWay = new Set<Promise<unknown>>();
  acceptAnyBody(app);
  app.setNotFoundHandler((_request, reply) => sendWhole(reply, whole(answerError('not-found'))));
  app.setErrorHandler((error, _request, reply) => sendWhole(reply, whole(answerThrown(error))));
  for (const [method, url, operation] of ROUTES) {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const over = exchange(options, operation, request, reply);
      underWay.add(over);
      await over.finally(() => underWay.delete(over));
      return reply;
    };
    app.route({ method, url, handler });
  }
  if (more.control !== undefined) addControl(app, more.control);

  return {
    async listen(host, port) {
      await listen(app, host, port);
      const [bound] = app.addresses();
      if (bound === undefined || typeof bound === 'string') throw new Error(`nothing listens on ${host}`);
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
      return { origin: `http://${name}:${bound.port}`, port: bound.port };
    },
    async close() {
      more.stop();
      await app.close();
      await Promise.allSettled(underWay);
    },
  };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new Error(`port ${port} of ${host} is in use by another program; choose another port`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** The vendor's own client sends `content-type: application/json` with empty bodies, so nothing is parsed here. */
function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

function answerThrown(error: unknown): Answer {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status < 500) return answerInvalidArgument('body');
  return { status: 500, body: { id: 'internal', message: 'Something went wrong' } };
}
