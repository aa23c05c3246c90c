/** A Kronup that answers as a test says, with a provider upon it: for what is observed of accounts. */
import { afterEach } from 'vitest';
import type { SeenAccount, Sighting } from '../../../src/ports/provider.ts';
import { never, openProvider, type Settings } from './kronup-world.ts';
import { json, scriptedServer, type Received } from '../scripted-server.ts';

const NOT_FOUND = { id: 'not-found', message: 'Not found' };

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

interface Answers {
  /** By account id, or a status; what is not there is not found. Called with the number of reads so far, this one included. */
  readonly read?: (id: string, count: number) => object | number | undefined;
  /**
   * The ids in list answer number `count`, beginning with 1, page `page`; with `!` behind it a closed account, with `?` one that cannot
   * be read.
   */
  readonly list?: (count: number, page: number) => readonly string[];
  readonly total?: number;
}

type Opened = ReturnType<typeof openProvider>;

interface World extends Omit<Opened, 'calls'> {
  readonly server: Awaited<ReturnType<typeof scriptedServer>>;
  readonly observe: (...ids: string[]) => ReturnType<Opened['provider']['observe']>;
  /** What each request so far was. */
  readonly calls: () => ('read' | 'list')[];
}

export async function world(
  { read = () => undefined, list = () => [], total }: Answers,
  settings: Partial<Settings> = {},
): Promise<World> {
  let reads = 0;
  let lists = 0;
  const server = await scriptedServer((received, response) => {
    const page = pageOf(received);
    if (page === undefined) {
      const account = read(received.path.split('/').at(-1) ?? '', ++reads) ?? 404;
      if (typeof account === 'number') json(response, NOT_FOUND, account);
      else json(response, account);
      return;
    }
    if (page === 1) lists += 1;
    const ids = list(lists, page);
    json(response, { total: total ?? ids.length, serviceAccounts: ids.map((id) => accountOf(id)) });
  });
  const opened = openProvider({ url: server.url, ...settings });
  cleanups.push(server, opened.provider);
  const observe = async (...ids: string[]) => {
    const refs = ids.map((accountId) => ({ organisation: 'org-1', accountId }));
    return await opened.provider.observe(refs, { signal: never });
  };
  const calls = () => server.received.map((one) => (pageOf(one) === undefined ? 'read' : 'list'));
  return { server, ...opened, observe, calls };
}

function pageOf({ path }: Received): number | undefined {
  const number = new URL(path, 'http://x').searchParams.get('pageNumber');
  return number === null ? undefined : Number(number);
}

export function accountOf(name: string): object {
  if (name.endsWith('?')) return { id: name.slice(0, -1), closedTime: 'never' };
  const id = name.replace('!', '');
  return { id, serviceToken: `token-of-${id}`, closedTime: name === id ? 0 : 1_767_571_200 };
}

export function seen(sighting: Sighting): Record<string, string> {
  return Object.fromEntries([...sighting.accounts].map(([id, account]) => [id, wordsOf(account)]));
}

function wordsOf({ state, certain, live }: SeenAccount): string {
  if (state === 'open') return live === undefined ? 'open, not shown' : 'open';
  return certain ? state : `${state}?`;
}
