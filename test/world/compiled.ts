/** The program as it ships: compiled into a folder of its own, so that one that is built anew meanwhile changes nothing. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CompiledProgram extends AsyncDisposable {
  /** To be run by Node. */
  readonly main: string;
}

const ROOT = join(import.meta.dirname, '../..');

/** Dispose of it at the end. Throws where the program does not compile. */
export async function compileProgram(): Promise<CompiledProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-compiled-'));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const options = ['--project', join(ROOT, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
  const { status } = spawnSync(process.execPath, [tsc, ...options], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('the program does not compile');
  await copyFile(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    main: join(folder, 'dist/main.js'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
