/** The API on a unix socket. Its mode is the guard: who may open it may use it. */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ListenError } from '../ports/listen-error.ts';
import type { Api } from './api.ts';
import { knock } from './knock.ts';

export interface Listening extends AsyncDisposable {
  readonly path: string;
}

/** The system's limit for the path of a unix socket; beyond it, it says no more than EINVAL. */
const PATH_BYTES_MAX = 107;

/**
 * Listens. To be called under the journal's lock: what a killed process left behind is replaced, but only after nobody answered
 * there. The socket is made in a folder that only its owner can enter, and moved to its place with its mode on: at no time may
 * anybody connect whom the mode keeps out. Rejects with words for a person.
 */
export async function listenOnSocket(
  api: Api,
  options: { readonly path: string; readonly mode: number },
): Promise<Listening> {
  const { path, mode } = options;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await refuseTaken(path);
    await appear(api, path, mode);
  } catch (error) {
    await api.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new ListenError(
      `cannot listen on the socket ${path}: ${why}. Put that right, or change socket.path`,
      {
        cause: error,
      },
    );
  }
  const made = await lstat(path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await api.close();
      const there = await lstat(path).catch(() => undefined);
      if (there?.ino === made.ino) await rm(path, { force: true });
    },
  };
}

async function appear(api: Api, path: string, mode: number): Promise<void> {
  const folder = roomFor(path);
  const first = join(folder, 's');
  const longest = Math.max(Buffer.byteLength(first), Buffer.byteLength(path));
  if (longest > PATH_BYTES_MAX) {
    throw new Error(
      `its path is ${longest - PATH_BYTES_MAX} bytes too long: the system allows ${PATH_BYTES_MAX}`,
    );
  }
  // A start that was killed here may have left it.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  try {
    await api.listen({ path: first });
    await chmod(first, mode);
    await rename(first, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The folder that the socket is made in: always the same one, so that none is left for good, and with the shortest name there can be,
 * so that what is made in it has no longer a path than `rekeyd.sock` beside it.
 */
function roomFor(path: string): string {
  const name = createHash('sha256').update(basename(path)).digest('hex').slice(0, 6);
  return join(dirname(path), `.${name}`);
}

async function refuseTaken(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isSocket()) throw new Error('something that is no socket is there already');
  const answer = await knock(path);
  if (answer === 'answered') throw new Error('another process answers there');
  if (answer !== 'ECONNREFUSED' && answer !== 'ENOENT') {
    throw new Error(`a socket is there already, and whether anybody answers cannot be found out (${answer})`);
  }
}
