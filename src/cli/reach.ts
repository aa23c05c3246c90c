/** Finds the daemon that a command is meant for, and speaks with it; commands that only look also work without one. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UnreachableError } from '../http/client.ts';
import type { ApiCall, ApiClient } from '../http/client.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';
import { foundConfig, socketPlaces } from './places.ts';
import { clientAtUrl, unreachable } from './reach-url.ts';
import type { UrlOptions } from './reach-url.ts';

export interface ReachOptions extends UrlOptions {
  readonly config?: string;
}

/** The API of a daemon, or of a journal that no daemon holds. */
export interface Reached extends AsyncDisposable {
  /** For a person: the socket or the journal. */
  readonly where: string;
  /** False where no daemon runs and its journal is read. */
  readonly daemon: boolean;
  /** The answer's body. Rejects with `CommandError` where it is no success. */
  ask<Body>(call: Omit<ApiCall, 'timeoutMs'> & { readonly timeoutMs?: number }): Promise<Body>;
}

/** How long a call that waits for nothing may take, in ms. Requests to pause and the like wait for 10 s. */
const CALL_MS = 30_000;
/** What a header may hold of a name; the rest is replaced. */
const NOT_A_NAME = /[^\w.:@-]/g;
const EVERYBODY_WRITES = 0o002;
/** In place of a code of the system. */
const EXPOSED = 'exposed';
/** The journal of a daemon whose configuration is not named, beside the demo's. */
const JOURNAL = '/var/lib/rekeyd/journal.db';

/** Rejects with `CommandError` where nobody answers, saying what was tried. */
export async function reachDaemon(host: Host, options: ReachOptions): Promise<Reached> {
  const { reached, tried } = await tryDaemons(host, options);
  if (reached !== undefined) return reached;
  throw nobodyAnswers(tried);
}

/** As `reachDaemon`; where nobody answers and a configuration is at hand, its journal is read instead. */
export async function reachForReading(host: Host, options: ReachOptions): Promise<Reached> {
  const { reached, tried, journalPath } = await tryDaemons(host, options);
  if (reached !== undefined) return reached;
  if (journalPath === undefined) throw nobodyAnswers(tried);
  const { openReading } = await import('../app/reading.ts');
  const client = await openReading(host, resolve(host.directory, journalPath));
  if (client !== undefined) return reachedBy(host, client, { where: journalPath, daemon: false });
  throw nobodyAnswers([...tried, `${journalPath}: there is no journal to read instead`]);
}

/** The daemon at the URL that was given; `undefined` where a socket is meant. Rejects with `CommandError`. */
export async function reachAtUrl(host: Host, options: ReachOptions): Promise<Reached | undefined> {
  const atUrl = await clientAtUrl(host, options);
  if (atUrl === undefined) return undefined;
  const { url, client } = atUrl;
  return reachedBy(host, client, { where: url, url, daemon: true });
}

interface Tried {
  readonly reached?: Reached;
  /** What was tried, a line each. */
  readonly tried: readonly string[];
  /** Of the configuration that was named or found. */
  readonly journalPath?: string;
}

async function tryDaemons(host: Host, options: ReachOptions): Promise<Tried> {
  const atUrl = await reachAtUrl(host, options);
  if (atUrl !== undefined) return { reached: atUrl, tried: [] };
  const { sockets, notes, journalPath } = await candidates(host, options);
  const tried: string[] = [...notes];
  const { socketClient } = await import('../http/client.ts');
  const { knock } = await import('../http/knock.ts');
  for (const path of sockets) {
    const exposed = await isExposed(path);
    const answer = exposed ? EXPOSED : await knock(path);
    if (answer === 'answered') {
      const reached = reachedBy(host, socketClient(path), { where: path, daemon: true });
      return { reached, tried, ...(journalPath && { journalPath }) };
    }
    tried.push(`${path}: ${codeWords(host, answer)}`);
  }
  return { tried, ...(journalPath && { journalPath }) };
}

/** Whether every user of the machine may write to this socket: no daemon makes such a one. */
async function isExposed(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isSocket() === true && (found.mode & EVERYBODY_WRITES) !== 0;
}

