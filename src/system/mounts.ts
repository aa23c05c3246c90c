/** What is mounted where, from Linux's own table (proc_pid_mountinfo(5)). Pure: who asks brings the text. */
import { sep } from 'node:path';

/** Where Linux keeps the table of the process that reads it. Other systems have none. */
export const MOUNT_TABLE = '/proc/self/mountinfo';

export interface Mount {
  readonly point: string;
  /** Of the file system, such as `ext4`. */
  readonly type: string;
  /** Nobody can write by this mount, or to its whole file system. */
  readonly readOnly: boolean;
}

/** In the table's order: of two at the same place, the later one lies over the other. */
export function parseMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    // "36 35 98:0 /root /mount/point rw,noatime master:1 - ext4 /dev/root rw"
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , point, ownOptions = ''] = before.split(' ');
    const [type, , wholeOptions = ''] = after.split(' ');
    if (point === undefined || type === undefined || type === '') continue;
    const readOnly = [ownOptions, wholeOptions].some((options) => options.split(',').includes('ro'));
    mounts.push({ point: unescape(point), type, readOnly });
  }
  return mounts;
}

/** The mount that a path without links is on. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
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
