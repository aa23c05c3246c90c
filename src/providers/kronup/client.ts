/** The whole service-account API of Kronup, typed: one method an operation. It decides nothing. */
import type { CallsLeft } from '../../domain/calls-left.ts';
import type { Result } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Reply } from '../http/call.ts';
import { whereOf } from '../http/caller.ts';
import { caller, type Call, type CallerOptions } from './call.ts';
import { listPages, type AccountsPage } from './list.ts';
import {
  accountModel,
  okModel,
  regeneratedModel,
  serviceAccountModel,
  type OwnAccount,
  type RegeneratedAccount,
  type ServiceAccount,
} from './models.ts';

export interface CallOptions {
  readonly signal: AbortSignal;
}

interface Sent {
  /** Called when the request is written, with that instant in ms since the epoch. */
  readonly onSent?: ((sentAt: number) => void) | undefined;
}

interface Checked {
  /** Asked just before the request is written, after all waiting: why it may not be, if so. Nothing is sent then. */
  readonly maySend?: (() => string | undefined) | undefined;
}

/** A new service account: `userName` of 3 to 64 characters. */
export interface NewServiceAccount {
  readonly roleOrg: 'admin' | 'member';
  readonly userName: string;
}

export interface KronupClient extends AsyncDisposable {
  /**
   * `GET /service-accounts`, page after page, closed accounts included. With `only`, the accounts of other ids are dropped
   * before anything but their id is looked at. With `tolerant`, an account that cannot be read does not fail its page. Ends after the
   * first failure.
   */
  list(
    options: CallOptions & {
      readonly only?: ReadonlySet<string>;
      readonly tolerant?: boolean;
      readonly pageSize?: number;
    },
  ): AsyncGenerator<Result<Reply<AccountsPage>>, void>;
  /** `POST /service-accounts` */
  create(account: NewServiceAccount, options: CallOptions): Promise<Result<Reply<ServiceAccount>>>;
  /** `GET /service-accounts/{id}`: `not-found` also where the account is closed. `onSent` tells of each try. */
  read(id: string, options: CallOptions & Sent): Promise<Result<Reply<ServiceAccount>>>;
  /** `POST /service-accounts/{id}` */
  update(
    id: string,
    changes: Partial<NewServiceAccount>,
    options: CallOptions,
  ): Promise<Result<Reply<ServiceAccount>>>;
  /** `PUT /service-accounts/{id}`: mints; re-opens a closed account. Goes before all other calls; is sent once. */
  regenerate(id: string, options: CallOptions & Checked & Sent): Promise<Result<Reply<RegeneratedAccount>>>;
  /** `DELETE /service-accounts/{id}`: closes; `regenerate` re-opens. */
  close(id: string, options: CallOptions): Promise<Result<Reply<ServiceAccount>>>;
  /** `GET /account`: whose credential it is; the manager's without `as`. */
  account(options: CallOptions & { readonly as?: Secret }): Promise<Result<Reply<OwnAccount>>>;
  /** `POST /account`: renames the account of the manager credential. */
  updateAccount(
    changes: { readonly userName: string },
    options: CallOptions,
  ): Promise<Result<Reply<OwnAccount>>>;
  /** `DELETE /account`: closes the account of the manager credential. Only an owner or admin can re-open it. */
  closeAccount(options: CallOptions): Promise<Result<Reply<boolean>>>;
  /** The organisation in whose name the calls of this credential are made; absent where none is known. */
  organisationOf(token: Secret): string | undefined;
  /** What is left of the manager credential's calls of the day. */
  callsLeft(): CallsLeft;
}

export function kronupClient(options: CallerOptions): KronupClient {
  const line = caller(options);
  const where = whereOf(options.name, options.config);

  return {
    list: (listing) => listPages((call) => line.call(call), where, listing),
    create: (payload, { signal }) =>
      line.call({
        what: 'create a service account',
        method: 'POST',
        path: '/service-accounts',
        model: serviceAccountModel,
        payload,
        signal,
      }),
    read: (id, { signal, onSent }) => line.call({ ...operation('show', 'GET', id), signal, onSent }),
    update: (id, payload, { signal }) => line.call({ ...operation('update', 'POST', id), payload, signal }),
    regenerate: (id, { signal, maySend, onSent }) => {
      const mint = operation('mint for', 'PUT', id);
      return line.call({ ...mint, model: regeneratedModel, urgent: true, signal, maySend, onSent });
    },
    close: (id, { signal }) => line.call({ ...operation('close', 'DELETE', id), signal }),
    async account({ as, signal }) {
      const what = 'say whose the credential is';
      const reply = await line.call({
        what,
        method: 'GET',
        path: '/account',
        model: accountModel,
        as,
        signal,
      });
      if (reply.ok && as === undefined) {
        const { id, apiCalls = {} } = reply.value.value;
        line.calls.told(id, apiCalls);
      }
      return reply;
    },
    updateAccount: (payload, { signal }) =>
      line.call({
        what: "rename the manager's account",
        method: 'POST',
        path: '/account',
        model: accountModel,
        payload,
        signal,
      }),
    closeAccount: ({ signal }) =>
      line.call({
        what: "close the manager's account",
        method: 'DELETE',
        path: '/account',
        model: okModel,
        signal,
      }),
    organisationOf: (token) => line.organisationOf(token),
    callsLeft: () => ({
      left: line.calls.left(),
      limit: options.config.dailyLimit,
      reserve: options.config.reserve,
      renewedAt: line.calls.renewedAt(),
    }),
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}

/** An operation on one account; its answer is that account's. */
function operation(what: string, method: Call<unknown>['method'], id: string) {
  return {
    what: `${what} account ${id}`,
    method,
    path: `/service-accounts/${encodeURIComponent(id)}`,
    model: serviceAccountModel.refine((account) => account.id === id, {
      path: ['id'],
      error: 'expected the id that was asked for',
    }),
  };
}
