// Docker by its own command line, as a person uses it.

import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/** What a docker command prints. Rejects, with what it complained of, where it ends with another code than 0. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', args, { maxBuffer: OUTPUT_BYTES_MAX });
  return stdout.trim();
}

/** Paths of all that a new container of the image has, without a leading slash. */
export async function filesOf(image: string): Promise<readonly string[]> {
  const container = await docker('create', image);
  try {
    const pipe = 'docker export "$1" | tar -tf -';
    const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', pipe, 'list', container], {
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return stdout.trim().split('\n');
  } finally {
    await docker('rm', '--volumes', container);
  }
}

/** Resolves at the first line of a container's output that has these words; rejects where it ends without. */
export async function logged(container: string, words: string): Promise<void> {
  const logs = spawn('docker', ['logs', '--follow', container], { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  logs.stderr.on('data', (piece: Buffer) => complaints.push(piece.toString()));
  try {
    for await (const line of createInterface({ input: logs.stdout })) {
      if (line.includes(words)) return;
    }
  } finally {
    logs.kill();
  }
  throw new Error(`the container ended before it said "${words}": ${complaints.join('')}`);
}
