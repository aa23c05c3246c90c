/** A folder of its own for a test, with files that nobody else may read or write. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateFiles extends AsyncDisposable {
  readonly folder: string;
  /** Writes a file, and gives its path. */
  put(name: string, text: string): Promise<string>;
}

export async function privateFiles(): Promise<PrivateFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-files-'));
  return {
    folder,
    async put(name, text) {
      const path = join(folder, name);
      await writeFile(path, text, { mode: 0o600 });
      return path;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
