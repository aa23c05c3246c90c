/** Who is behind a request, as far as the listener that it came by can tell. */
import type { FastifyRequest } from 'fastify';
import { sanitiseText } from '../domain/credential-shapes.ts';
import type { ApiRole } from '../ports/api-access.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of a listener that asks for tokens; on the socket nobody is asked. */
    caller: Caller | null;
  }
}

/** Somebody who has shown a token. */
export interface Caller {
  /** The name of the token in the configuration. */
  readonly token: string;
  readonly role: ApiRole;
}

/** What may stand in a name that somebody gives of himself. */
const NAME = /^[\w.:@/-]{1,128}$/;

/**
 * For the history: `token:oncall` where a token was shown, else the socket with the name that the command line sends along, which
 * nobody has checked.
 */
export function actorOf({ caller, headers }: Pick<FastifyRequest, 'caller' | 'headers'>): string {
  if (caller !== null) return `token:${caller.token}`;
  const user = headers['x-rekeyd-user'];
  return typeof user === 'string' && NAME.test(user) ? `socket:${sanitiseText(user)}` : 'socket';
}

/** Where a request came from: the machine at the other end, or `socket`. */
export function addressOf({ caller, socket }: Pick<FastifyRequest, 'caller' | 'socket'>): string {
  return caller === null ? 'socket' : plainAddress(socket.remoteAddress);
}

/** An IPv4 address as such, also where a listener for IPv6 has taken it. */
export function plainAddress(address: string | undefined): string {
  return (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
}
