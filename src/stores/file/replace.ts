/**
 * Makes a file hold new bytes, whole or not at all: a temporary file beside it takes its place once it is safe on
 * disk. Leaves no temporary file behind unless the process dies; the next write removes that one.
 */
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { lstat, open, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { applyAttributes } from './attributes.ts';
import type { Attributes } from './attributes.ts';
import { errorCode } from './failures.ts';

export interface NewFile {
  readonly temporary: string;
  readonly path: string;
  readonly folder: string;
  readonly bytes: Uint8Array;
  readonly attributes: Attributes;
  readonly signal: AbortSignal;
  /** Asked last thing before the new file takes the old one's place; `false` leaves everything as it was. */
  readonly mayReplace: () => Promise<Result<boolean>>;
}

/** The state of the new file, or `undefined` where it might not replace the old one. */
export async function replaceFile(file: NewFile): Promise<Result<BigIntStats | undefined>> {
  const { temporary, path, signal } = file;
  await using handle = await createFresh(temporary);
  let replaced = false;
  try {
    const filled = await fill(handle, file);
    if (!filled.ok) return filled;
    const allowed = await file.mayReplace();
    if (!allowed.ok) return allowed;
    if (!allowed.value) return succeeded(undefined);
    signal.throwIfAborted();
    if (!(await isStill(temporary, handle))) {
      const why =
        'another process took its temporary file away; see whether a second daemon has the same target';
      return failed('store-unavailable', `cannot write ${path}: ${why}`);
    }
    await rename(temporary, path);
    replaced = true;
    const written = await handle.stat({ bigint: true });
    await syncFolder(file.folder);
    return succeeded(written);
  } finally {
    if (!replaced) await remove(temporary);
  }
}

/** Puts bytes and attributes into a file that was just made, and both onto the disk. */
export async function fill(
  handle: FileHandle,
  file: Pick<NewFile, 'attributes' | 'bytes' | 'path' | 'signal'>,
): Promise<Result<void>> {
  const applied = await applyAttributes(handle, file.path, file.attributes);
  if (!applied.ok) return applied;
  file.signal.throwIfAborted();
  await handle.writeFile(file.bytes);
  await handle.sync();
  file.signal.throwIfAborted();
  return succeeded(undefined);
}

/** A new, empty file that only this user may read. What an earlier process left there is removed. */
export async function createFresh(path: string): Promise<FileHandle> {
  await remove(path);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  return await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
}

/** Removes a file of ours where there is one. */
export async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Makes the names in a folder safe on disk. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot sync a folder, and need not.
    if (errorCode(error) !== 'EINVAL') throw error;
  }
}

async function isStill(path: string, handle: FileHandle): Promise<boolean> {
  const ours = await handle.stat({ bigint: true });
  try {
    const there = await lstat(path, { bigint: true });
    return there.ino === ours.ino && there.dev === ours.dev;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
