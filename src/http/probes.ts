/**
 * Probes and metrics on a TCP listener of their own, without a token: they change nothing and show no credential. They
 * answer as long as the process lives, and never wait for a provider or a store.
 */
import { Readable } from 'node:stream';
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import { liftedBy, type Hold } from '../domain/hold.ts';
import type { Clock } from '../ports/clock.ts';
import { ListenError } from '../ports/listen-error.ts';

const BODY_BYTES_MAX = 1_024;
const CONNECTIONS_MAX = 64;
const SCRAPES_MAX = 4;
const NAME_LENGTH_MAX = 512;
/** A request has to be here within this time, and a connection may be silent for as long. */
const REQUEST_TIME_LIMIT_MS = 10_000;
/** Longer than the usual time between two scrapes, so that they share a connection. */
const KEEP_ALIVE_MS = 65_000;
const ANSWER_TIME_LIMIT_MS = 5_000;

/** One thing that has to be so for the daemon to be ready. */
export interface Check {
  /** Such as `journal`, `config`, `loop`. */
  readonly name: string;
  readonly ok: boolean;
  /** Why not, and what to do about it. */
  readonly reason?: string;
}

export interface AccountReadiness {
  readonly ready: boolean;
  /** Whether every target holds the live credential. */
  readonly converged: boolean;
  readonly holds: readonly Hold[];
}

export interface ProbesOptions {
  readonly clock: Pick<Clock, 'deadline'>;
  /** Why the loop does not turn any more; `undefined` while it does. */
  readonly stuck: () => string | undefined;
  /** Never about providers or stores: a daemon whose store is down is ready to say so. */
  readonly checks: () => readonly Check[] | Promise<readonly Check[]>;
  /** `undefined` for an account that is not configured. */
  readonly account: (name: string) => Promise<AccountReadiness | undefined>;
  readonly metrics: { readonly contentType: string; readonly render: () => AsyncIterable<string> };
  /** Told of an answer that failed; the client learns only that it did. */
  readonly onError: (error: Error) => void;
}

export interface Probes extends AsyncDisposable {
  /** Where they listen, such as `http://127.0.0.1:9464`. */
  readonly url: string;
}

/** Starts listening. Port 0 is any free one. Rejects with words for a person where the address cannot be had. */
export async function startProbes(
  options: ProbesOptions & { readonly address: { readonly host: string; readonly port: number } },
): Promise<Probes> {
  const { host, port } = options.address;
  const app = createProbes(options);
  try {
    const url = await app.listen({ host, port });
    return { url, [Symbol.asyncDispose]: () => app.close() };
  } catch (error) {
    await app.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new ListenError(`cannot serve probes on ${host}:${port} (${why}); change probes.address`, {
      cause: error,
    });
  }
}

/** The routes, without a listener. */
export function createProbes(options: ProbesOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIME_LIMIT_MS,
    connectionTimeout: REQUEST_TIME_LIMIT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: NAME_LENGTH_MAX },
    frameworkErrors: (error, _request, reply) => {
      // Not a generic reply: its types leave out what every reply has.
      void (reply as unknown as FastifyReply).code(error.statusCode ?? 400).send({ error: 'bad request' });
    },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  // Nothing of a question is repeated: with what is secret taken out, that would tell whoever guesses that he has guessed right.
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }));
  app.setErrorHandler((error, _request, reply) => {
    const { statusCode = 500 } = error as { readonly statusCode?: number };
    if (statusCode < 500) return reply.code(statusCode).send({ error: 'bad request' });
    options.onError(error as Error);
    return reply.code(500).send({ error: 'internal error' });
  });
  addProbes(app, options);
  addMetrics(app, options.metrics, options.onError);
  return app;
}

function addProbes(app: FastifyInstance, { clock, stuck, checks, account }: ProbesOptions): void {
  app.get('/livez', async (_request, reply) => {
    const reason = stuck();
    if (reason === undefined) return { status: 'live' };
    return reply.code(503).send({ status: 'stuck', reason });
  });

  app.get('/readyz', async (_request, reply) => {
    const late = [{ name: 'answer', ok: false, reason: `no answer within ${ANSWER_TIME_LIMIT_MS} ms` }];
    const found = await inTime(clock, async () => checks(), late);
    const ready = found.every(({ ok }) => ok);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks: found });
  });

  app.get<{ Params: { name: string } }>('/readyz/accounts/:name', async ({ params }, reply) => {
    const seen = await inTime(clock, () => account(params.name), 'late');
    if (seen === 'late') {
      const reason = `no answer from the journal within ${ANSWER_TIME_LIMIT_MS} ms`;
      return reply.code(503).send({ status: 'unknown', reason });
    }
    if (seen === undefined) return reply.code(404).send({ error: 'no such account' });
    const { ready, converged, holds } = seen;
    const status = ready ? 'ready' : 'not ready';
    const body = {
      account: params.name,
      status,
      converged,
      holds: holds.map((hold) => describeHold(hold, params.name)),
    };
    return reply.code(ready ? 200 : 503).send(body);
  });
}

function addMetrics(
  app: FastifyInstance,
  metrics: ProbesOptions['metrics'],
  onError: ProbesOptions['onError'],
): void {
  const scrapes = new Set<Readable>();
  // A listener does not close while an answer is being written.
  app.addHook('preClose', async () => {
    for (const scrape of scrapes) scrape.destroy();
  });
  app.get('/metrics', async (_request, reply) => {
    if (scrapes.size >= SCRAPES_MAX) {
      return reply.code(503).send({ error: `${SCRAPES_MAX} scrapes are under way already` });
    }
    const scrape = Readable.from(metrics.render(), { objectMode: false });
    scrapes.add(scrape);
    scrape.once('close', () => scrapes.delete(scrape));
    scrape.on('error', (error) => {
      // A reader that went away is nobody's failure.
      if (!reply.raw.destroyed) onError(error);
    });
    return reply.type(metrics.contentType).send(scrape);
  });
}

/** What `ask` answers, or `late` after the time limit. */
async function inTime<T, const Late>(
  clock: ProbesOptions['clock'],
  ask: () => Promise<T>,
  late: Late,
): Promise<T | Late> {
  using deadline = clock.deadline(ANSWER_TIME_LIMIT_MS);
  const { signal } = deadline;
  const over = new Promise<Late>((resolve) => {
    signal.addEventListener('abort', () => resolve(late), { once: true });
  });
  return await Promise.race([ask(), over]);
}

function describeHold(hold: Hold, account: string): Record<string, unknown> {
  const { kind, subject, since, until, by, reason, target } = hold;
  return {
    hold: kind,
    subject,
    target,
    since: new Date(since).toISOString(),
    until: until === undefined ? undefined : new Date(until).toISOString(),
    by,
    reason,
    liftedBy: liftedBy(hold, account),
  };
}
