/** Makes a place for the journal's file, and gives clear errors for places where a database does badly. */
import { mkdir, open, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { JournalError } from '../../ports/journal.ts';
import { trustProblem } from '../../system/file-guard.ts';
import type { FileRights } from '../../system/file-guard.ts';
import { MOUNT_TABLE, mountOf, parseMounts } from '../../system/mounts.ts';
import { unavailable } from './errors.ts';
import { networkFileSystem } from './network.ts';

const FOLDER_OWNER_ONLY = 0o700;
const FILE_OWNER_ONLY = 0o600;

/** What is known of a folder's file system. */
export interface FileSystem {
  /** As `statfs` says it. */
  readonly type: number;
  /** As the mount says it, where that can be known. */
  readonly mountType?: string;
}

/** What SQLite keeps beside its file, and believes when it opens it. */
const COMPANIONS = ['-wal', '-journal', '-shm'];

/**
 * Creates folder and file where they are missing, for their owner alone. Answers the file's path without links; throws
 * `JournalError` where it cannot be there, or where others may write it.
 */
export async function preparePlace(path: string, look: typeof fileSystemOf = fileSystemOf): Promise<string> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_OWNER_ONLY });
    refuseNetwork(path, await look(folder));
    if (await isFolder(path)) {
      throw unavailable(path, 'it is a folder. The journal is one file: name a file in it');
    }
    {
      await using file = await open(path, 'a', FILE_OWNER_ONLY);
      refuseUntrusted(path, await file.stat());
    }
    const real = await realpath(path);
    for (const companion of COMPANIONS) await refuseUntrustedIfThere(`${real}${companion}`);
    // The file may be a link to somewhere else than where the link lies.
    if (dirname(real) !== (await realpath(folder))) refuseNetwork(path, await look(dirname(real)));
    return real;
  } catch (error) {
    throw error instanceof JournalError ? error : placeError(path, error as NodeJS.ErrnoException);
  }
}

/** Whoever writes a journal decides what is rotated, and what never is. */
function refuseUntrusted(path: string, rights: FileRights): void {
  const problem = trustProblem(path, rights, { volumeGroup: true });
  if (problem === undefined) return;
  throw new JournalError(
    'not-trusted',
    `The journal ${path} is not opened: ${problem}. Where its owner is the user that the daemon runs as, run this as that ` +
      'user. If somebody may have changed it, move it away: no credential is kept in it.',
  );
}

async function refuseUntrustedIfThere(path: string): Promise<void> {
  const rights = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (rights !== undefined) refuseUntrusted(path, rights);
}

function refuseNetwork(path: string, { type, mountType }: FileSystem): void {
  const name = networkFileSystem(type, mountType);
  if (name === undefined) return;
  throw new JournalError(
    'network-file-system',
    `The journal ${path} would lie on a network file system (${name}), on which locks and fsync cannot be relied upon: ` +
      'two processes could rotate the same account. Keep it on a local disk, on a block volume that one machine mounts ' +
      '(in Kubernetes a ReadWriteOncePod volume), or in an empty folder of the pod: a journal that is lost loses no ' +
      'credential.',
  );
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** The file system that a folder lies on. */
export async function fileSystemOf(folder: string): Promise<FileSystem> {
  const { type } = await statfs(folder);
  try {
    const mount = mountOf(parseMounts(await readFile(MOUNT_TABLE, 'utf8')), await realpath(folder));
    return mount === undefined ? { type } : { type, mountType: mount.type };
  } catch {
    // Only Linux has it.
    return { type };
  }
}

/** The journal's error for one of the file system's. */
export function placeError(path: string, error: NodeJS.ErrnoException): JournalError {
  switch (error.code ?? '') {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new JournalError(
        'read-only',
        `The journal ${path} cannot be written: ${error.message}. Give this user write access to its folder, mount the ` +
          'volume writable, or choose another path.',
        { cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new JournalError(
        'full',
        `There is no space for the journal ${path}: ${error.message}. Free some or choose another volume.`,
        { cause: error },
      );
    default:
      return unavailable(path, error.message);
  }
}
