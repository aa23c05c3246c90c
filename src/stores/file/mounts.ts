/** What mounts mean for files with credentials. Where there is no table of mounts, nothing is known of them. */
import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { MOUNT_TABLE, mountOf, parseMounts } from '../../system/mounts.ts';
import { realPath } from './real-path.ts';

/** File systems that container runtimes put at `/`, and throw away with the container. */
const LAYERED = ['overlay', 'fuse.fuse-overlayfs', 'aufs'];

/** Whether something is mounted at this very path, such as a single file bound into a container. */
export async function isMountPoint(path: string): Promise<boolean> {
  return parseMounts(await table()).some((mount) => mount.point === path);
}

/**
 * What to warn of for a path where credentials shall be written: that it is in a container's own layer, which no
 * other container sees and which ends with it. `undefined` where there is nothing to say. `text` is the table of mounts.
 */
export async function volumeWarning(path: string, text?: string): Promise<string | undefined> {
  const mount = mountOf(parseMounts(text ?? (await table())), realPath(resolve(path)));
  if (mount?.point !== sep || !LAYERED.includes(mount.type)) return undefined;
  return (
    `${path} is not on a mounted volume but in the container’s own layer (${mount.type}): no other container sees it,` +
    ' and it is gone with this one; mount a volume there'
  );
}

async function table(): Promise<string> {
  try {
    return await readFile(MOUNT_TABLE, 'utf8');
  } catch {
    return '';
  }
}
