/**
 * The compiled program, with all that it imports, in few files: Node starts it in half the time that hundreds of small modules take.
 * The code is the same. Only for those who start it again and again.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import type { CompiledProgram } from './compiled.ts';

/**
 * Where each chunk goes: a module that starts a thread looks for the thread's file beside itself, and one that reads the package's own
 * description looks for it two folders above.
 */
const CHUNKS = 'chunks';
const THREADS = { worker: 'journal/sqlite/worker.js', 'load-worker': 'config/load-worker.js' };

/** A program that is being killed may still write into the folder. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5 };

/** Into a folder of its own. Dispose of it at the end. */
export async function bundleProgram({ main }: Pick<CompiledProgram, 'main'>): Promise<CompiledProgram> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-bundled-'));
  undo.defer(() => rm(folder, REMOVAL));
  const compiled = dirname(main);
  const threads = Object.entries(THREADS).map(([name, file]): [string, string] => [
    `${CHUNKS}/${name}`,
    join(compiled, file),
  ]);
  await using bundle = await rolldown({
    // Names in the files start here: the same program gives the same files wherever it was compiled.
    cwd: compiled,
    input: { main, ...Object.fromEntries(threads) },
    platform: 'node',
    logLevel: 'warn',
  });
  await bundle.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: `${CHUNKS}/[name]-[hash].js`,
  });
  await copyFile(join(dirname(compiled), 'package.json'), join(folder, 'package.json'));
  const all = undo.move();
  return {
    main: join(folder, 'dist/main.js'),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
