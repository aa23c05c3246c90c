/** Disks of a world's own, which can be full, read-only or gone. They need root, and a system that lets it mount. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, rm, rmdir, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** More than a journal and its log take in a few rotations. */
const SIZE = '8m';
const FILLER = 'filler';
const BLOCK_BYTES = 4_096;
const DEVICE_BYTES = 16 * 1_024 * 1_024;

/** Whether disks can be made here. */
export function canMount(): Promise<boolean> {
  return can(mountDisk);
}

/** Whether those can that have a device of their own. */
export function canMountDevice(): Promise<boolean> {
  return can(mountDevice);
}

async function can(mount: (folder: string) => Promise<AsyncDisposable>): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-mount-'));
  try {
    await using _disk = await mount(folder);
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

/**
 * A small disk with a device of its own, a file beside this folder: one that can fail under files that are open. Gone when it is
 * disposed of.
 */
export async function mountDevice(folder: string): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(deviceOf(folder), '', { mode: 0o600 });
    await truncate(deviceOf(folder), DEVICE_BYTES);
    await run('mkfs.ext4', ['-q', '-F', deviceOf(folder)]);
    await attach(folder);
    await chmod(folder, 0o700);
  } catch (error) {
    await rm(deviceOf(folder), { force: true });
    throw error;
  }
  return {
    async [Symbol.asyncDispose]() {
      try {
        await run('umount', ['-l', folder]);
      } finally {
        await rm(deviceOf(folder), { force: true });
      }
    },
  };
}

/** What a system does to a disk that fails: it is read-only from now on, also for whoever has a file open there for writing. */
export async function failDevice(folder: string): Promise<void> {
  await run('mount', ['-o', 'remount,abort', folder]);
}

/** Nobody may have a file open there any more. */
export async function mendDevice(folder: string): Promise<void> {
  await run('umount', [folder]);
  await attach(folder);
}

function deviceOf(folder: string): string {
  return `${folder}.device`;
}

async function attach(folder: string): Promise<void> {
  await run('mount', ['-o', 'loop,errors=remount-ro', deviceOf(folder), folder]);
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
