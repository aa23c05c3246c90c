/** The service-account API of Keycard, whole and typed: one method an operation. It decides nothing. */
import type { z } from 'zod';
import type { ClientCredential, Fingerprint } from '../../domain/credential.ts';
import type { Result } from '../../domain/failure.ts';
import type { Reply } from '../http/call.ts';
import { whereOf } from '../http/caller.ts';
import { caller, type Call, type CallerOptions, type TokenInUse } from './call.ts';
import {
  createdCredentialModel,
  credentialModel,
  nothingModel,
  organisationModel,
  pageOf,
  serviceAccountModel,
  type AccountCredential,
  type CreatedCredential,
  type Organisation,
  type Page,
  type ServiceAccount,
  type TokenAnswer,
} from './models.ts';
import { PAGE_LIMIT_MAX, walkPages } from './pages.ts';
import { pathOf, queryOf, type Expand, type PageQuery } from './paths.ts';

export interface CallOptions {
  readonly signal: AbortSignal;
}

/** Whether `permissions` of the caller come with the answer. */
export interface Expanded {
  readonly expand?: readonly Expand[];
}

export interface ListOptions extends CallOptions, Expanded {
  /** Items of one page: 1 to 100, which is the default. */
  readonly limit?: number;
  /** Called when a request is written, each try anew, with that instant in ms since the epoch. */
  readonly onSent?: ((sentAt: number) => void) | undefined;
}

interface Noted {
  /** Asked just before the request is written, after all waiting: why it may not be, if so. Nothing is sent then. */
  readonly maySend?: (() => string | undefined) | undefined;
  /** Called when the request is written, with that instant in ms since the epoch. */
  readonly onSent?: ((sentAt: number) => void) | undefined;
}

/** Text that people read; a description has at most 500 characters. */
export interface Naming {
  readonly name: string;
  readonly description?: string;
}

/** An account, in an organisation that is named by its id or label. */
export interface AccountPath {
  readonly organisation: string;
  readonly accountId: string;
}

export interface CredentialPath extends AccountPath {
  readonly credentialId: string;
}

/** Each answers with a page, and `pages` with page after page until the end or the first failure. */
export interface Listing<Where, Item> {
  page(where: Where, options: ListOptions & PageQuery): Promise<Result<Reply<Page<Item>>>>;
  pages(where: Where, options: ListOptions): AsyncGenerator<Result<Reply<Page<Item>>>, void>;
}

/** `/organizations/{organisation}/service-accounts` */
export interface ServiceAccounts extends Listing<Pick<AccountPath, 'organisation'>, ServiceAccount> {
  /** Sent once. */
  create(
    where: Pick<AccountPath, 'organisation'>,
    naming: Naming,
    options: CallOptions,
  ): Promise<Result<Reply<ServiceAccount>>>;
  retrieve(where: AccountPath, options: CallOptions & Expanded): Promise<Result<Reply<ServiceAccount>>>;
  update(
    where: AccountPath,
    changes: Partial<Naming>,
    options: CallOptions,
  ): Promise<Result<Reply<ServiceAccount>>>;
  /** For good, with all its credentials. Sent once. */
  delete(where: AccountPath, options: CallOptions): Promise<Result<Reply<void>>>;
}

/** `…/service-accounts/{accountId}/credentials` */
export interface Credentials extends Listing<AccountPath, AccountCredential> {
  /** The only answer that has the secret. Goes before all other calls; is sent once. */
  create(
    where: AccountPath,
    naming: Naming,
    options: CallOptions & Noted,
  ): Promise<Result<Reply<CreatedCredential>>>;
  retrieve(where: CredentialPath, options: CallOptions & Expanded): Promise<Result<Reply<AccountCredential>>>;
  update(
    where: CredentialPath,
    changes: Partial<Naming>,
    options: CallOptions,
  ): Promise<Result<Reply<AccountCredential>>>;
  /** For good. Sent once. */
  delete(where: CredentialPath, options: CallOptions & Noted): Promise<Result<Reply<void>>>;
}

/** `/organizations` */
export interface Organisations {
  /** Those of the credential: exactly one for a service account's. The manager's without `as`. */
  page(
    options: CallOptions & Expanded & PageQuery & { readonly as?: TokenInUse },
  ): Promise<Result<Reply<Page<Organisation>>>>;
}

export interface KeycardClient extends AsyncDisposable {
  readonly accounts: ServiceAccounts;
  readonly credentials: Credentials;
  readonly organisations: Organisations;
  /** `POST /service-account-token`: an access token for this credential; the manager's without `as`. Asked for anew each time. */
  token(options: CallOptions & { readonly as?: ClientCredential }): Promise<Result<Reply<TokenAnswer>>>;
  /** The fingerprint of the manager credential; with `again`, after it was exchanged for a new access token. */
  manager(options: CallOptions & { readonly again?: boolean }): Promise<Result<Fingerprint>>;
}

