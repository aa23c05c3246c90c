/** Stands before the routes on TCP: nobody passes without a token, and a viewer only to read. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sanitiseText } from '../domain/credential-shapes.ts';
import type { Api } from './api.ts';
import type { Attempts } from './attempts.ts';
import { actorOf, plainAddress } from './caller.ts';
import { callerOf } from './tokens.ts';
import type { KnownToken } from './tokens.ts';

/** Why a request was refused before it came to a route. */
export type RefusedWhy = 'no-token' | 'unknown-token' | 'role' | 'too-many-attempts';

export interface RefusedRequest {
  readonly why: RefusedWhy;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Whose token was shown, or `unknown`. */
  readonly by: string;
  /** The address at the other end. */
  readonly from: string;
}

export interface GuardOptions {
  /** The tokens that are configured now: asked for at each request. */
  readonly tokens: () => readonly KnownToken[];
  /** Counts wrong tokens: from an address with too many nothing is taken for a while. */
  readonly attempts: Attempts;
  /** Counts refusals that are told: of an address with very many no more are for a while. */
  readonly tellings: Attempts;
  /** Every refusal, and whether it is one to be told. */
  readonly refused: (request: RefusedRequest, isTold: boolean) => void;
}

const PATH_LENGTH_MAX = 200;

const WORDS: Readonly<Record<RefusedWhy, string>> = {
  'no-token': 'show a token: Authorization: Bearer …; rekeyd takes it from --token-file or REKEYD_TOKEN',
  'unknown-token':
    'this token is not known here; it was mistyped or taken out of the configuration (api.tokens)',
  role: 'this token has the role viewer, which only reads; acting needs a token with the role operator',
  'too-many-attempts': 'too many wrong tokens came from this address; wait a minute, then try again',
};

export function guard(api: Api, options: GuardOptions): void {
  api.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    const refused = await refusal(request, options);
    return refused === undefined ? undefined : refuse(reply, refused);
  });
}

/** Who asks is left with the request where it may go on. */
async function refusal(
  request: FastifyRequest,
  { tokens, attempts, tellings, refused }: GuardOptions,
): Promise<RefusedWhy | undefined> {
  const from = plainAddress(request.socket.remoteAddress);
  const tell = (why: RefusedWhy): RefusedWhy => {
    const isTold = tellings.blockedFor(from) === undefined;
    if (isTold) tellings.failed(from);
    const by = request.caller === null ? 'unknown' : actorOf(request);
    refused({ why, method: request.method, path: pathOf(request), by, from }, isTold);
    return why;
  };
  if (attempts.blockedFor(from) !== undefined) return tell('too-many-attempts');
  const shown = await callerOf(request.headers.authorization, tokens());
  if (shown.kind === 'known') {
    request.caller = shown.caller;
    return mayCall(request) ? undefined : tell('role');
  }
  if (shown.kind === 'absent') return tell('no-token');
  attempts.failed(from);
  return tell('unknown-token');
}

function mayCall({ caller, method }: FastifyRequest): boolean {
  return caller?.role === 'operator' || !isAct(method);
}

/** Whether a method does more than read. */
export function isAct(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** For the log. */
export function pathOf({ url }: Pick<FastifyRequest, 'url'>): string {
  return sanitiseText(url.replace(/\?.*$/s, '').slice(0, PATH_LENGTH_MAX));
}

/** The connection is closed, so that what was not read of the request need not be. */
function refuse(reply: FastifyReply, why: RefusedWhy): FastifyReply {
  void reply.header('connection', 'close');
  if (why === 'role') return reply.code(403).send({ error: WORDS[why] });
  if (why === 'too-many-attempts') return reply.code(429).send({ error: WORDS[why] });
  return reply.code(401).header('www-authenticate', 'Bearer realm="rekeyd"').send({ error: WORDS[why] });
}
