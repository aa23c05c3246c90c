/** `rekeyd/keycard`: a typed client of Keycard's service-account API, for programs. */
import { keycardClient, type KeycardClient } from '../providers/keycard/client.ts';
import { managerSource } from '../providers/keycard/manager-credential.ts';
import { keycardSchema } from '../providers/keycard/schema.ts';
import { clientOptions, secretIn, type CommonOptions, type SecretText } from './options.ts';

export type { ClientCredential } from '../domain/credential.ts';
export type { Failure, FailureKind, Result } from '../domain/failure.ts';
export { FAILURES } from '../domain/failure.ts';
export { Secret } from '../domain/secret.ts';
export type { Reply } from '../providers/http/call.ts';
export type { TokenInUse } from '../providers/keycard/call.ts';
export type {
  AccountPath,
  CallOptions,
  CredentialPath,
  Credentials,
  Expanded,
  KeycardClient,
  Listing,
  ListOptions,
  Naming,
  Organisations,
  ServiceAccounts,
} from '../providers/keycard/client.ts';
export type {
  AccountCredential,
  CreatedCredential,
  Organisation,
  Page,
  ServiceAccount,
  TokenAnswer,
} from '../providers/keycard/models.ts';
export type { Expand, PageQuery } from '../providers/keycard/paths.ts';
export type { CommonOptions, SecretText } from './options.ts';

export interface KeycardOptions extends CommonOptions {
  /** Of a service account that may manage the others of its organisation. */
  readonly clientId: SecretText;
  readonly clientSecret: SecretText;
}

/** Nothing is called yet. Throws a `TypeError` where an option is wrong. Dispose of the client when it is not needed any more. */
export function openKeycard({ clientId, clientSecret, ...options }: KeycardOptions): KeycardClient {
  const referred = { clientId: { env: 'clientId' }, clientSecret: { env: 'clientSecret' } };
  const opened = clientOptions('keycard', keycardSchema, { ...options, ...referred });
  const given = { clientId, clientSecret };
  const source = managerSource(opened.config, (reference) => {
    const name = 'env' in reference && reference.env === 'clientId' ? 'clientId' : 'clientSecret';
    return {
      description: `the option ${name}`,
      read: () => secretIn(given[name], `option ${name}`),
    };
  });
  return keycardClient({ ...opened, source });
}