/** A call whose path is still in parts. */
type Operation<T> = Omit<Call<T>, 'path'> & { readonly at: readonly string[]; readonly query?: PageQuery };

type Send = <T>(operation: Operation<T>) => Promise<Result<Reply<T>>>;

const ORGANISATIONS = 'organizations';
const ACCOUNTS = 'service-accounts';
const CREDENTIALS = 'credentials';

export function keycardClient(options: CallerOptions): KeycardClient {
  const line = caller(options);
  const where = whereOf(options.name, options.config);
  const send: Send = async ({ at, query = {}, ...call }) => {
    const path = pathOf(at, { what: call.what, where });
    return path.ok ? await line.call({ ...call, path: path.value + queryOf(query) }) : path;
  };
  return {
    accounts: serviceAccounts(send, where),
    credentials: credentials(send, where),
    organisations: {
      page: ({ as, signal, ...query }) =>
        send({
          what: 'list organisations',
          method: 'GET',
          at: [ORGANISATIONS],
          query,
          model: pageOf(organisationModel),
          as,
          signal,
        }),
    },
    token: (asking) => line.token(asking),
    manager: (asking) => line.manager(asking),
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}

function serviceAccounts(send: Send, provider: string): ServiceAccounts {
  const all = (organisation: string) => [ORGANISATIONS, organisation, ACCOUNTS];
  const page: ServiceAccounts['page'] = ({ organisation }, { signal, onSent, ...query }) =>
    send({
      what: 'list service accounts',
      method: 'GET',
      at: all(organisation),
      query: { limit: PAGE_LIMIT_MAX, ...query },
      model: pageOf(serviceAccountModel),
      bytesMax: PAGE_BYTES_MAX,
      signal,
      onSent,
    });
  const one = (verb: string, method: Call<unknown>['method'], { organisation, accountId }: AccountPath) => ({
    what: `${verb} account ${accountId}`,
    method,
    at: [...all(organisation), accountId],
    model: withId(serviceAccountModel, accountId),
  });
  return {
    page,
    pages: (where, options) =>
      walkPages((after) => page(where, { ...options, after }), {
        what: 'list service accounts',
        where: provider,
      }),
    create: ({ organisation }, payload, { signal }) =>
      send({
        what: 'create a service account',
        method: 'POST',
        at: all(organisation),
        model: serviceAccountModel,
        payload,
        once: true,
        signal,
      }),
    retrieve: (where, { signal, expand }) =>
      send({ ...one('show', 'GET', where), query: { expand }, signal }),
    update: (where, payload, { signal }) => send({ ...one('update', 'PATCH', where), payload, signal }),
    delete: (where, { signal }) => send({ ...one('delete', 'DELETE', where), ...NOTHING, signal }),
  };
}

function credentials(send: Send, provider: string): Credentials {
  const all = (where: AccountPath) => [
    ORGANISATIONS,
    where.organisation,
    ACCOUNTS,
    where.accountId,
    CREDENTIALS,
  ];
  const list = ({ accountId }: AccountPath) => `list the credentials of account ${accountId}`;
  const page: Credentials['page'] = (where, { signal, onSent, ...query }) =>
    send({
      what: list(where),
      method: 'GET',
      at: all(where),
      query: { limit: PAGE_LIMIT_MAX, ...query },
      model: pageOf(credentialModel),
      bytesMax: PAGE_BYTES_MAX,
      signal,
      onSent,
    });
  const one = (verb: string, method: Call<unknown>['method'], where: CredentialPath) => ({
    what: `${verb} credential ${where.credentialId} of account ${where.accountId}`,
    method,
    at: [...all(where), where.credentialId],
    model: withId(credentialModel, where.credentialId),
  });
  return {
    page,
    pages: (where, options) =>
      walkPages((after) => page(where, { ...options, after }), { what: list(where), where: provider }),
    create: (where, payload, options) =>
      send({
        what: `mint for account ${where.accountId}`,
        method: 'POST',
        at: all(where),
        model: createdCredentialModel,
        payload,
        once: true,
        urgent: true,
        ...options,
      }),
    retrieve: (where, { signal, expand }) =>
      send({ ...one('show', 'GET', where), query: { expand }, signal }),
    update: (where, payload, { signal }) => send({ ...one('update', 'PATCH', where), payload, signal }),
    delete: (where, options) => send({ ...one('delete', 'DELETE', where), ...NOTHING, ...options }),
  };
}

/** A hundred items with the permissions of the caller on each. */
const PAGE_BYTES_MAX = 16_777_216;

/** A deletion: sent once, and without a body in its answer. */
const NOTHING = { model: nothingModel, mayBeEmpty: true, once: true } as const;

/** The answer is that of what was asked for. */
function withId<Item extends { readonly id: string }>(model: z.ZodType<Item>, id: string): z.ZodType<Item> {
  return model.refine((item) => item.id === id, {
    path: ['id'],
    error: 'expected the id that was asked for',
  });
}