/** A socket that was named is the only one; one that a configuration names comes before those of the usual places. */
async function candidates(
  host: Host,
  { config, socket }: ReachOptions,
): Promise<{
  readonly sockets: readonly string[];
  readonly notes: readonly string[];
  readonly journalPath?: string;
}> {
  const named = socket ?? host.environment['REKEYD_SOCKET'];
  if (named !== undefined && named !== '') return { sockets: [resolve(host.directory, named)], notes: [] };
  const { socketOfHolder } = await import('../app/holder.ts');
  const wanted = config ?? host.environment['REKEYD_CONFIG'];
  const configFile = wanted === undefined ? foundConfig(host) : resolve(host.directory, wanted);
  const usual = wanted === undefined ? socketPlaces(host) : [];
  if (configFile === undefined) {
    const holder = await socketOfHolder(JOURNAL);
    return { sockets: distinct([...usual, holder]), notes: [] };
  }
  const { configuredPlaces } = await import('../config/places.ts');
  const found = configuredPlaces(configFile);
  if (!found.ok) return { sockets: distinct([...usual, ...socketPlaces(host)]), notes: [found.why] };
  const { journalPath, socketPath } = found.places;
  const holder = await socketOfHolder(resolve(host.directory, journalPath));
  const own = [resolve(host.directory, socketPath), holder];
  return { sockets: distinct([...usual.slice(0, 1), ...own, ...usual.slice(1)]), notes: [], journalPath };
}

function distinct(paths: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(paths.filter((path) => path !== undefined))];
}

function nobodyAnswers(tried: readonly string[]): CommandError {
  const lines = tried.map((line) => `  ${line}`).join('\n');
  return new CommandError(
    `no daemon answers; looked at\n${lines}\n` +
      'Start one with rekeyd run, or rekeyd demo to try it; or say where it is: --socket PATH (REKEYD_SOCKET), or ' +
      '--config PATH (REKEYD_CONFIG), whose socket is then used.',
    EXIT.unreachable,
  );
}

function codeWords(host: Host, code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no socket';
    case 'ECONNREFUSED':
      return 'nobody listens there any more; the daemon that made it was killed, or it is no socket';
    case 'EACCES':
    case 'EPERM':
      return `${host.userName} may not open it; run as the daemon's user, or set socket.mode and its group`;
    case EXPOSED:
      return 'not asked: every user of this machine may write to it, and so rotate every account; chmod o-w it';
    case 'EINVAL':
      return 'its path is longer than the system allows for a socket (107 bytes)';
    default:
      return `cannot be reached (${code})`;
  }
}

function reachedBy(
  host: Host,
  client: ApiClient,
  about: { readonly where: string; readonly daemon: boolean; readonly url?: string },
): Reached {
  const { where, daemon, url } = about;
  const fail = (error: unknown): never => gone(error, url);
  const user = host.userName.replaceAll(NOT_A_NAME, '_');
  return {
    where,
    daemon,
    async ask<Body>(call: Omit<ApiCall, 'timeoutMs'> & { readonly timeoutMs?: number }): Promise<Body> {
      const headers = { 'x-rekeyd-user': user, ...call.headers };
      const { status, body } = await client.call({ timeoutMs: CALL_MS, ...call, headers }).catch(fail);
      if (status < 300) return body as Body;
      throw refusal(status, body);
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function gone(error: unknown, url: string | undefined): never {
  if (!(error instanceof UnreachableError)) throw error;
  const late = error.code === 'UND_ERR_HEADERS_TIMEOUT' || error.code === 'UND_ERR_BODY_TIMEOUT';
  if (!late && url !== undefined && error.code !== 'UND_ERR_SOCKET') throw unreachable(url, error);
  const why = late
    ? 'the daemon did not answer in time; rekeyd status, and its log, may show why'
    : `the daemon went away before it answered (${error.code}); what it had taken in goes on when it runs again`;
  throw new CommandError(why, late ? EXIT.timeout : EXIT.unreachable);
}

function refusal(status: number, body: unknown): CommandError {
  const { error, problems } = (body ?? {}) as {
    readonly error?: string;
    readonly problems?: readonly string[];
  };
  const words = error ?? problems?.join('\n') ?? `the daemon answered ${status}`;
  if (status === 503) return new CommandError(words, EXIT.unreachable);
  return new CommandError(words, [400, 401, 403, 404, 422].includes(status) ? EXIT.usage : EXIT.failed);
}
