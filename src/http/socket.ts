/** The API on a unix socket. Its mode is the guard: who may open it may use it. */
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import type { Api } from './api.ts';

export interface Listening extends AsyncDisposable {
  readonly path: string;
}

/**
 * Listens. To be called under the journal's lock: what a killed process left behind is removed, but only after nobody answered
 * there. Rejects with words for a person.
 */
export async function listenOnSocket(
  api: Api,
  options: { readonly path: string; readonly mode: number },
): Promise<Listening> {
  const { path, mode } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await removeStale(path);
  try {
    await api.listen({ path });
    await chmod(path, mode);
  } catch (error) {
    await api.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot listen on the socket ${path} (${why}); change socket.path`, { cause: error });
  }
  return { path, [Symbol.asyncDispose]: () => api.close() };
}

async function removeStale(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isSocket()) throw new Error(`${path} exists and is no socket; remove it, or change socket.path`);
  if (await answers(path))
    throw new Error(`another process answers on the socket ${path}; stop it, or change socket.path`);
  await rm(path, { force: true });
}

/** False only where the connection was refused: nobody listens there. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
