/** Reads a journal that no daemon holds, with the daemon's own routes: for commands that only look. */
import { stat } from 'node:fs/promises';
import { suggestion } from '../config/words.ts';
import { ApiError } from '../http/api-error.ts';
import { createApi } from '../http/api.ts';
import { localClient } from '../http/client.ts';
import type { ApiClient } from '../http/client.ts';
import { openSqliteJournal } from '../journal/sqlite/open.ts';
import type { Host } from '../ports/host.ts';
import type { Journal } from '../ports/journal.ts';
import { VERSION } from './version.ts';

/** `undefined` where there is no journal yet: none is made. Rejects with `JournalError` where somebody holds it. */
export async function openReading(host: Host, journalPath: string): Promise<ApiClient | undefined> {
  const size = await stat(journalPath).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return undefined;
  const { clock, hostname, pid } = host;
  const journal = await openSqliteJournal({ path: journalPath, clock, holder: { host: hostname, pid } });
  const client = localClient(createApi(readingServices(host, journal), { onError: rethrow }));
  return {
    call: (call) => client.call(call),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await journal[Symbol.asyncDispose]();
    },
  };
}

function readingServices(host: Host, journal: Journal): Parameters<typeof createApi>[0] {
  const { clock, random, hostname, pid } = host;
  const startedAt = clock.now();
  const nobody = () => Promise.reject(new ApiError(503, 'no daemon runs that could do this'));
  return {
    clock,
    random,
    journal,
    info: () => ({ installation: '', version: VERSION, pid, host: hostname, running: false, startedAt }),
    stopping: new AbortController().signal,
    providers: () => [],
    freezing: { freeze: nobody, unfreeze: nobody },
    wake: () => undefined,
    changed: () => Promise.resolve(),
    reload: nobody,
    doDue: nobody,
    called: () => undefined,
    received: () => undefined,
    suggest: suggestion,
  };
}

function rethrow(error: Error): never {
  throw error;
}
