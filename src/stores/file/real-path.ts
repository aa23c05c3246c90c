/** A path without symbolic links, also where it does not exist yet. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `path`, which is absolute, with every link on it followed, as far as it exists. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
}
