/**
 * What each endpoint does, once it is known who calls: role rules, checks of arguments, the effect, the answer.
 * Nothing here knows HTTP; every expected refusal is an answer.
 */
import { answerError, answerOk } from './answer.ts';
import type { Answer } from '../wire.ts';
import type { Organisation } from './organisation.ts';
import { accountPayload, checked, checkedBody, createPayload, pageQuery, updatePayload } from './payloads.ts';
import { mayWrite } from './service-account.ts';
import type { ServiceAccount } from './service-account.ts';
import type { Tokens } from './tokens.ts';
import { viewAccount, viewServiceAccount } from './views.ts';

/** What came with a request, apart from who sent it. */
export interface Arguments {
  /** From the path. */
  readonly accountId: string | undefined;
  readonly query: Readonly<Record<string, unknown>>;
  /** The body as text; empty where there was none. */
  readonly body: string;
}

export interface OperationContext {
  readonly organisation: Organisation;
  readonly tokens: Tokens;
  readonly hideTokens: boolean;
  /** How many accounts may be open at the same time. */
  readonly accountLimit: number;
  readonly now: () => number;
  /** The order in which this call of the list sees the accounts. */
  readonly listOrder: () => readonly ServiceAccount[];
  /** Whether a regenerate really mints; otherwise it shows the token as before. */
  readonly mints: boolean;
}

type Operation = (
  context: OperationContext,
  caller: ServiceAccount,
  given: Arguments,
) => Answer | Promise<Answer>;

/** By the documents' own operation ids. */
export const OPERATIONS = {
  accountRead: (context, caller) => answerOk(viewAccount(caller, context.organisation, context.accountLimit)),
  accountUpdate: updateOwnAccount,
  accountClose: closeOwnAccount,
  serviceAccountList: list,
  serviceAccountCreate: create,
  serviceAccountRead: read,
  serviceAccountUpdate: update,
  serviceAccountRegenerate: regenerate,
  serviceAccountClose: close,
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

export const OPERATION_IDS = Object.keys(OPERATIONS) as [OperationId, ...OperationId[]];

async function list(context: OperationContext, _caller: ServiceAccount, given: Arguments): Promise<Answer> {
  const asked = checked(pageQuery, given.query);
  if (!asked.ok) return asked.answer;
  const { pageNumber, pageSize } = asked.value;
  const start = (pageNumber - 1) * pageSize;
  const shown = context.listOrder().slice(start, start + pageSize);
  return answerOk({
    pageNumber,
    pageSize,
    total: context.organisation.accounts.length,
    serviceAccounts: await viewAll(context, shown),
  });
}

async function create(context: OperationContext, caller: ServiceAccount, given: Arguments): Promise<Answer> {
  if (caller.role === 'member') return answerError('not-allowed');
  const payload = checkedBody(createPayload, given.body);
  if (!payload.ok) return payload.answer;
  if (context.organisation.countOpen() >= context.accountLimit) return answerError('limit-reached');
  const details = { name: payload.value.userName, role: payload.value.roleOrg };
  const account = context.organisation.create(details, context.now());
  return answerOk(viewServiceAccount(account, await context.tokens.of(account)));
}

function read(
  context: OperationContext,
  _caller: ServiceAccount,
  given: Arguments,
): Answer | Promise<Answer> {
  const account = findOpen(context, given);
  return account === undefined ? answerError('not-found') : answerShown(context, account);
}

function update(
  context: OperationContext,
  caller: ServiceAccount,
  given: Arguments,
): Answer | Promise<Answer> {
  const account = findOpen(context, given);
  if (account === undefined) return answerError('not-found');
  if (!mayWrite(caller, account)) return answerError('not-allowed');
  const payload = checkedBody(updatePayload, given.body);
  if (!payload.ok) return payload.answer;
  const { userName: name, roleOrg: role } = payload.value;
  // Writing to oneself does not include promoting oneself.
  if (caller.role === 'member' && role !== undefined && role !== caller.role)
    return answerError('not-allowed');
  context.organisation.update(account, { name, role }, context.now());
  return answerShown(context, account);
}

async function regenerate(
  context: OperationContext,
  caller: ServiceAccount,
  given: Arguments,
): Promise<Answer> {
  const account = context.organisation.find(given.accountId ?? '');
  if (account === undefined) return answerError('not-found');
  if (!mayWrite(caller, account)) return answerError('not-allowed');
  if (context.mints) context.organisation.renew(account, context.now(), 'api');
  return answerOk(viewServiceAccount(account, await context.tokens.of(account)));
}

function close(
  context: OperationContext,
  caller: ServiceAccount,
  given: Arguments,
): Answer | Promise<Answer> {
  const account = findOpen(context, given);
  if (account === undefined) return answerError('not-found');
  if (!mayWrite(caller, account)) return answerError('not-allowed');
  context.organisation.close(account, context.now(), 'api');
  return answerShown(context, account);
}

function updateOwnAccount(context: OperationContext, caller: ServiceAccount, given: Arguments): Answer {
  const payload = checkedBody(accountPayload, given.body);
  if (!payload.ok) return payload.answer;
  context.organisation.update(caller, { name: payload.value.userName }, context.now());
  return answerOk(viewAccount(caller, context.organisation, context.accountLimit));
}

function closeOwnAccount(context: OperationContext, caller: ServiceAccount): Answer {
  context.organisation.close(caller, context.now(), 'api');
  return answerOk(true);
}

/** A closed account is found only by the list and by `PUT`. Source: the vendor's integration test. */
function findOpen(context: OperationContext, given: Arguments): ServiceAccount | undefined {
  const account = context.organisation.find(given.accountId ?? '');
  return account?.closedAt === 0 ? account : undefined;
}

async function answerShown(context: OperationContext, account: ServiceAccount): Promise<Answer> {
  const token = context.hideTokens ? undefined : await context.tokens.of(account);
  return answerOk(viewServiceAccount(account, token));
}

async function viewAll(context: OperationContext, accounts: readonly ServiceAccount[]): Promise<object[]> {
  if (context.hideTokens) return accounts.map((account) => viewServiceAccount(account, undefined));
  // While some are being signed, others may be renewed: looked at again until all can be shown at one instant.
  for (;;) {
    const unsigned = accounts.filter((account) => account.token === undefined);
    if (unsigned.length === 0) return accounts.map((account) => viewServiceAccount(account, account.token));
    await Promise.all(unsigned.map((account) => context.tokens.of(account)));
  }
}
