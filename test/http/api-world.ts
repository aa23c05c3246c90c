// The API over a real journal in a folder of its own, with a clock that stands still and a loop that does nothing by itself.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChanges } from '../../src/app/changes.ts';
import { suggestion } from '../../src/config/words.ts';
import type { Account } from '../../src/domain/account.ts';
import { createFreezing } from '../../src/engine/freezing.ts';
import { createApi } from '../../src/http/api.ts';
import type { Api } from '../../src/http/api.ts';
import { dueReport } from '../../src/http/due-report.ts';
import type { AskedRotation } from '../../src/http/routes/rotations.ts';
import type { ApiServices, CalledApi } from '../../src/http/services.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { Journal, RequestState, RotationRow } from '../../src/ports/journal.ts';
import { account } from '../builders/account.ts';
import { commitFacts } from '../cli/commit-facts.ts';
import type { CommitOptions, FactOfRotation } from '../cli/commit-facts.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { seededRandom } from '../world/fake-random.ts';

/** What bodies have, of which each route gives a part: a test reads what its own route should give. */
export interface AnswerBody {
  readonly error: string;
  readonly next?: string;
  readonly items: readonly { readonly name: string; readonly id: string; readonly requestedAt: number }[];
  readonly rotation: RotationRow;
  readonly rotations: readonly AskedRotation[];
}

export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
}

export interface ApiWorld extends AsyncDisposable {
  readonly folder: string;
  readonly api: Api;
  /** What its routes work with: for another listener with the same ones. */
  readonly services: ApiServices;
  /** Calls that did more than read, of all listeners. */
  readonly calls: readonly CalledApi[];
  readonly journal: Journal;
  readonly clock: FakeClock;
  /** Aborting it is the daemon's beginning to stop. */
  readonly stopping: AbortController;
  /** What the API gave to the log as its own failure. */
  readonly errors: readonly Error[];
  /** What was told of providers that were frozen and unfrozen. */
  readonly events: readonly { readonly kind: string }[];
  /** Signals of all who have waited for a commit so far. */
  readonly waiters: readonly AbortSignal[];
  /** How often the loop was woken. */
  readonly woken: () => number;
  /** Resolves when somebody waits for the next commit. */
  waiting(): Promise<void>;
  apply(...accounts: readonly Partial<Account>[]): Promise<void>;
  /** Commits facts of one account, which stays due, and tells who waits. */
  commit(name: string, facts: readonly FactOfRotation[], more?: CommitOptions['more']): Promise<void>;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** As the journal knows it. */
  request(id: string): Promise<RequestState | undefined>;
}

export async function apiWorld(...accounts: readonly Partial<Account>[]): Promise<ApiWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'rk-'));
  const clock = new FakeClock();
  const path = join(folder, 'journal.db');
  const journal = await openSqliteJournal({ path, clock, holder: { host: 'test', pid: 1 } });
  const stopping = new AbortController();
  const changes = createChanges();
  const errors: Error[] = [];
  const calls: CalledApi[] = [];
  const events: { readonly kind: string }[] = [];
  const waiters: AbortSignal[] = [];
  let woken = 0;
  let waited = Promise.withResolvers<void>();
  const services: ApiServices = {
    clock,
    journal,
    random: seededRandom(),
    stopping: stopping.signal,
    suggest: suggestion,
    info: () => ({ installation: 'test', version: '1', pid: 1, host: 'test', running: true, startedAt: 0 }),
    providers: () => ['kronup', 'keycard'],
    freezing: createFreezing({
      journal,
      clock,
      telemetry: { event: (kind, body) => void events.push({ kind, ...body }) },
    }),
    wake: () => void (woken += 1),
    changed(signal) {
      waiters.push(signal);
      waited.resolve();
      return changes.changed(signal);
    },
    reload: async () => [],
    doDue: async ({ until }) => dueReport(journal, { since: clock.now(), now: until }),
    called: (call) => void calls.push(call),
    received() {},
  };
  const api = createApi(services, { onError: (error) => void errors.push(error) });
  const world: ApiWorld = {
    folder,
    api,
    services,
    calls,
    journal,
    clock,
    stopping,
    errors,
    events,
    waiters,
    woken: () => woken,
    async waiting() {
      await waited.promise;
      waited = Promise.withResolvers();
    },
    async apply(...given) {
      const configured = given.map((changes) => {
        const policy = account({ accountIds: [`id-of-${changes.name ?? 'billing'}`], ...changes });
        return { policy, hash: JSON.stringify(policy) };
      });
      await journal.apply(
        [{ path: 'rekeyd.yaml', hash: String(clock.now()), accounts: [configured] }],
        clock.now(),
      );
    },
    async commit(only, facts, more) {
      const now = clock.now();
      await commitFacts(journal, now, facts, { only, more: { dueAt: now, dueWhy: 'test', ...more } });
      changes.notify();
    },
    get: async (url) => answerOf(await api.inject({ method: 'GET', url })),
    post: async (url, body, headers = {}) =>
      answerOf(await api.inject({ method: 'POST', url, headers, payload: body as object })),
    request: (id) => journal.requestState(id),
    async [Symbol.asyncDispose]() {
      await api.close();
      await journal[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await world.apply(...accounts);
  return world;
}

function answerOf(answer: { readonly statusCode: number; json(): AnswerBody }): Answer {
  return { status: answer.statusCode, body: answer.json() };
}
