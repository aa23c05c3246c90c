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

/** A daemon on another machine. */
export interface Elsewhere {
  readonly url: string;
  /** The answer's body. Rejects with words for a person where it is no success, or nobody answers. */
  get<Body>(path: string): Promise<Body>;
}

/** Where the daemon is asked, if not at the socket that the settings name. */
export interface DaemonPlace {
  readonly socketPath?: string;
  /** This one and no other: where it does not answer nothing else is read. It stays open. */
  readonly elsewhere?: Elsewhere;
}

/** Rejects with `JournalError` only where the journal is of no use to a daemon either, and as `elsewhere` does. */
export async function openKnown(
  options: DaemonPlace & { readonly host: Host; readonly settings: Settings },
): Promise<KnownOutcome> {
  const { host, settings, socketPath = settings.socket.path, elsewhere } = options;
  if (elsewhere !== undefined) return { kind: 'known', known: await knownElsewhere(elsewhere) };
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

async function knownElsewhere(elsewhere: Elsewhere): Promise<Known> {
  const status = await elsewhere.get<Status>('/v1/status');
  const get: Get = (path) => elsewhere.get(path);
  return daemonKnown({
    get,
    where: `the daemon at ${elsewhere.url}`,
    status,
    close: () => Promise.resolve(),
  });
}

async function askDaemon(socketPath: string): Promise<KnownOutcome | undefined> {
  const client = socketClient(socketPath);
  const close = async () => await client[Symbol.asyncDispose]();
  try {
    const status = await get<Status>(client, '/v1/status');
    const first = await get(client, '/v1/rows?limit=1');
    if (status !== undefined && first !== undefined) {
      const where = `the daemon at ${socketPath}`;
      const getAll = async <Body>(path: string): Promise<Body> => {
        const body = await get<Body>(client, path);
        if (body === undefined) throw new Error('the daemon refused to go on telling what it knows');
        return body;
      };
      return { kind: 'known', known: daemonKnown({ get: getAll, where, status, close }) };
    }
    await close();
    const why = `the daemon at ${socketPath} is of another version, which does not tell what it knows`;
    return { kind: 'unknown', why };
  } catch (error) {
    await close();
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

type Get = <Body>(path: string) => Promise<Body>;

function daemonKnown(daemon: {
  readonly get: Get;
  readonly where: string;
  readonly status: Status;
  readonly close: () => Promise<void>;
}): Known {
  const { get: getAll, where, close } = daemon;
  const { startedAt, holds } = daemon.status;
  return {
    from: 'daemon',
    where,
    runningSince: startedAt,
    sharedHolds: holds,
    found: async () => new Map(Object.entries((await getAll<FoundView>('/v1/found')).found)),
    rows: () => pages((after) => daemonPage(getAll, after)),
    [Symbol.asyncDispose]: close,
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

async function daemonPage(getAll: Get, after: string | undefined): Promise<Page<AccountRow>> {
  const query = new URLSearchParams({ limit: String(PAGE), ...(after === undefined ? {} : { after }) });
  return await getAll<Page<AccountRow>>(`/v1/rows?${query.toString()}`);
}

/** `undefined` where the daemon refuses. */
async function get<T>(client: ApiClient, path: string): Promise<T | undefined> {
  const { status, body } = await client.call({ method: 'GET', path, timeoutMs: API_TIME_LIMIT_MS });
  return status === OK ? (body as T) : undefined;
}
