/** The HTTP side of an emulator: its routes, and the life of its listener. It knows no API. */
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendWhole } from './wire.ts';
import type { WireAnswer } from './wire.ts';

export interface Server {
  /** Throws, with a message for a person, where it cannot listen. */
  listen(host: string, port: number): Promise<{ readonly origin: string; readonly port: number }>;
  /** Ends every connection, and resolves when all requests are over. */
  close(): Promise<void>;
}

export type Route<Operation> = readonly ['GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', string, Operation];

export interface ServerParts<Operation> {
  readonly routes: readonly Route<Operation>[];
  /** Resolves when the request and all its effects are over. */
  readonly handle: (operation: Operation, request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** The answers to what no route handles. */
  readonly answers: Readonly<Record<'notFound' | 'badBody' | 'internal', () => WireAnswer>>;
  /** Adds what is no part of the API. */
  readonly add?: ((app: FastifyInstance) => void) | undefined;
  /** Ends the waits of requests under way. */
  readonly stop: () => void;
}

const BODY_BYTES_MAX = 65_536;

export function createServer<Operation>(parts: ServerParts<Operation>): Server {
  const { answers } = parts;
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // A path that cannot be decoded is one more that is not there.
    frameworkErrors: (_error, _request, reply) => {
      void sendWhole(reply, answers.notFound());
    },
    routerOptions: { maxParamLength: 1_024 },
  });
  const underWay = new Set<Promise<unknown>>();
  acceptAnyBody(app);
  app.setNotFoundHandler((_request, reply) => sendWhole(reply, answers.notFound()));
  app.setErrorHandler((error, _request, reply) =>
    sendWhole(reply, isCallers(error) ? answers.badBody() : answers.internal()),
  );
  for (const [method, url, operation] of parts.routes) {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const over = parts.handle(operation, request, reply);
      underWay.add(over);
      await over.finally(() => underWay.delete(over));
      return reply;
    };
    app.route({ method, url, handler });
  }
  parts.add?.(app);

  return {
    async listen(host, port) {
      await listen(app, host, port);
      const [bound] = app.addresses();
      if (bound === undefined || typeof bound === 'string') throw new Error(`nothing listens on ${host}`);
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
      return { origin: `http://${name}:${bound.port}`, port: bound.port };
    },
    async close() {
      parts.stop();
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

/** Clients send `content-type: application/json` with empty bodies, so nothing is parsed here. */
function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

function isCallers(error: unknown): boolean {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status < 500;
}
