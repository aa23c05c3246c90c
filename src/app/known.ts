/**
 * What is known of accounts already: asked of the daemon that runs on a configuration, else read from its journal. Never makes a
 * journal, and never keeps one open for longer than it takes to read it.
 */
import { stat } from 'node:fs/promises';
import type { Settings } from '../config/settings.ts';
import type { Hold } from '../domain/hold.ts';
import { socketClient, UnreachableError } from '../http/client.ts';
import type { ApiClient } from '../http/client.ts';
import { openSqliteJournal } from '../journal/sqlite/open.ts';
import type { Host } from '../ports/host.ts';
import { JournalError } from '../ports/journal.ts';
import type { AccountRow, Found, FoundAccount, Page } from '../ports/journal.ts';

/** Rows come page by page, and can be gone through once. Dispose of it before doing anything that takes long. */
export interface Known extends AsyncDisposable {
  readonly from: 'daemon' | 'journal';
  /** For a person: where it was found. */
  readonly where: string;
  /** When the process that works on the accounts began to run, ms since the epoch; absent where none does. */
  readonly runningSince?: number;
  /** Those of scope store, provider and all. */
  readonly sharedHolds: readonly Hold[];
  /** What providers' lists showed, for `accountsFrom`. */
  found(): Promise<Found>;
  /** All configured accounts. */
  rows(): AsyncIterable<readonly AccountRow[]>;
}

/** `why` says in words why nothing is known. */
export type KnownOutcome =
  | { readonly kind: 'known'; readonly known: Known }
  | {
      readonly kind: 'unknown';
      readonly why: string;
      /** There is no journal: no daemon has ever worked on an account here. */
      readonly never?: true;
    };

const PAGE = 500;
const OK = 200;
const API_TIME_LIMIT_MS = 10_000;

/** Rejects with `JournalError` only where the journal is of no use to a daemon either. */
export async function openKnown(options: {
  readonly host: Host;
  readonly settings: Settings;
  /** Of another daemon's socket than the one that the settings name. */
  readonly socketPath?: string;
}): Promise<KnownOutcome> {
  const { host, settings, socketPath = settings.socket.path } = options;
  const daemon = await askDaemon(socketPath);
  if (daemon !== undefined) return daemon;
  const { path } = settings.journal;
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) {
    return {
      kind: 'unknown',
      never: true,
      why: `no daemon answers at ${socketPath}, and there is no journal ${path} yet`,
    };
  }
  try {
    return { kind: 'known', known: await readJournal(host, path) };
  } catch (error) {
    if (error instanceof JournalError && error.code === 'held') {
      return { kind: 'unknown', why: `no daemon answers at ${socketPath}: ${error.message}` };
    }
    throw error;
  }
}

async function askDaemon(socketPath: string): Promise<KnownOutcome | undefined> {
  const client = socketClient(socketPath);
  try {
    const status = await get<Status>(client, '/v1/status');
    const first = await client.call({
      method: 'GET',
      path: '/v1/rows?limit=1',
      timeoutMs: API_TIME_LIMIT_MS,
    });
    if (status !== undefined && first.status === OK) {
      return { kind: 'known', known: daemonKnown(client, socketPath, status) };
    }
    await client[Symbol.asyncDispose]();
    const why = `the daemon at ${socketPath} is of another version, which does not tell what it knows`;
    return { kind: 'unknown', why };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}

interface FoundView {
  readonly found: Readonly<Record<string, readonly FoundAccount[]>>;
}

interface Status {
  readonly holds: readonly Hold[];
  readonly startedAt: number;
}

function daemonKnown(client: ApiClient, socketPath: string, { startedAt, holds }: Status): Known {
  return {
    from: 'daemon',
    where: `the daemon at ${socketPath}`,
    runningSince: startedAt,
    sharedHolds: holds,
    found: async () => new Map(Object.entries((await get<FoundView>(client, '/v1/found'))?.found ?? {})),
    rows: () => pages((after) => daemonPage(client, after)),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function readJournal(host: Host, path: string): Promise<Known> {
  const { clock, hostname, pid } = host;
  const journal = await openSqliteJournal({ path, clock, holder: { host: hostname, pid } });
  const { holds } = await journal.shared();
  return {
    from: 'journal',
    where: `the journal ${journal.path}`,
    sharedHolds: holds,
    found: () => journal.found(),
    rows: () =>
      pages((after) => journal.accounts({ limit: PAGE, ...(after === undefined ? {} : { after }) })),
    [Symbol.asyncDispose]: () => journal[Symbol.asyncDispose](),
  };
}

async function* pages(
  page: (after: string | undefined) => Promise<Page<AccountRow>>,
): AsyncGenerator<readonly AccountRow[]> {
  let after: string | undefined;
  do {
    const { items, next }: Page<AccountRow> = await page(after);
    yield items;
    after = next;
  } while (after !== undefined);
}

async function daemonPage(client: ApiClient, after: string | undefined): Promise<Page<AccountRow>> {
  const query = new URLSearchParams({ limit: String(PAGE), ...(after === undefined ? {} : { after }) });
  const page = await get<Page<AccountRow>>(client, `/v1/rows?${query.toString()}`);
  if (page === undefined) throw new Error('the daemon refused to go on telling what it knows');
  return page;
}

/** `undefined` where the daemon refuses. */
async function get<T>(client: ApiClient, path: string): Promise<T | undefined> {
  const { status, body } = await client.call({ method: 'GET', path, timeoutMs: API_TIME_LIMIT_MS });
  return status === OK ? (body as T) : undefined;
}
