/**
 * What each endpoint does, once it is known who calls: permissions, checks of arguments, the effect, the answer.
 * Nothing here knows HTTP; every expected refusal is an answer.
 */
import type { Answer } from '../wire.ts';
import { answerError } from './answer.ts';
import type { Keys } from './keys.ts';
import type { Credential, ServiceAccount } from './model.ts';
import type { By, Organisation } from './organisation.ts';
import { answerPage } from './pages.ts';
import type { Item } from './pages.ts';
import {
  checked,
  checkedBody,
  createPayload,
  expandQuery,
  pageQuery,
  updatePayload,
  wantsPermissions,
} from './payloads.ts';
import { permissionsOf, viewAccount, viewCreated, viewCredential, viewOrganisation } from './views.ts';

/** What came with a request, apart from who sent it. */
export interface Arguments {
  /** From the path. */
  readonly organisation: string;
  readonly accountId: string;
  readonly credentialId: string;
  readonly query: Readonly<Record<string, unknown>>;
  /** The body as text; empty where there was none. */
  readonly body: string;
  readonly contentType: string | undefined;
}

export interface OperationContext {
  readonly organisation: Organisation;
  readonly keys: Keys;
  readonly caller: ServiceAccount;
  readonly now: number;
  /** How long a new credential is refused. */
  readonly consistencyMs: number;
}

type Operation = (context: OperationContext, given: Arguments) => Answer;

/** The names are the emulator's own. */
export const OPERATIONS = {
  organisationList: listOrganisations,
  accountCreate: managing(createAccount),
  accountList: managing(listAccounts),
  accountRetrieve: managing(onAccount(showAccount)),
  accountUpdate: managing(onAccount(updateAccount)),
  accountDelete: managing(onAccount(deleteAccount)),
  credentialCreate: managing(onAccount(createCredential)),
  credentialList: managing(onAccount(listCredentials)),
  credentialRetrieve: managing(onCredential(showCredential)),
  credentialUpdate: managing(onCredential(updateCredential)),
  credentialDelete: managing(onCredential(deleteCredential)),
} as const satisfies Record<string, Operation>;

const NO_CONTENT: Answer = { status: 204, body: undefined };

/** Only those who may manage the organisation that the path names. */
function managing(operation: Operation): Operation {
  return (context, given) => {
    const { id, label } = context.organisation;
    if (given.organisation !== id && given.organisation !== label) return answerError(404);
    return context.caller.manages ? operation(context, given) : answerError(403);
  };
}

function onAccount(
  operation: (context: OperationContext, given: Arguments, account: ServiceAccount) => Answer,
): Operation {
  return (context, given) => {
    const account = context.organisation.account(given.accountId);
    return account === undefined ? answerError(404) : operation(context, given, account);
  };
}

function onCredential(
  operation: (context: OperationContext, given: Arguments, credential: Credential) => Answer,
): Operation {
  return onAccount((context, given, account) => {
    const credential = context.organisation.credential(given.credentialId);
    return credential?.accountId === account.id ? operation(context, given, credential) : answerError(404);
  });
}

function listOrganisations({ organisation, caller }: OperationContext, given: Arguments): Answer {
  return page(caller, given, [{ serial: 0 }], (_, permissions) =>
    viewOrganisation(organisation, permissions),
  );
}

function createAccount({ organisation, now }: OperationContext, given: Arguments): Answer {
  const payload = checkedBody(createPayload, given);
  if (!payload.ok) return payload.answer;
  return { status: 201, body: viewAccount(organisation.createAccount(payload.value, byApi(now)), undefined) };
}

function listAccounts({ organisation, caller }: OperationContext, given: Arguments): Answer {
  return page(caller, given, organisation.accounts, viewAccount);
}

function showAccount({ caller }: OperationContext, given: Arguments, account: ServiceAccount): Answer {
  return shown(caller, given, (permissions) => viewAccount(account, permissions));
}

function updateAccount(context: OperationContext, given: Arguments, account: ServiceAccount): Answer {
  const payload = checkedBody(updatePayload, given);
  if (!payload.ok) return payload.answer;
  context.organisation.updateAccount(account, payload.value, byApi(context.now));
  return { status: 200, body: viewAccount(account, undefined) };
}

function deleteAccount(context: OperationContext, _given: Arguments, account: ServiceAccount): Answer {
  context.organisation.deleteAccount(account, byApi(context.now));
  return NO_CONTENT;
}

function createCredential(context: OperationContext, given: Arguments, account: ServiceAccount): Answer {
  const payload = checkedBody(createPayload, given);
  if (!payload.ok) return payload.answer;
  const { organisation, keys, now, consistencyMs } = context;
  const by = { ...byApi(now), usableAt: now + consistencyMs };
  const credential = organisation.mint(account, payload.value, by);
  return { status: 201, body: viewCreated(credential, keys.secretOf(credential.id)) };
}

function listCredentials({ organisation, caller }: OperationContext, given: Arguments): Answer {
  return page(caller, given, organisation.credentialsOf(given.accountId), viewCredential);
}

function showCredential({ caller }: OperationContext, given: Arguments, credential: Credential): Answer {
  return shown(caller, given, (permissions) => viewCredential(credential, permissions));
}

function updateCredential(context: OperationContext, given: Arguments, credential: Credential): Answer {
  const payload = checkedBody(updatePayload, given);
  if (!payload.ok) return payload.answer;
  context.organisation.updateCredential(credential, payload.value, byApi(context.now));
  return { status: 200, body: viewCredential(credential, undefined) };
}

function deleteCredential(context: OperationContext, _given: Arguments, credential: Credential): Answer {
  context.organisation.deleteCredential(credential, byApi(context.now));
  return NO_CONTENT;
}

/** The page of the items that is asked for, with what the caller may do where that is asked for as well. */
function page<One extends Item>(
  caller: ServiceAccount,
  given: Arguments,
  items: readonly One[],
  view: (item: One, permissions: object | undefined) => object,
): Answer {
  const query = checked(pageQuery, given.query);
  if (!query.ok) return query.answer;
  const permissions = wantsPermissions(query.value) ? permissionsOf(caller) : undefined;
  return answerPage(items, query.value, (item) => view(item, permissions));
}

/** As `page`, of a single item. */
function shown(
  caller: ServiceAccount,
  given: Arguments,
  view: (permissions: object | undefined) => object,
): Answer {
  const query = checked(expandQuery, given.query);
  if (!query.ok) return query.answer;
  return { status: 200, body: view(wantsPermissions(query.value) ? permissionsOf(caller) : undefined) };
}

function byApi(at: number): By {
  return { at, by: 'api' };
}
