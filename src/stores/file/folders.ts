/**
 * Makes the folders on the way to a target's file: with the file's owner, and for those to search who may read the file. Each appears
 * with that or not at all: to one that is there already nobody gives anything, whoever made it and however far.
 */
import { chmod, chown, lstat, mkdir, rename, rmdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Attributes } from './attributes.ts';
import { errorCode } from './failures.ts';
import { alone } from './lock.ts';
import type { Paths } from './paths.ts';
import { syncFolder } from './replace.ts';

/** To `chown`: leave this one as it is. */
const UNCHANGED = -1;

/** Makes those that are missing. */
export async function makeFolders(paths: Paths, attributes: Attributes): Promise<void> {
  let parent = paths.existing;
  for (const name of paths.folder.slice(paths.existing.length).split(sep)) {
    if (name === '') continue;
    const folder = join(parent, name);
    const unfinished = join(parent, `.${name}.rekeyd-folder`);
    // Another target's write may make it, too.
    await alone(unfinished, async () => await makeFolder(folder, unfinished, attributes));
    parent = folder;
  }
}

async function makeFolder(folder: string, unfinished: string, attributes: Attributes): Promise<void> {
  if (await isFolder(folder)) return;
  await removeEmpty(unfinished);
  await mkdir(unfinished, { mode: 0o700 });
  try {
    await chown(unfinished, attributes.uid ?? UNCHANGED, attributes.gid ?? UNCHANGED);
    await chmod(unfinished, modeFor(attributes));
    await rename(unfinished, folder);
  } catch (error) {
    await removeEmpty(unfinished);
    // Another process was faster, and has put something there since.
    if (!(await isFolder(folder))) throw error;
  }
  await syncFolder(dirname(folder));
}

function modeFor({ mode }: Attributes): number {
  const search = (mode & 0o444) >> 2;
  return 0o700 | ((mode | search) & 0o055);
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return false;
  }
}
