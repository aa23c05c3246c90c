import { execFile, spawn } from 'node:child_process';
import type { StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDestination } from '../../src/telemetry/destination.ts';

const execute = promisify(execFile);
const LINES = 50_000;
const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

const IMPORTS = `import { openDestination } from ${JSON.stringify(new URL('../../src/telemetry/destination.ts', import.meta.url).href)};`;

/** Opens it on standard output. */
const OPEN = `${IMPORTS}
  import { systemClock } from ${JSON.stringify(new URL('../../src/system/clock.ts', import.meta.url).href)};
  const clock = systemClock();
  const destination = openDestination(1, clock);
`;

/** Writes lines into a pipe, tells on standard error that it went on, and ends as a process does that has nothing left. */
const WRITER = `${OPEN}
  for (let line = 0; line < ${LINES}; line += 1) destination.write('line ' + String(line).padStart(94, '0') + '\\n');
  setImmediate(() => process.stderr.end('went on'));
`;

/** Writes a line, waits until that has failed, writes another one and closes. */
const TO_A_FULL_DISK = `${IMPORTS}
  const failed = Promise.withResolvers();
  const destination = openDestination(1, { sleep: () => new Promise(failed.resolve) });
  destination.write('first\\n');
  await failed.promise;
  destination.write('second\\n');
  destination[Symbol.dispose]();
  process.stderr.end('went on');
`;

function run(given: readonly string[], stdio: StdioOptions) {
  return spawn(process.execPath, given, { stdio, timeout: 15_000, killSignal: 'SIGKILL' });
}

async function saidOn(stream: Readable | null): Promise<string> {
  return stream === null ? '' : await text(stream);
}

describe('a destination', () => {
  it('does not wait for a reader that stalls, and loses nothing at exit', async () => {
    const child = run(['--input-type=module', '--eval', WRITER], ['ignore', 'pipe', 'pipe']);
    const exited = once(child, 'exit');
    expect(await saidOn(child.stderr)).toBe('went on');
    const lines = (await saidOn(child.stdout)).trimEnd().split('\n');
    expect(lines).toHaveLength(LINES);
    expect(lines.at(-1)).toContain(String(LINES - 1));
    expect(await exited).toEqual([0, null]);
  });

  it('tries again soon where a reader is only slow, and more rarely the longer it stalls', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rekeyd-pipe-'));
    const path = join(folder, 'pipe');
    await execute('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const pipe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    onTestFinished(async () => {
      closeSync(reader);
      closeSync(pipe);
      await rm(folder, { recursive: true });
    });
    const { promise: stalled, resolve } = Promise.withResolvers();
    const slept: number[] = [];
    const sleep = async (ms: number) => {
      if (slept.push(ms) === 8) await new Promise(() => resolve(undefined));
    };
    openDestination(pipe, { sleep }).write('x'.repeat(1_000_000));
    await stalled;
    expect(slept).toEqual([10, 20, 40, 80, 160, 320, 500, 500]);
  });

  it('loses lines where the disk is full, and stops nothing', async () => {
    const child = run(
      ['--input-type=module', '--eval', TO_A_FULL_DISK],
      ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    );
    const exited = once(child, 'exit');
    expect(await saidOn(child.stderr)).toBe('went on');
    expect(await exited).toEqual([0, null]);
  });

  it('counts an answer that was lost on a full disk as a failure, and no bug', async () => {
    const child = run([MAIN, 'schema'], ['ignore', openSync('/dev/full', 'w'), 'pipe']);
    const exited = once(child, 'exit');
    expect(await saidOn(child.stderr)).toMatch(/^rekeyd: the answer cannot be written: ENOSPC/);
    expect(await exited).toEqual([1, null]);
  });

  it('ends with its own code where nobody can be told why', async () => {
    const full = openSync('/dev/full', 'w');
    const child = run([MAIN, 'check', '--config', '/nowhere.yaml'], ['ignore', 'ignore', full]);
    expect(await once(child, 'exit')).toEqual([2, null]);
    const other = run([MAIN, 'no-command'], ['ignore', 'ignore', full]);
    expect(await once(other, 'exit')).toEqual([2, null]);
  });
});
