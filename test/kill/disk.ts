/** Disks of a world's own, which can be full, read-only or gone. They need root, and a system that lets it mount. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** More than a journal and its log take in a few rotations. */
const SIZE = '8m';
const FILLER = 'filler';
const BLOCK_BYTES = 4_096;

/** Whether disks can be made here. */
export async function canMount(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-mount-'));
  try {
    await using _disk = await mountDisk(folder);
    return true;
  } catch {
    return false;
  } finally {
    await rmdir(folder);
  }
}

/** A small disk at this folder, gone when it is disposed of. */
export async function mountDisk(folder: string): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'tmpfs', folder]);
  return {
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', folder]);
    },
  };
}

/** Takes all the space that is left. */
export async function fill(folder: string): Promise<void> {
  await using file = await open(join(folder, FILLER), 'w', 0o600);
  const block = Buffer.alloc(BLOCK_BYTES);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** Gives it back. */
export async function empty(folder: string): Promise<void> {
  await rm(join(folder, FILLER), { force: true });
}

export async function remount(folder: string, how: 'ro' | 'rw'): Promise<void> {
  await run('mount', ['-o', `remount,${how}`, folder]);
}
