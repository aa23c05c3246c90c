/** What is mounted where, from Linux's own table (proc(5), `/proc/PID/mountinfo`). Elsewhere there is none. */
import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { realPath } from './real-path.ts';

const TABLE = '/proc/self/mountinfo';

/** File systems that container runtimes put at `/`, and throw away with the container. */
const LAYERED = ['overlay', 'fuse.fuse-overlayfs', 'aufs'];

export interface Mount {
  readonly point: string;
  readonly type: string;
}

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

export function parseMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    const point = before?.split(' ')[4];
    const type = after?.split(' ')[0];
    if (point !== undefined && type !== undefined) mounts.push({ point: unescape(point), type });
  }
  return mounts;
}

/** The mount that a path is on: the longest that it is below, and the later one of two at the same place. */
function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const below = mount.point === sep || path === mount.point || path.startsWith(mount.point + sep);
    if (below && (best === undefined || mount.point.length >= best.point.length)) best = mount;
  }
  return best;
}

/** Spaces, tabs, line breaks and backslashes are written as three octal digits. */
function unescape(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

async function table(): Promise<string> {
  try {
    return await readFile(TABLE, 'utf8');
  } catch {
    return '';
  }
}
