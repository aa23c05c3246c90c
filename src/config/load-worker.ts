/**
 * The worker thread of `load.ts`: reads a configuration, answers what came of it, and hands out the accounts batch by
 * batch as they are asked for.
 */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { unpack } from './batches.ts';
import type { Answer, Applied, Ask, LoadedFile, Task } from './load-protocol.ts';
import { beginReading, type ReadFile } from './read-config.ts';

const port = parentPort;
if (port === null) throw new Error('load-worker.ts runs in a worker thread only');

const begun = beginReading(workerData as Task);
answer({ kind: 'begun', ...(begun.settings && { settings: begun.settings }) });
const [{ appliedFiles, found }] = (await once(port, 'message')) as [Applied];
const read = begun.finish(appliedFiles, found);
const files: readonly ReadFile[] = read.ok ? read.config.files : [];

port.on('message', ({ file, batch }: Ask) => {
  const packed = files[file]?.batches?.[batch];
  answer({ kind: 'batch', ...(packed !== undefined && { accounts: unpack(packed) }) });
});
if (read.ok) answer({ kind: 'good', config: { ...read.config, files: files.map(withoutBatches) } });
else answer({ kind: 'bad', bad: read.bad });

function withoutBatches({ path, hash, batches }: ReadFile): LoadedFile {
  return { path, hash, changed: batches !== undefined };
}

function answer(message: Answer): void {
  port?.postMessage(message);
}
