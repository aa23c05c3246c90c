/** Starts worker threads: the one place that knows where their code is, as source or compiled. */
import { extname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { WorkerOptions } from 'node:worker_threads';

export type { Worker } from 'node:worker_threads';

/**
 * Starts the file `name` (without extension) beside the module with this URL as a thread. Compiled files end in `.js`, and nobody
 * rewrites the name of a thread's file.
 *
 * From source, every thread strips types with a WebAssembly module of its own, and V8 13.6 (in Node 24 up to 24.21 at least) can end
 * the whole process when WebAssembly code of a thread that has ended is freed while another thread takes it from the cache that they
 * share (https://github.com/nodejs/node/issues/66366). So from the first such thread on this process frees none. Compiled, no thread but
 * the main one has any WebAssembly, and nothing is changed.
 */
export function startThread(name: string, moduleUrl: string, options: WorkerOptions = {}): Worker {
  const extension = extname(moduleUrl);
  if (extension === '.ts') setFlagsFromString('--no-wasm-code-gc');
  return new Worker(new URL(`./${name}${extension}`, moduleUrl), options);
}
