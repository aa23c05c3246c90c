/**
 * All that a journal's database can be asked to do, each short and in one transaction. The same for every database: what
 * differs is who runs the statements. `Journal` is composed of these.
 */
import type { Session } from '../statement.ts';
import { account, accountsWindow } from './accounts.ts';
import { applyBatch } from './apply.ts';
import { addCalls, dropCalls } from './calls.ts';
import { claim, nextDueAt, release, renew } from './claim.ts';
import { commit } from './commit.ts';
import { isWaitedFor, together } from './consumers.ts';
import { dueKeys } from './due.ts';
import { beginFiles, dropFile, endFile, fileAccounts, files, leave } from './files.ts';
import { found, keepFound } from './found.ts';
import { facts, newestAt, rotation, rotations } from './history.ts';
import { hold, lift, shared, wake, wakeAll } from './holds.ts';
import { grantRefused } from './refused-grants.ts';
import { pruneFacts, pruneRequests, pruneRotations } from './prune.ts';
import { request, requestState, requestStates } from './requests.ts';
import { summary } from './summary.ts';

export const OPERATIONS = {
  account,
  accountsWindow,
  addCalls,
  applyBatch,
  beginFiles,
  claim,
  commit,
  dropCalls,
  dropFile,
  dueKeys,
  endFile,
  facts,
  fileAccounts,
  files,
  found,
  grantRefused,
  hold,
  isWaitedFor,
  keepFound,
  leave,
  lift,
  newestAt,
  nextDueAt,
  pruneFacts,
  pruneRequests,
  pruneRotations,
  release,
  renew,
  request,
  requestState,
  requestStates,
  rotation,
  rotations,
  shared,
  summary,
  together,
  wake,
  wakeAll,
} as const satisfies Record<string, (session: Session, given: never) => Promise<unknown>>;

export type OperationName = keyof typeof OPERATIONS;
/** What an operation is given; `found`, `newestAt`, `shared` and `wake` are given nothing. */
export type OperationGiven<Name extends OperationName> =
  Parameters<(typeof OPERATIONS)[Name]> extends [Session, infer Given] ? Given : undefined;
export type OperationAnswer<Name extends OperationName> = Awaited<ReturnType<(typeof OPERATIONS)[Name]>>;

/**
 * Those that take long or can wait: commits and claims go before them, as long as these are not too many, and they need not be
 * durable when they are answered.
 * What they write can be found out and written again, and each commit that follows makes it durable with itself.
 */
export const BULK: ReadonlySet<OperationName> = new Set([
  'accountsWindow',
  'applyBatch',
  'facts',
  'fileAccounts',
  'leave',
  'pruneFacts',
  'pruneRequests',
  'pruneRotations',
  'rotation',
  'rotations',
  'summary',
  'wake',
]);
