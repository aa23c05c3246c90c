/**
 * Looks at accounts with as few calls as it can: each by itself where that takes fewer calls than the list, else, and where one of
 * several cannot be read, all by the list. That an account is closed or absent is certain only once a direct read and a second list agree.
 */
import { isEverybodys, succeeded, type Failure, type Result } from '../../domain/failure.ts';
import type { SeenAccount, Sighting } from '../../ports/provider.ts';
import type { Reply } from '../http/call.ts';
import type { KronupClient } from './client.ts';
import { PAGE_SIZE_MAX } from './list.ts';
import type { ServiceAccount } from './models.ts';

/** Direct reads to make certain of closed and absent accounts, in one observation. The others stay uncertain. */
const CERTAIN_MAX = 25;

/** Carried from one observation to the next. */
export interface ListLength {
  /** Pages of the list when it was last seen; a guess that only decides how to look. */
  pages: number;
}

/** An account, and when the request that showed it was sent. */
interface Shown {
  readonly account: ServiceAccount;
  readonly requestedAt: number;
}

/** What one look at several accounts brought. */
interface Look {
  readonly requestedAt: number;
  readonly clockOffsetMs?: number;
  /** Those that it showed, closed ones included. */
  readonly shown: ReadonlyMap<string, Shown>;
  /** Those that are there and could not be read: what they are is not known. */
  readonly unreadable?: ReadonlySet<string>;
  /** Whether what it did not show is not there. */
  readonly complete: boolean;
}

type Options = { readonly signal: AbortSignal };

export async function observe(
  client: KronupClient,
  ids: ReadonlySet<string>,
  length: ListLength,
  options: Options,
): Promise<Result<Sighting>> {
  const reads = ids.size <= length.pages ? await readEach(client, ids, options) : undefined;
  const directly = reads !== undefined && reads !== 'one-failed';
  const first = directly ? reads : await readList(client, ids, length, options);
  if (!first.ok) return first;
  const { requestedAt, clockOffsetMs, shown } = first.value;
  const accounts = new Map<string, SeenAccount>();
  const doubtful = new Set<string>();
  for (const id of ids) {
    const seen = shown.get(id);
    if (seen !== undefined && isOpen(seen)) accounts.set(id, openOf(seen));
    else doubtful.add(id);
  }
  if (doubtful.size > 0) {
    const settled = directly
      ? await settleReads(client, doubtful, length, options)
      : await settleList(client, first.value, doubtful, length, options);
    for (const [id, seen] of settled) accounts.set(id, seen);
  }
  return succeeded({ requestedAt, accounts, ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }) });
}

/** Two lists after direct reads that showed no open account. */
async function settleReads(
  client: KronupClient,
  doubtful: ReadonlySet<string>,
  length: ListLength,
  options: Options,
): Promise<Map<string, SeenAccount>> {
  const list = await readList(client, doubtful, length, options);
  const again = list.ok ? await readList(client, doubtful, length, options) : list;
  const settled = new Map<string, SeenAccount>();
  for (const id of doubtful) settled.set(id, verdict(id, list, again));
  return settled;
}

/** Direct reads and a second list after a list that showed no open account. */
async function settleList(
  client: KronupClient,
  list: Look,
  doubtful: ReadonlySet<string>,
  length: ListLength,
  options: Options,
): Promise<Map<string, SeenAccount>> {
  const settled = new Map<string, SeenAccount>();
  const gone = new Set<string>();
  const first: Result<Look> = succeeded(list);
  // All at once: while these are made certain of, what was seen of the others grows old.
  const reads = [...doubtful].map(async (id, index) => {
    const read = index < CERTAIN_MAX ? await readOne(client, id, options) : undefined;
    const seen = read?.ok === true ? read.value.shown.get(id) : undefined;
    if (seen !== undefined && isOpen(seen)) settled.set(id, openOf(seen));
    else if (read?.ok === true) gone.add(id);
    else settled.set(id, verdict(id, first, undefined));
  });
  await Promise.all(reads);
  if (gone.size === 0) return settled;
  const again = await readList(client, gone, length, options);
  for (const id of gone) settled.set(id, verdict(id, first, again));
  return settled;
}

