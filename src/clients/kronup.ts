/** `rekeyd/kronup`: a typed client of Kronup's service-account API, for programs. */
import { kronupClient, type KronupClient } from '../providers/kronup/client.ts';
import { kronupSchema } from '../providers/kronup/schema.ts';
import { clientOptions, secretIn, type CommonOptions, type SecretText } from './options.ts';

export type { CallsLeft } from '../domain/calls-left.ts';
export type { Failure, FailureKind, Result } from '../domain/failure.ts';
export { FAILURES } from '../domain/failure.ts';
export { Secret } from '../domain/secret.ts';
export type { Reply } from '../providers/http/call.ts';
export type { CallOptions, KronupClient, NewServiceAccount } from '../providers/kronup/client.ts';
export type { AccountsPage } from '../providers/kronup/list.ts';
export type { OwnAccount, RegeneratedAccount, ServiceAccount } from '../providers/kronup/models.ts';
export type { CommonOptions, SecretText } from './options.ts';

export interface KronupOptions extends CommonOptions {
  /** The API key of a service account: a JWT. To change other accounts it needs the role admin. */
  readonly token: SecretText;
  /** The organisation id to send in place of the one that the token names. */
  readonly organisation?: string;
  /** Calls a day that Kronup grants; 10 000 by default. Only `callsLeft` uses it. */
  readonly dailyLimit?: number;
}

/** Nothing is called yet. Throws a `TypeError` where an option is wrong. Dispose of the client when it is not needed any more. */
export function openKronup({ token, ...options }: KronupOptions): KronupClient {
  const referred = { ...options, token: { env: 'token' } };
  return kronupClient({
    ...clientOptions('kronup', kronupSchema, { reserve: 0, ...referred }),
    source: { description: 'the option token', read: () => secretIn(token, 'option token') },
  });
}
