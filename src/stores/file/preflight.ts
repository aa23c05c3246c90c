/** Whether a file could be replaced now: by doing all of it to a dummy beside it, and never anything to the file. */
import { access, constants, open, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { Attributes } from './attributes.ts';
import { errorCode } from './failures.ts';
import { isMountPoint } from './mounts.ts';
import type { Paths } from './paths.ts';
import { ownPowers } from './powers.ts';
import { createFresh, fill, remove, syncFolder } from './replace.ts';

const STICKY = 0o1000n;

/** Why the file at the path could not be replaced although one beside it could be written; `undefined` if it could. */
export async function replaceProblem(
  paths: Paths,
  current: BigIntStats | undefined,
): Promise<string | undefined> {
  if (current !== undefined && (await isMountPoint(paths.path))) {
    return 'it is itself a mount point, which cannot be replaced; mount the folder that it is in, not the single file';
  }
  if (current !== undefined && (await isImmutable(paths.path))) {
    return 'it is immutable; see lsattr, and chattr -i';
  }
  const folder = await stat(paths.folder, { bigint: true });
  if ((folder.mode & STICKY) === 0n) return undefined;
  const powers = await ownPowers();
  if (powers.overOthers || Number(folder.uid) === powers.uid) return undefined;
  return (
    `its folder is sticky (like /tmp) and belongs to user ${folder.uid}: there others can put files into the way that` +
    ` user ${powers.uid} cannot replace; use a folder that belongs to the daemon’s user`
  );
}

/** Writes a dummy of this size as the file would be written, opens it to be read, and removes it. Gives who wrote it, and where. */
export async function writeDummy(
  paths: Paths,
  attributes: Attributes,
  size: number,
  signal: AbortSignal,
): Promise<Result<string>> {
  await using handle = await createFresh(paths.probe);
  try {
    const made = await handle.stat();
    const filled = await fill(handle, { path: paths.path, bytes: new Uint8Array(size), attributes, signal });
    if (!filled.ok) return filled;
    // As it is going to be read back: whoever may give files away need not be able to read them then.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    await (await open(paths.probe, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)).close();
    return succeeded(`${made.uid}:${made.gid}@${made.dev}`);
  } finally {
    await remove(paths.probe);
    await syncFolder(paths.folder);
  }
}

export function refused(paths: Paths, problem: string): ReturnType<typeof failed> {
  return failed('target-refused', `cannot write ${paths.path}: ${problem}`);
}

/** Linux answers EPERM for an immutable file even to those whom its mode would let write; its mode, EACCES. */
async function isImmutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return false;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