/** What two lists say of an account that a direct read did not show as open; with one list alone nothing is certain. */
function verdict(id: string, list: Result<Look>, again: Result<Look> | undefined): SeenAccount {
  const first = stateIn(id, list);
  const second = again === undefined ? undefined : stateIn(id, again);
  const state = second ?? first;
  // A list that shows it as open contradicts the direct read: it is just being closed or re-opened.
  if (state === 'closed' || state === 'absent') return { state, certain: first === second };
  return { state: 'absent', certain: false };
}

function stateIn(id: string, look: Result<Look>): SeenAccount['state'] | undefined {
  if (!look.ok) return undefined;
  const seen = look.value.shown.get(id);
  if (seen !== undefined) return isOpen(seen) ? 'open' : 'closed';
  if (look.value.unreadable?.has(id) === true) return undefined;
  return look.value.complete ? 'absent' : undefined;
}

/** `one-failed`: others were answered, and what failed may be that account's own trouble: the list shows all that is well. */
async function readEach(
  client: KronupClient,
  ids: ReadonlySet<string>,
  options: Options,
): Promise<Result<Look> | 'one-failed'> {
  const results = await Promise.all([...ids].map((id) => readOne(client, id, options)));
  const looks = results.flatMap((result) => (result.ok ? [result.value] : []));
  const failures = results.flatMap((result) => (result.ok ? [] : [result]));
  const [failing] = failures;
  if (failing !== undefined) {
    const everybodys = failures.find(({ failure }) => isEverybodys(failure));
    return looks.length === 0 || everybodys !== undefined ? (everybodys ?? failing) : 'one-failed';
  }
  const clockOffsetMs = looks.find((look) => look.clockOffsetMs !== undefined)?.clockOffsetMs;
  return succeeded({
    requestedAt: Math.min(...looks.map((look) => look.requestedAt)),
    shown: new Map(looks.flatMap((look) => [...look.shown])),
    complete: false,
    ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
  });
}

/** A direct read: Kronup answers `not-found` for closed accounts as well, so it shows nothing then. */
async function readOne(client: KronupClient, id: string, options: Options): Promise<Result<Look>> {
  let requestedAt = 0;
  const onSent = (at: number) => {
    requestedAt = at;
  };
  const reply = await client.read(id, { ...options, onSent });
  if (reply.ok) {
    const shown = { account: reply.value.value, requestedAt: reply.value.sentAt };
    return succeeded(lookOf(reply.value, new Map([[id, shown]])));
  }
  if (!isNotFound(reply.failure)) return reply;
  return succeeded({ requestedAt, shown: new Map(), complete: false });
}

function isNotFound({ kind, id }: Failure): boolean {
  return kind === 'not-found' && id === 'not-found';
}

/** The list, until all have been seen or it ends. */
async function readList(
  client: KronupClient,
  ids: ReadonlySet<string>,
  length: ListLength,
  options: Options,
): Promise<Result<Look>> {
  const shown = new Map<string, Shown>();
  const unreadable = new Set<string>();
  let look: Look = { requestedAt: 0, shown, unreadable, complete: false };
  let isFirst = true;
  for await (const page of client.list({ ...options, only: ids, tolerant: true })) {
    if (!page.ok) return page;
    if (isFirst) look = { ...lookOf(page.value, shown), unreadable };
    isFirst = false;
    const { sentAt: requestedAt, value } = page.value;
    const { accounts, total, complete } = value;
    // One that moved to a later page while the pages were read is newer there.
    for (const account of accounts) shown.set(account.id, { account, requestedAt });
    for (const id of page.value.value.unreadable ?? []) unreadable.add(id);
    if (total !== undefined) length.pages = Math.max(1, Math.ceil(total / PAGE_SIZE_MAX));
    look = { ...look, complete };
    if ([...ids].every((id) => shown.has(id) || unreadable.has(id))) break;
  }
  return succeeded(look);
}

function lookOf(reply: Reply<unknown>, shown: ReadonlyMap<string, Shown>): Look {
  const { sentAt: requestedAt, clockOffsetMs } = reply;
  return { requestedAt, shown, complete: false, ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }) };
}

function isOpen({ account }: Shown): boolean {
  return account.closedTime === 0;
}

function openOf({ account: { serviceToken, roleOrg }, requestedAt }: Shown): SeenAccount {
  return {
    state: 'open',
    certain: true,
    requestedAt,
    ...(roleOrg === undefined ? {} : { role: roleOrg }),
    ...(serviceToken === undefined ? {} : { live: { kind: 'token', token: serviceToken } }),
  };
}
