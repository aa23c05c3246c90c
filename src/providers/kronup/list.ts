/**
 * Walks through the pages of `GET /service-accounts`. Pages are numbered and no snapshot: while they are read, accounts may
 * move from one to another, so a page can be short, repeat what was seen, or lie beyond the end.
 */
import { succeeded, type Failure, type Result } from '../../domain/failure.ts';
import { invalid } from '../http/answer.ts';
import { problemOf } from '../http/body.ts';
import type { Reply } from '../http/call.ts';
import { KRONUP_API, type Call } from './call.ts';
import { pageModel, serviceAccountModel, type ServiceAccount } from './models.ts';

/** The most that one page can hold, by the specification. */
export const PAGE_SIZE_MAX = 1_500;

/** A service that never stops bringing new pages is ended here: a million and a half accounts. */
const PAGES_MAX = 1_000;

/** 1 500 accounts with their tokens, teams and a year of daily counts. */
const BYTES_MAX = 67_108_864;

export interface AccountsPage {
  /** Those that were asked for. */
  readonly accounts: readonly ServiceAccount[];
  /** Ids of those that were asked for and are there, but cannot be read. Only with `tolerant`. */
  readonly unreadable?: readonly string[];
  /** How many accounts the service says there are. */
  readonly total?: number;
  /** Whether with this page as many accounts have been seen as there are. False on a last page: something moved. */
  readonly complete: boolean;
}

export interface Listing {
  readonly signal: AbortSignal;
  readonly only?: ReadonlySet<string>;
  /** An account that cannot be read is told in `unreadable`. Otherwise the page fails. */
  readonly tolerant?: boolean;
  readonly pageSize?: number;
}

type CallPage = (call: Call<RawPage>) => Promise<Result<Reply<RawPage>>>;
type RawPage = (typeof pageModel)['_zod']['output'];

const WHAT = 'list service accounts';

export async function* listPages(
  callPage: CallPage,
  where: string,
  { signal, only, tolerant = false, pageSize = PAGE_SIZE_MAX }: Listing,
): AsyncGenerator<Result<Reply<AccountsPage>>, void> {
  const seen = new Set<string>();
  let total: number | undefined;
  for (let pageNumber = 1; pageNumber <= PAGES_MAX; pageNumber++) {
    const path = `/service-accounts?pageNumber=${pageNumber}&pageSize=${pageSize}`;
    const reply = await callPage({
      what: WHAT,
      method: 'GET',
      path,
      model: pageModel,
      bytesMax: BYTES_MAX,
      signal,
    });
    if (!reply.ok) {
      // Before this page was asked for, it existed; accounts that moved forward have emptied it.
      if (pageNumber === 1 || !isBeyondEnd(reply.failure)) yield reply;
      return;
    }
    const { value: raw, ...rest } = reply.value;
    const known = seen.size;
    for (const { id } of raw.serviceAccounts) seen.add(id);
    total = raw.total;
    const complete = total === undefined ? isShort(raw) : seen.size >= total;
    const { accounts, unreadable, problem } = accountsOf(raw, only);
    if (problem !== undefined && !tolerant) {
      yield invalid(KRONUP_API, { what: WHAT, where }, problem);
      return;
    }
    const told = { ...(tolerant && { unreadable }), ...(total !== undefined && { total }) };
    yield succeeded({ ...rest, value: { accounts, complete, ...told } });
    if (complete || seen.size === known) return;
  }
}

/** Without a total, a page ends the list when it is shorter than the service itself says its pages are. */
function isShort({ serviceAccounts, pageSize = 1 }: RawPage): boolean {
  return serviceAccounts.length < pageSize;
}

/** By Kronup's own word: a proxy's 404 says nothing of a page, and a list without its rest would be taken for whole. */
function isBeyondEnd({ kind, id, status }: Failure): boolean {
  return kind === 'not-found' || (status === 400 && id === 'invalid-argument-pageNumber');
}

interface Accounts {
  readonly accounts: readonly ServiceAccount[];
  readonly unreadable: readonly string[];
  /** What is wrong with the first that cannot be read. */
  readonly problem: string | undefined;
}

function accountsOf(raw: RawPage, only: ReadonlySet<string> | undefined): Accounts {
  const accounts: ServiceAccount[] = [];
  const unreadable: string[] = [];
  let problem: string | undefined;
  for (const [index, item] of raw.serviceAccounts.entries()) {
    if (only !== undefined && !only.has(item.id)) continue;
    const parsed = serviceAccountModel.safeParse(item);
    if (parsed.success) {
      accounts.push(parsed.data);
    } else {
      unreadable.push(item.id);
      problem ??= problemOf(parsed.error, ['serviceAccounts', index]);
    }
  }
  return { accounts, unreadable, problem };
}
